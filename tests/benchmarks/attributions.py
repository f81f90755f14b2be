"""Attribution methods compared on GoogLeNet and a photograph of a dog and a cat, and times of the image explorer.

    python tests/benchmarks/attributions.py [--methods] [--times]
    python tests/benchmarks/attributions.py --grids docs/images/explain-layers.webp

The folder of networks (see docs/guide/own-model.md) must have `inception_v1_bvlc.pb`, `dog_cat.jpg` and
`imagenet_synset_words.txt`. The first table is the one in docs/guide/explain.md. The second has the seconds until
`ImageExplorer` shows its first view and another layer, and until an activation grid is made, and the milliseconds from
a move of the pointer over the image until the page shows the channels there. `--grids` makes the image of that page
with the activation grids of five layers, as the explorer shows them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from lucid_widgets import ImageExplorer, attribution
from lucid_widgets.attribution.activation_grid import picture_of
from lucid_widgets.attribution.grid_cells import GridCells
from lucid_widgets.modelzoo.vision_models import InceptionV1
from lucid_widgets.widgets._explorer.explorer import CELL as CELL_SIZE
from lucid_widgets.widgets._explorer.explorer import MOST_POSITIONS
from lucid_widgets.widgets._explorer.packing import blocks

sys.path.insert(0, str(Path(__file__).parents[1]))
from browser.lab import Notebook, serve
from needs import chromium, models_folder

LAYERS = ("mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c", "mixed4d", "mixed4e", "mixed5a", "mixed5b")
GRIDS = ("mixed3a", "mixed3b", "mixed4a", "mixed4d", "mixed5a")
METHODS: dict[str, dict[str, Any]] = {
    "integrated gradients": {},
    "gradient x activation": {"method": "gradient_x_activation"},
    "the same, smooth max pools": {"method": "gradient_x_activation", "smooth_max_pool": True},
    "Grad-CAM": {"method": "grad_cam"},
}
TARGET = ("golden retriever", "tiger cat")
# Top, bottom, left and right edges, as fractions of the image.
DOG, CAT = (0.14, 0.90, 0.10, 0.62), (0.42, 0.90, 0.63, 0.90)


# Moves the pointer over the image, and returns the milliseconds until the page has reacted and has a new layout.
HOVER = """(moves) => {
  const panel = document.querySelector("[data-lucidw=panel]");
  const box = panel.getBoundingClientRect();
  return Array.from({ length: moves }, (_, index) => {
    const [across, down] = [(0.37 * index) % 1, (0.61 * index) % 1];
    const place = { clientX: box.x + box.width * across, clientY: box.y + box.height * down };
    const began = performance.now();
    panel.dispatchEvent(new PointerEvent("pointermove", place));
    panel.getBoundingClientRect();
    return performance.now() - began;
  });
}"""
CELL = """from lucid_widgets import ImageExplorer, models
ImageExplorer(models.InceptionV1(path={model!r}), {image!r}, "mixed4d")"""


def inside(values: np.ndarray, box: tuple[float, float, float, float]) -> float:
    """Share of the mass of non-negative values `[rows, columns]` in a box."""
    rows, columns = ((np.arange(size) + 0.5) / size for size in values.shape)
    mask = np.outer((rows > box[0]) & (rows < box[1]), (columns > box[2]) & (columns < box[3]))
    return float((values * mask).sum() / max(values.sum(), 1e-12))


def compare(model: Any, image: np.ndarray) -> None:
    """Print the table of methods and layers."""
    print("| layer | method | on the dog | on the cat | completeness error | deletion | insertion |")
    print("|---|---|---|---|---|---|---|")
    for layer in LAYERS:
        for name, options in METHODS.items():
            both = attribution.spatial_attribution(model, image, layer, TARGET, **options)
            dog, cat = inside(np.maximum(both.values, 0), DOG), inside(np.maximum(-both.values, 0), CAT)
            one = attribution.spatial_attribution(model, image, layer, TARGET[0], **options)
            curves = attribution.faithfulness(model, image, one)
            on_cat = "" if name == "Grad-CAM" else f"{cat:.2f}"  # it has no negative values
            areas = f"{curves.deletion_area:.2f} | {curves.insertion_area:.2f}"
            print(f"| `{layer}` | {name} | {dog:.2f} | {on_cat} | {100 * both.error:.1f} % | {areas} |", flush=True)
        control = f"{curves.random_deletion_area:.2f} | {curves.random_insertion_area:.2f}"
        print(f"| `{layer}` | random order | | | | {control} |", flush=True)


def measure(model: Any, image: np.ndarray) -> None:
    """Print the table of times."""
    print("| what | seconds |\n|---|---|")
    began = time.perf_counter()
    explorer = ImageExplorer(model, image, "mixed4c", cache=False)
    explorer._analysis.runner.wait()
    print(f"| first view: activations and classes | {time.perf_counter() - began:.2f} |", flush=True)
    for visit in ("first", "second"):
        began = time.perf_counter()
        explorer.layer = "mixed4d"
        explorer._analysis.runner.wait()
        print(f"| change to another layer, {visit} visit | {time.perf_counter() - began:.2f} |", flush=True)
        explorer.layer = "mixed4c"
        explorer._analysis.runner.wait()
    explorer.close()
    began = time.perf_counter()
    grid = attribution.activation_grid(model, image, "mixed4d", cell_size=128, steps=32, verbose=False)
    rows, columns = grid.magnitudes.shape
    print(f"| activation grid, {rows} x {columns} at 128 px, 32 steps | {time.perf_counter() - began:.0f} |")


def hover(folder: Path, moves: int = 40) -> None:
    """Print how long the page takes to follow the pointer, in JupyterLab."""
    cell = CELL.format(model=str(folder / "inception_v1_bvlc.pb"), image=str(folder / "dog_cat.jpg"))
    with tempfile.TemporaryDirectory() as home, serve(Path(home)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        notebook = Notebook(browser.new_page(viewport={"width": 1500, "height": 1200}), address, Path(home), [cell])
        notebook.run(0)
        row = notebook.page.locator("[data-lucidw=strongest] [role=listitem]:not([hidden])").first
        row.wait_for(timeout=300_000)
        median, most = np.percentile(notebook.page.evaluate(HOVER, moves), (50, 95))
        print(f"| hovering, milliseconds: median, 95 % | {median:.0f}, {most:.0f} |", flush=True)
        browser.close()


def draw_grids(model: Any, image: np.ndarray, steps: int = 32, side: int = 448, gap: int = 16) -> Image.Image:
    """The photograph and the activation grids of five layers, in two rows of three."""
    tiles = [Image.fromarray(image)]
    for layer in GRIDS:
        found, _ = blocks(attribution.activations(model, image, [layer])[layer], MOST_POSITIONS)
        cells = GridCells(model, layer, found, CELL_SIZE, 1.0, 0)
        while cells.step < steps:
            for _ in cells.advance(min(4, steps - cells.step)):
                pass
        lengths = np.linalg.norm(found, axis=-1)
        picture = picture_of(cells.images, (lengths / lengths.max()).astype(np.float32), "size")
        tiles.append(Image.fromarray(np.rint(255 * picture).astype(np.uint8)))
        print(layer, flush=True)
    sheet = Image.new("RGB", (3 * side + 2 * gap, 2 * side + gap), "white")
    for place, tile in enumerate(tiles):
        at = ((place % 3) * (side + gap), (place // 3) * (side + gap))
        sheet.paste(tile.resize((side, side), Image.Resampling.LANCZOS), at)
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--methods", action="store_true", help="only the table of methods")
    parser.add_argument("--times", action="store_true", help="only the times")
    parser.add_argument("--grids", metavar="FILE", type=Path, help="only make the image of five grids")
    only = parser.parse_args()
    folder = models_folder()
    model = InceptionV1(folder / "inception_v1_bvlc.pb")
    photograph = Image.open(folder / "dog_cat.jpg").convert("RGB").resize((224, 224), Image.Resampling.LANCZOS)
    image = np.asarray(photograph)
    if only.grids:
        draw_grids(model, image).save(only.grids, quality=82, method=6)
        return
    if not only.times:
        compare(model, image)
    if not only.methods:
        measure(model, image)
        hover(folder)


if __name__ == "__main__":
    main()
