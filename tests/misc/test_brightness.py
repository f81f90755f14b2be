"""Images whose floats are far above 1 are refused instead of saved as white."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export import save_animation
from lucid_widgets.export.frames_in import to_frames
from lucid_widgets.frames import Frame
from lucid_widgets.misc.io import fit_image, load, save, show
from lucid_widgets.misc.io.serialize_array import check_brightness
from lucid_widgets.widgets import SpritePlayer
from lucid_widgets.widgets._workbench.start_image import StartImage

BYTES = np.linspace(0, 255, 2 * 8 * 8 * 3).reshape(2, 8, 8, 3).astype(np.float32)


@pytest.mark.parametrize(
    "use",
    [
        lambda folder: save_animation(BYTES, folder / "x.gif"),
        lambda folder: SpritePlayer(BYTES),
        lambda folder: save(BYTES[0], folder / "x.png"),
        lambda folder: save(BYTES[0], folder / "x.jpg"),
        lambda folder: save(BYTES[0], folder / "x.webp"),
        lambda folder: show(BYTES[0]),
        lambda folder: fit_image(BYTES[0], 4),
        lambda folder: StartImage.of(BYTES[0]),
    ],
)
def test_values_in_0_to_255_are_refused(tmp_path: Path, use: Callable[[Path], Any]) -> None:
    with pytest.raises(ArgumentError, match=r"are above 1\.5 .*Divide values in 0 to 255 by 255"):
        use(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_few_bright_pixels_are_clipped() -> None:
    show(np.full((4, 5, 7), 9.0))  # activations of many channels get colors
    image = np.full((2, 2, 3), 0.5)
    image[0] = [3, 300, np.inf]
    assert to_frames(image[None])[0].tolist() == [[[255] * 3] * 2, [[128] * 3] * 2]


def test_a_domain_and_integers_say_what_the_values_are(tmp_path: Path) -> None:
    save(BYTES[0], tmp_path / "x.png", domain=(0, 255))
    assert np.abs(load(tmp_path / "x.png") * 255 - BYTES[0]).max() <= 0.5 + 1e-3
    check_brightness(BYTES[0].astype(np.uint8))
    check_brightness(np.zeros((0, 3)))


def test_frames_of_a_run_are_clipped() -> None:
    assert to_frames(Frame(1, 0.0, BYTES + 2, 0.0)).min() == 255
