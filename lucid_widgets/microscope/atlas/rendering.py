"""`render_atlas`: an activation atlas of a network and of images, into a store."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.fields import Box
from lucid_widgets.evidence.passes.plan import KEEP
from lucid_widgets.evidence.passes.plan import Plan as Pass
from lucid_widgets.evidence.passes.plan import make_plan as make_pass
from lucid_widgets.images.sources import digest
from lucid_widgets.microscope.atlas.grids import EXAMPLES, RIDGE, Cells, cells_of, whitening_of
from lucid_widgets.microscope.atlas.layout import checked_method, laid_out
from lucid_widgets.microscope.atlas.opened import Atlas
from lucid_widgets.microscope.atlas.samples import USUAL, places_key, samples_key, take_samples
from lucid_widgets.microscope.atlas.store import AtlasStore, grid_name
from lucid_widgets.microscope.plan import ImageSettings, Plan, image_settings, versions
from lucid_widgets.microscope.progress import Progress
from lucid_widgets.microscope.rendering import Rendering, checked_workers
from lucid_widgets.microscope.store import LAYERS, Store
from lucid_widgets.microscope.tasks import Variant
from lucid_widgets.misc.io.serialize_array import UInt8Array
from lucid_widgets.misc.keywords import suggest_keywords
from lucid_widgets.modelzoo.survey.class_layer import logit_layer
from lucid_widgets.modelzoo.vision_base import Layer
from lucid_widgets.modelzoo.vision_models import as_model
from lucid_widgets.optvis import objectives
from lucid_widgets.optvis.arguments import as_flag
from lucid_widgets.optvis.classification import class_name

CROP = 48
"""Width and height of the parts of real images that are kept, in pixels."""

MOST_CELLS = 200
"""Most cells along a side of a grid."""

MOST_POINTS = 64
"""Most points of a path."""

_MOST_PER_IMAGE = 64


@suggest_keywords
def render_atlas(
    model: Any,
    layer: str | Layer,
    images: Any,
    out: str | os.PathLike[str] = "my_atlas",
    *,
    grids: Sequence[int] | int = (10, 20),
    per_image: int | None = None,
    layout: Any = "umap",
    like: Atlas | str | os.PathLike[str] | None = None,
    whiten: bool = True,
    classes: bool = True,
    path: int = 4,
    fewest: int = 5,
    steps: int = 64,
    image_size: int | None = None,
    transforms: Any = None,
    seed: int = 0,
    batch: int | None = None,
    workers: int | None = None,
    client: Any = None,
    resources: Mapping[str, float] | None = None,
    verbose: bool = True,
    on_progress: Callable[[Progress], object] | None = None,
) -> Atlas:
    """Make an activation atlas of a layer from your own images, into a store that is read without TensorFlow.

    Activations at random positions of the images are laid out in the plane, so that similar ones are close together,
    and averaged within the cells of grids. Each cell gets an image that maximizes its mean activation, whitened, and
    the classes that it speaks for. The images are rendered by the same tasks as those of `render_model`: running again
    makes only what is missing or has changed.

    Args:
        model: Whatever `as_model` accepts: a `Model`, a Keras model, a path, or the name of a network of the zoo.
        layer: A layer with positions, or its name.
        images: Real images: what `ImageSet.of` accepts.
        out: Folder of the store, or a URL that fsspec knows. Default: "my_atlas".
        grids: Number of cells along each side of the map, for one or several grids: the coarse ones are shown first,
            the fine ones when the map is magnified. Default: 10 and 20.
        per_image: Number of positions for each image. Default: as many as make about 10,000 activations, at most 64.
        layout: "umap", "tsne", or positions in [0, 1], `[activations, 2]`. Default: "umap", which needs umap-learn;
            "tsne" needs scikit-learn.
        like: An atlas of the same images, `per_image` and `seed`, for another layer or network. The new layout is
            turned onto that one, so that the same image parts are at about the same places. Default: None.
        whiten: Whether to multiply the mean of a cell by the inverse of the mean products of channels, which removes
            what all cells have in common. Default: True.
        classes: Whether to compute which classes each cell speaks for. Default: True, if the network has a class layer.
        path: Number of points between zero and the activations of the layer at which the gradients of the classes are
            taken (integrated gradients). 1 takes the gradient at the activations only. Default: 4.
        fewest: Cells with fewer activations are left out. Default: 5.
        steps: Number of steps (updates of the optimizer) per image. Default: 64.
        image_size: Longer side of the images in pixels. Default: 64, or what the network asks for.
        transforms: Transforms that the images should be robust to, as for `render_model`. Default: those of
            `render_model`.
        seed: Seed of the positions, of the layout and of the images. Default: 0.
        batch: Number of images per task. Default: the fastest number.
        workers: Number of processes on this machine, as for `render_model`. Default: None, no further process.
        client: A `distributed.Client` of a Dask cluster, in place of `workers`. Default: None.
        resources: What a worker must have, as for `render_model`. Default: None.
        verbose: Whether a notebook or a terminal shows progress bars. Default: True.
        on_progress: Called after each task with a `Progress`. Default: None.

    Returns:
        The atlas, opened.

    Raises:
        ArgumentError: An argument is invalid, a library is missing, or the store belongs to something else.
        UnknownNameError: The model has no such layer, or there is no such method.
        ModelError: The layer cannot be rendered, or the classes cannot be attributed to it.

    Example:
        >>> found = render_atlas("EmojiNet", "mixed4a", models.emoji_images(), grids=8, layout="tsne")
        >>> show(found.picture())

    Source: Carter et al., "Activation Atlas", Distill 2019; and Lucid's `activation_atlas`.
    """
    visible = as_model(model)
    chosen = [grids] if isinstance(grids, (int, np.integer)) else list(grids)
    sizes = sorted({whole_number("grid", each, 1, MOST_CELLS) for each in chosen})
    if not sizes:
        raise ArgumentError("grids is empty.", "Expected at least one number of cells, such as 10.")
    least, number = whole_number("fewest", fewest, 1), whole_number("seed", seed, 0)
    whitens = as_flag("whiten", whiten)
    checked_workers(workers, client)
    method = checked_method(layout)
    settings = image_settings(visible, steps=steps, image_size=image_size, transforms=transforms, batch=batch)
    name = layer.name if isinstance(layer, Layer) else layer
    look = make_pass(
        visible, images, [name], reduction="max", neuron=None, image_size=None, keep=KEEP, batch=None, seed=number
    )
    count = _per_image(look) if per_image is None else whole_number("per_image", per_image, 1)
    points = whole_number("path", path, 1, MOST_POINTS)
    class_layer = logit_layer(visible) if as_flag("classes", classes) else None
    store = Store(out)
    arrays = AtlasStore(store.folder)
    _refuse_others(store, arrays, visible.name, name)
    onto = None if like is None else _same_places(like, places_key(look, count))
    if onto is not None and not isinstance(method, str):
        raise ArgumentError("Both layout and like have positions.", 'With like, pass layout="umap" or "tsne".')
    # Refuses what cannot be rendered, before the images are looked at.
    any_direction = objectives.direction_neuron(name, np.ones(look.layers[0].channels, np.float32))
    settings.layer(visible, visible.get_layer(name), any_direction, 1)

    key = samples_key(look, class_layer, count, points)
    if key is None or arrays.key("samples") != key:
        arrays.keep("samples", key, take_samples(look, class_layer, count, points, verbose=verbose).arrays())
    samples = arrays.arrays("samples")
    activations = samples["activations"]
    places, layout_key = _layout(arrays, key, activations, method, number, onto)
    whitening = whitening_of(activations) if whitens else None
    cells = {
        size: cells_of(
            places,
            activations,
            samples["attributions"],
            samples["images"],
            size,
            fewest=least,
            whitening=whitening,
        )
        for size in sizes
    }
    for size, found in cells.items():
        of_grid = digest(key, layout_key, size, least, whitens, EXAMPLES, RIDGE)
        if key is None or arrays.key(grid_name(size)) != of_grid:
            arrays.keep(grid_name(size), of_grid, found.arrays())
    _keep_examples(arrays, look, samples, cells)
    variant = Variant("neuron", seed=number)
    rendering = Rendering(
        _plan(settings, visible, name, cells, variant), store, workers=workers, client=client, resources=resources
    )
    arrays.describe(
        {
            "model": visible.name,
            "layer": name,
            "images": look.images.name,
            "grids": sizes,
            "labels": _labels(visible, class_layer, samples["attributions"].shape[1]),
            "class_layer": class_layer or "",
            "activations": len(activations),
            "per_image": count,
            "path": points,
            "layout": method if isinstance(method, str) else "given",
            "whiten": whitens,
            "fewest": least,
            "seed": number,
            "variant": variant.name,
            "places": places_key(look, count),
        }
    )
    rendering.run(verbose=verbose, on_progress=on_progress)
    return Atlas(store)


def _per_image(look: Pass) -> int:
    rows, columns = look.layers[0].field.grid
    return max(1, min(-(-USUAL // len(look.images)), rows * columns, _MOST_PER_IMAGE))


def _refuse_others(store: Store, arrays: AtlasStore, model: str, layer: str) -> None:
    about = arrays.about()
    url = store.folder.url
    if about is None and store.folder.read(f"{LAYERS}/zarr.json") is not None and arrays.key("samples") is None:
        raise ArgumentError(f"{url} holds images of render_model.", "Pass another out.")
    if about is not None and (about["model"], about["layer"]) != (model, layer):
        raise ArgumentError(
            f"{url} holds an atlas of {about['model']} {about['layer']}, not of {model} {layer}.", "Pass another out."
        )


def _same_places(like: Atlas | str | os.PathLike[str], wanted: str) -> npt.NDArray[Any]:
    other = like if isinstance(like, Atlas) else Atlas.open(like)
    if other.about["places"] != wanted:
        raise ArgumentError(
            f"The atlas in {other.path} is of other image parts.",
            f"Expected the same images, per_image={other.about['per_image']} and seed={other.about['seed']}.",
        )
    return other.layout


def _layout(
    arrays: AtlasStore,
    samples_key: str | None,
    activations: npt.NDArray[Any],
    method: str | npt.NDArray[Any],
    seed: int,
    onto: npt.NDArray[Any] | None,
) -> tuple[npt.NDArray[Any], str]:
    """Return the positions of all activations, and the key of the layout. Those of an earlier run are used again."""
    if isinstance(method, str):
        key = digest(samples_key, method, seed, onto)
        if samples_key is None or arrays.key("layout") != key:
            arrays.keep("layout", key, {"places": laid_out(activations, method, seed=seed, onto=onto)})
        return arrays.arrays("layout")["places"], key
    if len(method) != len(activations):
        raise ArgumentError(
            f"layout has {len(method)} positions for {len(activations)} activations.", "Expected one for each."
        )
    key = digest(samples_key, method)
    if arrays.key("layout") != key:
        arrays.keep("layout", key, {"places": method.astype(np.float32)})
    return arrays.arrays("layout")["places"], key


def _plan(settings: ImageSettings, model: Any, name: str, cells: Mapping[int, Cells], variant: Variant) -> Plan:
    layer = model.get_layer(name)
    layers = [
        settings.layer(
            model,
            layer,
            objectives.direction_neuron(name, each.directions[0]),
            len(each.counts),
            name=grid_name(size),
            labels=(),
            source=name,
            directions=each.directions,
        )
        for size, each in cells.items()
    ]
    order = tuple(each.name for each in layers)
    return Plan(model, tuple(layers), (variant,), settings.recipe, versions(), order)


def _keep_examples(
    arrays: AtlasStore, look: Pass, samples: Mapping[str, npt.NDArray[Any]], cells: Mapping[int, Cells]
) -> None:
    """Keep the image parts that cells name."""
    members = np.unique(np.concatenate([each.examples.ravel() for each in cells.values()]))
    members = members[members >= 0]
    of_images, positions = samples["images"][members], samples["positions"][members]
    field = look.layers[0].field
    key = digest(look.identity["images"], look.size, field.to_json(), members, of_images, positions, CROP)
    if arrays.key("examples") == key:
        return
    crops = np.zeros((len(members), CROP, CROP, 3), np.uint8)
    for index in np.unique(of_images):
        image = look.images.image(int(index), look.size)
        for place in np.flatnonzero(of_images == index):
            crops[place] = _crop(image, field.box(int(positions[place])))
    ids, labels = look.images.ids, look.images.labels
    about = {
        "ids": [ids[index] for index in of_images],
        "labels": [] if labels is None else [labels[index] for index in of_images],
    }
    arrays.keep("examples", key, {"crops": crops, "samples": members.astype(np.int32)}, **about)


def _crop(image: UInt8Array, box: Box) -> UInt8Array:
    """The part of an image that a position sees, enlarged to a square where the image allows it."""
    top, left, bottom, right = box
    side = min(max(bottom - top, right - left), *image.shape[:2])
    top = min(max((top + bottom - side) // 2, 0), image.shape[0] - side)
    left = min(max((left + right - side) // 2, 0), image.shape[1] - side)
    part = Image.fromarray(image[top : top + side, left : left + side])
    return np.asarray(part.resize((CROP, CROP), Image.Resampling.BICUBIC))


def _labels(model: Any, class_layer: str | None, count: int) -> list[str]:
    return [] if class_layer is None else [class_name(model, index) for index in range(count)]


__all__ = ["CROP", "render_atlas"]
