"""The cache of a FeatureGrid's images."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from widgets.feature_grid.grids import Make, network

from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.optvis import transform
from lucid_widgets.widgets._grid import grid_settings

pytestmark = pytest.mark.slow


def stored(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.png"))


class TestCache:
    def test_shows_cached_images_at_once(self, make: Make, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first, _ = make()
        first.run()
        first.wait()
        assert len(stored(cache_folder)) == 12
        monkeypatch.setattr(grid_settings.GridSettings, "objective", None)  # making images would fail
        # A second network with the same weights, as another notebook would have.
        second, page = make(model=from_keras(network()))
        second.run()
        assert second.wait() == "done"
        np.testing.assert_array_equal(second.images, first.images)
        np.testing.assert_array_equal(second.values, first.values)
        assert page.state["made"] == 12

    @pytest.mark.parametrize(
        "other",
        [
            {"seed": 1},
            {"steps": 3},
            {"kind": "neuron"},
            {"transforms": []},
            {"transforms": transform.standard_transforms},
            {"model": from_keras(network(seed=1))},
        ],
        ids=["seed", "steps", "kind", "no transforms", "transforms", "weights"],
    )
    def test_cache_tells_different_settings_apart(self, make: Make, cache_folder: Path, other: Any) -> None:
        first, _ = make(image_size=32, channels=[0])
        first.run()
        first.wait()
        second, _ = make(**{"image_size": 32, "channels": [0], **other})
        second.run()
        second.wait()
        assert len(stored(cache_folder)) == 2
        assert not np.array_equal(first.images, second.images)

    def test_cache_tells_trained_weights_apart(self, make: Make, cache_folder: Path) -> None:
        trained = network()
        first, _ = make(model=from_keras(trained), channels=[0])
        first.run()
        first.wait()
        trained.get_layer("late").set_weights([-each for each in trained.get_layer("late").get_weights()])
        second, _ = make(model=from_keras(trained), channels=[0])
        second.run()
        second.wait()
        assert not np.array_equal(first.images, second.images)

    def test_does_not_cache_with_user_transforms(self, make: Make, cache_folder: Path) -> None:
        grid, _ = make(transforms=[lambda images: images], channels=[0])
        grid.run()
        grid.wait()
        assert stored(cache_folder) == []

    def test_makes_damaged_cache_files_again(self, make: Make, cache_folder: Path) -> None:
        first, _ = make(channels=[0, 1, 2])
        first.run()
        first.wait()
        truncated, swapped, junk = stored(cache_folder)
        kept = [path.read_bytes() for path in (truncated, swapped, junk)]
        truncated.write_bytes(kept[0][:60])
        with Image.open(io.BytesIO(kept[1])) as image:
            image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).save(swapped)  # a valid image, but a different one
        junk.write_bytes(b"not a picture")
        second, _ = make(channels=[0, 1, 2])
        second.run()
        assert second.wait() == "done"
        np.testing.assert_array_equal(second.images, first.images)
        assert [path.read_bytes() for path in (truncated, swapped, junk)] == kept

    def test_processes_share_the_cache(self, make: Make, cache_folder: Path, warm_python: list[str]) -> None:
        """Other processes compute the same key, and never read a half-written file."""
        script = """
import sys
sys.path.insert(0, sys.argv[1])
from widgets.feature_grid.grids import SMALL, network
from lucid_widgets.modelzoo.vision_models import from_keras
from lucid_widgets.widgets._grid.cells import Cells
from lucid_widgets.widgets._grid.grid_settings import GridSettings
from lucid_widgets.misc.io.image_cache import ImageCache
from lucid_widgets.optvis.transform import as_transforms
cells = Cells(1, range(12), 8)
recipe = GridSettings(from_keras(network()), "late", "channel", 8, 2, 0, as_transforms(None), None)
frames = recipe.frames(cells, ImageCache())
print(cells.done, flush=True)
for frame in frames:
    pass
print(cells.done)
"""
        run = [*warm_python, "-c", script, str(Path(__file__).parents[2])]
        process = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "0\n"  # nothing is in the cache yet, and it begins to render
        other, _ = make()
        other.run()
        assert other.wait() == "done"
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        assert output.split()[-1] == "12"
        assert len(list(cache_folder.glob("*"))) == 1
        assert len(stored(cache_folder)) == len(list(cache_folder.glob("*/*"))) == 12
        grid, _ = make()
        grid._source.settings().frames(grid._live.cells, ImageCache())
        assert grid._live.cells.done == 12
