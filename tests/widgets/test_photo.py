"""Where the unit of a `LucidWidget` fires in an image of the user's: what is computed, and when."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pages import Page
from waiting import until
from widgets.conftest import pages
from widgets.image_explorer.small import explorer, network, parts, picture

from lucid_widgets import LucidWidget
from lucid_widgets.errors import ArgumentError, MissingFileError
from lucid_widgets.widgets._explorer.findings import Findings

__all__ = ["pages"]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The layers whose activations were computed."""
    layers: list[str] = []
    compute = Findings._activated

    def counted(self: Findings, layer: str) -> Any:
        layers.append(layer)
        return compute(self, layer)

    monkeypatch.setattr(Findings, "_activated", counted)
    return layers


def opened(**settings: Any) -> LucidWidget:
    return LucidWidget(network(), "parts:0", **{"image_size": 8, "steps": 1, "photo": picture(), **settings})


def shows(widget: LucidWidget, layer: str, channel: int) -> bool:
    return (widget._fires.get("layer"), widget._fires.get("channel")) == (layer, channel)


def test_follows_the_unit_and_the_image_while_they_are_shown(pages: list[Page], asked: list[str]) -> None:
    widget = opened()
    widget.channel = 1
    assert widget._fires == {}
    widget.show_photo = True
    until(lambda: shows(widget, "parts", 1))
    assert widget._fires["peak"] == [3, 3]
    assert widget.photo_peak == pytest.approx(0.5)
    assert widget._fires["share"] == pytest.approx((parts()[..., 1] > 0).mean())
    drawn = np.frombuffer(widget._fires_map[8:], "<i2").reshape(4, 4) / 32767
    np.testing.assert_allclose(drawn, parts()[..., 1] / parts()[..., 1].max(), atol=1e-4)
    # Another channel of the layer needs no pass.
    widget.channel = 0
    until(lambda: shows(widget, "parts", 0))
    assert widget.photo_peak == pytest.approx(1.0)
    assert asked == ["parts"]
    widget.photo = np.zeros((8, 8, 3), np.float32)
    until(lambda: widget.photo_peak == 0)
    widget.objective = "scores:1"
    until(lambda: shows(widget, "scores", 1))
    assert not widget._fires["places"]["spatial"]
    widget.objective = "parts:0 + parts:1"
    assert widget._fires == {"state": "no unit"}
    assert widget.photo_peak is None
    assert asked == ["parts", "parts", "scores"]
    # Folded, or on a page that nobody sees, it computes nothing.
    widget.show_photo = False
    widget.objective = "parts:2"
    page = next(page for page in pages if page.comm_id == widget.comm.comm_id)
    page.send(type="hello", client="page")
    page.send(type="hidden", client="page")
    widget.show_photo = True
    assert widget._fires == {"state": "no unit"}
    page.send(type="want", client="page", seen=0)
    until(lambda: shows(widget, "parts", 2))


def test_compares_with_the_image_of_the_run(pages: list[Page]) -> None:
    widget = opened(show_photo=True)
    until(lambda: shows(widget, "parts", 0))
    assert widget._fires_own == {}
    widget.run()
    widget.wait(verbose=False)
    until(lambda: widget._fires_own.get("step") == 1)
    assert widget._fires_own["value"] == pytest.approx(float(widget.image[..., 0].max()), rel=0.5)


def test_takes_what_an_explorer_takes_and_fits_another_network(pages: list[Page]) -> None:
    widget = opened(photo=None, show_photo=True)
    until(lambda: shows(widget, "parts", 0))
    assert widget._photo_name == "panda and fox"
    for image, error in (("no such file.png", MissingFileError), (picture()[:4], ArgumentError)):
        with pytest.raises(error):
            widget.photo = image
    sharp = widget.photo.source
    widget.model = "EmojiNet"
    until(lambda: widget._fires.get("layer") == widget.layer)
    # Made again from the sample, not enlarged from 8 pixels.
    assert widget.photo.shape == (96, 96, 3)
    assert widget.photo.source == sharp
    assert len(np.unique(np.asarray(widget.photo).reshape(-1, 3), axis=0)) > 500


def test_an_explorer_passes_its_image_on(pages: list[Page]) -> None:
    found = explorer()
    widget = found.open_unit(1, run=False)
    assert widget.photo == found.image
    found.image = picture()[::-1].copy()
    assert found.open_unit(2, run=False) is widget
    assert widget.photo == found.image
