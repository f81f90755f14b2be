"""Wrong inputs, and the whole message of each: what happened, what was expected, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from lucid_widgets import (
    FeatureGrid,
    LucidWidget,
    ObjectiveBuilder,
    SpritePlayer,
    State,
    export,
    models,
    objectives,
    param,
    transform,
)
from lucid_widgets.misc.io import load, save, show
from lucid_widgets.optvis.many import render_many
from lucid_widgets.optvis.render import iter_vis, render_vis

Case = tuple[Callable[[Any], Any], str]


def render(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda t: render_vis(t.model, *args, verbose=False, **options)


def steps(**options: Any) -> Callable[[Any], Any]:
    return lambda t: next(iter_vis(t.model, "conv1:0", **options))


def many(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda t: render_many(t.model, *args, verbose=False, **options)


def workbench(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda t: LucidWidget(t.model, *args, **options)


def grid(*args: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda t: FeatureGrid(t.model, *args, **options)


# For each wrong input, the whole message.
CASES: dict[str, Case] = {
    # render_vis and iter_vis.
    "no such layer": (render("conv11:0"), "tiny has no layer named 'conv11'. Did you mean 'conv1' or 'conv2'?"),
    "no such channel": (
        render("conv1:99"),
        "Channel 99 is out of range. Expected a whole number from 0 to 3 for layer 'conv1'.",
    ),
    "no such class": (
        render("pandas"),
        (
            "'pandas' alone is not an objective. Did you mean 'panda'? Expected 'layer:channel', "
            "such as 'conv2:0', or an expression such as channel(\"conv2\", 0)."
        ),
    ),
    "an objective as a pair": (render(("conv1", 0)), "('conv1', 0) is not an objective. Write it as text: 'conv1:0'."),
    "a list of objectives": (
        render(["conv1:0", "conv1:1"]),
        (
            "A list is not an objective. Add objectives, as in 'layer:1 + layer:2', or render one "
            "image for each with render_many."
        ),
    ),
    "no objective": (
        render(None),
        (
            "None is not an objective. Expected text such as 'layer:channel', an Objective, or a "
            "function of T that returns a scalar tensor."
        ),
    ),
    "a maker in place of its objective": (
        render(objectives.channel),
        "channel is a function that returns an objective. Expected the objective that channel(...) returns.",
    ),
    "a function without T": (
        render(lambda: 0.0),
        (
            "<lambda> cannot be called with one argument. Expected a function of T that returns a "
            "scalar tensor, such as lambda T: tf.reduce_mean(T('layer'))."
        ),
    ),
    "model and objective exchanged": (
        lambda t: render_vis("conv1:0", t.model),
        (
            "'conv1:0' is an objective, not a model. Pass the model first: LucidWidget(model, "
            '"conv1:0") or render_vis(model, "conv1:0").'
        ),
    ),
    "negative thresholds": (
        render("conv1:0", thresholds=(-1,)),
        "thresholds is -1. Expected a whole number from 0 up.",
    ),
    "thresholds as text": (
        render("conv1:0", thresholds="512"),
        "thresholds is '512'. Expected numbers of steps, such as (64, 512).",
    ),
    "no thresholds": (
        render("conv1:0", thresholds=()),
        "thresholds is empty. Expected at least one number of steps, such as (512,).",
    ),
    "an optimizer by name": (
        render("conv1:0", optimizer="adam"),
        ("'adam' is not an optimizer. Expected a Keras optimizer, such as keras.optimizers.Adam(0.05)."),
    ),
    "transforms by an unknown name": (
        render("conv1:0", transforms="standart"),
        "There are no transforms named 'standart'. Did you mean 'standard'?",
    ),
    "a maker of transforms": (
        render("conv1:0", transforms=[transform.jitter]),
        "transforms[0] is the function jitter. Expected what it returns, such as transform.jitter(8).",
    ),
    "param_f as a tensor": (
        lambda t: render_vis(t.model, "conv1:0", param.image(16)),
        "param_f is a tensor. Expected a function that returns the image tensor, such as lambda: param.image(128).",
    ),
    "param_f with an argument": (
        render("conv1:0", lambda n: n),
        (
            "param_f cannot be called with no arguments. Expected a function that returns the image "
            "tensor, such as lambda: param.image(128)."
        ),
    ),
    "param_f and image_size": (
        render("conv1:0", lambda: 0, image_size=16),
        "Both param_f and image_size were passed. Pass one of them: param_f sets the size itself.",
    ),
    "a size as text": (render("conv1:0", image_size="128"), "image_size is '128'. Expected a whole number from 1 up."),
    "a precision that is none": (
        render("conv1:0", precision="float16"),
        "precision is 'float16'. Expected 'float32', 'bfloat16' or None.",
    ),
    "a switch as text": (render("conv1:0", jit_compile="no"), "jit_compile is 'no'. Expected True or False."),
    "an unknown keyword": (
        render("conv1:0", treshold=(3,)),
        "render_vis() got an unexpected keyword argument 'treshold'. Did you mean 'thresholds'?",
    ),
    "a layer of print_objectives": (
        render("conv1:0", print_objectives=["conv9:0"]),
        "tiny has no layer named 'conv9'. Did you mean 'conv2' or 'conv1'?",
    ),
    "a seed as text": (steps(seed="a"), "seed is 'a'. Expected a whole number."),
    "noise_ids as text": (steps(noise_ids="01"), "noise_ids is '01'. Expected a list of whole numbers, one per image."),
    "a state by its path": (
        steps(state="run.npz"),
        "state is of type 'str'. Expected a State, such as State.load(path) returns.",
    ),
    "an unknown change": (
        steps(changes={4: {"objektive": "conv1:1"}}),
        "iter_vis has no change named 'objektive'. Did you mean 'objective'?",
    ),
    # render_many.
    "objectives as one text": (
        many("conv1:0"),
        "objectives is 'conv1:0'. Expected a list of objectives, such as ['layer:1', 'layer:2'].",
    ),
    "objectives as a number": (
        many(5),
        "objectives is 5. Expected a list of objectives, such as ['layer:1', 'layer:2'].",
    ),
    "no objectives": (many([]), "There are no objectives. Expected at least one, such as ['layer:1']."),
    "an empty batch": (many(["conv1:0"], batch=0), "batch is 0. Expected a whole number from 1 up."),
    "param_f without the number of images": (
        many(["conv1:0"], lambda: 0),
        (
            "param_f cannot be called with one argument. Expected a function of the number of images "
            "that returns the image tensor, such as lambda batch: param.image(128, batch=batch)."
        ),
    ),
    # Widgets.
    "an unknown network": (
        lambda t: LucidWidget("Emojinett"),
        (
            "There is neither a network nor a file named 'Emojinett'. Did you mean 'EmojiNet', "
            "'EmojiViT' or 'MobileNet'?"
        ),
    ),
    "a layer in a widget": (workbench("conv3:0"), "tiny has no layer named 'conv3'. Did you mean 'conv2' or 'conv1'?"),
    "no steps": (workbench("conv1:0", steps=0), "steps is 0. Expected a whole number from 1 to 1000000."),
    "a misspelled optimizer": (
        workbench("conv1:0", optimizer="Adan"),
        "optimizer cannot be 'Adan'. Did you mean 'Adam', 'Nadam' or 'Adamax'?",
    ),
    "an argument that a widget lacks": (
        workbench("conv1:0", stepps=3),
        "LucidWidget has no argument 'stepps'. Did you mean 'steps'?",
    ),
    "a start image that is missing": (
        workbench("conv1:0", start_image="kat.png"),
        "There is no file 'kat.png'. Did you mean 'cat.png'?",
    ),
    "settings of a later version": (
        lambda t: LucidWidget(t.model, "conv1:0").load_settings({"format": 99}),
        "The settings have the format 99. They come from a later version of lucid_widgets. Update the package.",
    ),
    "settings that are missing": (
        lambda t: LucidWidget(t.model, "conv1:0").load_settings("mine.json"),
        "There is no file 'mine.json'. Check the path.",
    ),
    "a run that is not kept": (
        lambda t: LucidWidget(t.model, "conv1:0").restore("r9"),
        "Run 'r9' is not kept. Kept runs: none.",
    ),
    "a layer of a grid": (grid("conv9"), "tiny has no layer named 'conv9'. Did you mean 'conv2' or 'conv1'?"),
    "a channel of a grid": (
        grid("conv1", channels=[99]),
        "channel is 99. Expected a whole number from 0 to 3 for layer 'conv1'.",
    ),
    "a grid without channels": (
        grid("conv1", channels=[]),
        "channels is empty. Expected at least one, or None for all.",
    ),
    "a builder of nothing": (
        lambda t: ObjectiveBuilder(3),
        (
            "'int' is not a model. Expected a model, a Keras model, the name of a network of the zoo "
            "or of keras.applications, or the path of a .pb, .keras or .h5 file, a manifest (.json) "
            "or a SavedModel."
        ),
    ),
    "a misspelled objective": (
        lambda t: ObjectiveBuilder(t.model, "chanel('conv1', 0)"),
        "There is no objective named 'chanel'. Did you mean 'channel' or 'channels'?",
    ),
    # Players and exports.
    "a player of a path": (
        lambda t: SpritePlayer("x.gif"),
        (
            "'x.gif' is a path, not frames. Expected images. load(path) reads an image, and "
            "SpritePlayer.from_sheet(path) a sprite sheet."
        ),
    ),
    "a player of nothing": (
        lambda t: SpritePlayer(None),
        (
            "None is not a list of frames. Expected an array [n, height, width, channels] with 1, 3 "
            "or 4 channels, an array [n, height, width], a list of images, a list of Frames, or the "
            "result of render_vis."
        ),
    ),
    "a negative speed": (
        lambda t: SpritePlayer(t.images, fps=-1),
        "fps is -1.0. Expected a number from 0.1 to 120 for a player.",
    ),
    "a misspelled keyword of an animation": (
        lambda t: export.save_animation(t.images, "x.gif", fsp=10),
        "save_animation() got an unexpected keyword argument 'fsp'. Did you mean 'fps'?",
    ),
    "an unknown format": (
        lambda t: export.save_animation(t.images, "x.avi"),
        (
            "'x.avi' ends in '.avi', which is not a format of animations. Expected '.gif', '.webp', "
            "'.apng', '.mp4', '.html', '.png', '.jpg', '.jpeg' or '.sheet.webp'."
        ),
    ),
    "frames and path exchanged": (
        lambda t: export.save_animation("x.gif", t.images),
        "The path is of type 'ndarray'. Expected text or a pathlib.Path.",
    ),
    "frames of different sizes": (
        lambda t: export.save_animation([t.images[0], t.images[0, :8]], "x.gif"),
        "Frame 0 is 16×16 pixels and frame 1 is 16×8. Resize or crop the frames to one size first.",
    ),
    # misc.io.
    "an image that is missing": (lambda t: load("kat.png"), "There is no file 'kat.png'. Did you mean 'cat.png'?"),
    "a folder that is missing": (
        lambda t: load("no/kat.png"),
        "There is no file 'no/kat.png'. There is no folder 'no'.",
    ),
    "a path that is none": (lambda t: load(3), "The path is 3. Expected text or a pathlib.Path."),
    "a damaged image": (
        lambda t: load("cat.png"),
        (
            "cat.png is not an image that can be read. Expected BMP, GIF, JPEG, PNG, PPM, TIFF, WEBP, or a file that "
            "ends in .npy, .npz, .json, .txt, .md, .pb, .pickle, .pkl."
        ),
    ),
    "text as an image": (
        lambda t: save("cat", "x.png"),
        (
            "'cat' is not an image. Expected [height, width], [height, width, channels] or [batch, "
            "height, width, channels], with 1, 3 or 4 channels."
        ),
    ),
    "an image in 0 to 255": (
        lambda t: save(t.images[0] * 255, "x.png"),
        (
            "Most values of the image are above 1.5 (up to 84.9262), and would all be white. "
            "Expected floats in [0, 1] or uint8. Divide values in 0 to 255 by 255, or pass "
            "domain=(low, high) to save or show."
        ),
    ),
    "an empty domain": (
        lambda t: show(t.images, domain=(1, 0)),
        "The domain (1, 0) is empty. Expected (low, high) with low < high.",
    ),
    "a state that is missing": (lambda t: State.load("run.npz"), "There is no file 'run.npz'. Check the path."),
    # Models.
    "a graph that is missing": (
        lambda t: models.Model.load("none.pb"),
        "There is no file 'none.pb'. Expected a frozen TensorFlow graph (.pb).",
    ),
    "a graph that is no path": (lambda t: models.from_graphdef(3), "The path is 3. Expected text or a pathlib.Path."),
    "a model saved as Keras": (
        lambda t: t.model.save("x.keras"),
        ("'x.keras' does not end in \".pb\". Model.load and Lucid recognize frozen graphs by this suffix."),
    ),
    "a range without width": (
        lambda t: models.from_keras(t.network, image_value_range=(1, 1)),
        (
            "image_value_range is (1, 1), which is the same value for black and white. Expected "
            "(low, high) with different values, such as (0, 255)."
        ),
    ),
    "a range that is a number": (
        lambda t: models.from_keras(t.network, image_value_range=3),
        (
            "image_value_range is 3. Expected a pair (low, high) of finite numbers, or of sequences "
            "with one number per channel."
        ),
    ),
    "an unknown convention": (
        lambda t: models.from_keras(t.network, preprocess="tensorflow"),
        "preprocess= has no convention named 'tensorflow'. Expected 'raw', 'tf', 'caffe' or 'torch'.",
    ),
    # Objectives, parameterizations and transforms.
    "an objective without its channel": (
        lambda t: objectives.channel("conv1"),
        (
            "channel() was called with the wrong arguments: missing a required argument: "
            "'n_channel'. Expected channel(layer, n_channel, batch=None)."
        ),
    ),
    "an objective and a list": (
        lambda t: objectives.channel("conv1", 0) - [1],
        (
            "[1] cannot be combined with an objective. Expected an objective, text such as "
            "'layer:3', a number, or a function of T."
        ),
    ),
    "an objective times text": (
        lambda t: objectives.channel("conv1", 0) * "a",
        (
            "'a' cannot be combined with an objective. Expected an objective, text such as "
            "'layer:3', a number, or a function of T."
        ),
    ),
    "a weight that is NaN": (
        lambda t: objectives.channel("conv1", 0) * float("nan"),
        "A weight is NaN. Expected a finite number.",
    ),
    "an image without pixels": (lambda t: param.image(0), "w of image() is 0. Expected a whole number from 1 up."),
    "colors of two channels": (
        lambda t: param.to_valid_rgb(tf.zeros((1, 4, 4, 2)), decorrelate=True),
        (
            "to_valid_rgb received a tensor of shape (1, 4, 4, 2). Expected three channels. Pass "
            "decorrelate=False for tensors that are not colors."
        ),
    ),
    "a misspelled keyword of an image": (
        lambda t: param.image(8, bach=2),
        "image() got an unexpected keyword argument 'bach'. Did you mean 'batch' or 'h'?",
    ),
    "a batch of textures": (
        lambda t: param.bilinearly_sampled_image(tf.zeros((1, 4, 4, 3)), tf.zeros((5, 2))),
        "The texture has the shape (1, 4, 4, 3). Expected [height, width, channels].",
    ),
    "coordinates in space": (
        lambda t: param.bilinearly_sampled_image(tf.zeros((4, 4, 3)), tf.zeros((5, 3))),
        "uv has the shape (5, 3). Expected [..., 2]: two coordinates per sample.",
    ),
    "jitter by text": (lambda t: transform.jitter("a"), "d of jitter() is 'a'. Expected a whole number from 0 up."),
    "an unknown unit of angles": (
        lambda t: transform.random_rotate([3], units="turns"),
        "units of random_rotate() is 'turns'. Expected 'degrees' or 'radians'.",
    ),
    "transforms that are none": (
        lambda t: transform.compose(3),
        (
            "transforms is 3. Expected a list such as [transform.jitter(8)], or 'affine', 'standard', 'crops', "
            "'tokens' or 'nothing'."
        ),
    ),
}


__all__ = ["CASES"]
