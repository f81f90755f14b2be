"""`from_keras`, which makes a model of any Keras 3 model: functional, Sequential, nested or subclassed."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from lucid_widgets.errors import ArgumentError, ModelError
from lucid_widgets.modelzoo.base.image_input import InputLayout, check_value_range
from lucid_widgets.modelzoo.base.input_probe import InputKnowledge, tell_guess
from lucid_widgets.modelzoo.base.private_names import recorded_call
from lucid_widgets.modelzoo.base.volume_sheet import VolumeSheet
from lucid_widgets.modelzoo.files.weights import PathLike, existing_file, read_labels
from lucid_widgets.modelzoo.keras.checks import check_model, check_replay, is_program
from lucid_widgets.modelzoo.keras.contents import contents
from lucid_widgets.modelzoo.keras.files import load_keras
from lucid_widgets.modelzoo.keras.input_range import INPUT_RANGES, InputRange, named_input_range
from lucid_widgets.modelzoo.keras.network import KerasNetwork
from lucid_widgets.modelzoo.keras.preprocessing import recognized_input_range, takes_signals
from lucid_widgets.modelzoo.keras.replay import IMAGE_SLOT, Replay
from lucid_widgets.modelzoo.keras.tokens import recognized_tokens
from lucid_widgets.modelzoo.keras.traced import TracedModel
from lucid_widgets.modelzoo.vision_base import Model

__all__ = ["KerasModel", "from_keras"]


class KerasModel(Model):
    """A functional or Sequential Keras model; made by `from_keras`, which documents the arguments.

    Layers have their Keras names. A layer of a nested model is `outer/inner`, or just `inner` if that is unique; the
    second use of a shared layer is `name@2`, and the second output of a layer is `name:1`.

    Attributes:
        keras_model: The Keras model. Its weights are shared, not copied.
    """

    def __init__(
        self,
        model: Any,
        image_value_range: tuple[Any, Any] | None = None,
        is_BGR: bool | None = None,
        labels: Sequence[str] | PathLike | None = None,
        name: str | None = None,
        *,
        preprocess: str | Callable[[Any], Any] | None = None,
        constants: Mapping[str, Any] | None = None,
        signal: bool | None = None,
        volume: tuple[int, int, int] | None = None,
    ) -> None:
        values = check_model(model, constants)
        self._values = values
        self.keras_model = model
        self.name = name or model.name
        replay = Replay.of(model, values)
        check_replay(replay, self.name)
        sides = replay.specs[IMAGE_SLOT].shape[1:]
        if signal and len(sides) != 2:
            raise ArgumentError(
                f"signal=True was passed for {model.name!r}, whose input has the shape {tuple(sides)}.",
                "Expected a network for signals, (length, channels).",
            )
        self.volume_sheet = _volume_sheet(sides, volume, model.name)
        self._signal = takes_signals(replay) if signal is None else signal
        self.network = KerasNetwork(replay, self.name, self._signal)
        how, expected = _input_range(lambda: recognized_input_range(replay), image_value_range, is_BGR, preprocess)
        self._take_range(how, (expected.low, expected.high))
        self.is_BGR = expected.is_BGR
        self.labels = read_labels(labels)
        self.token_grid = recognized_tokens(replay)
        image = replay.specs[IMAGE_SLOT]
        self.input_name = recorded_call(image).operation.name
        if self.volume_sheet is None:
            self.image_shape = InputLayout.of(sides, self._signal).image_shape(sides)
        else:
            self.image_shape = (*self.volume_sheet.sides, sides[-1])
        self._contents = contents(model)
        self._changes = 0

    def __getstate__(self) -> dict[str, Any]:
        """Return the state to pickle: the Keras model, from which a copy makes its network."""
        # What Keras keeps in attributes cannot always be unpickled, and `_contents` is found again.
        made = ("_network", "_contents")
        return {name: value for name, value in super().__getstate__().items() if name not in made}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.network = KerasNetwork(Replay.of(self.keras_model, self._values), self.name, self._signal)
        self._contents = contents(self.keras_model)

    @property
    def revision(self) -> Hashable:
        """As for every model; it also changes when a layer of the Keras model is replaced, or an attribute is set."""
        now = contents(self.keras_model)
        if now != self._contents:
            self._contents, self._changes = now, self._changes + 1
        return super().revision, self._changes


def from_keras(
    model: Any,
    image_value_range: tuple[Any, Any] | None = None,
    is_BGR: bool | None = None,
    labels: Sequence[str] | PathLike | None = None,
    name: str | None = None,
    *,
    preprocess: str | Callable[[Any], Any] | None = None,
    image_shape: tuple[int | None, int | None, int | None] | None = None,
    constants: Mapping[str, Any] | None = None,
    signal: bool | None = None,
    volume: tuple[int, int, int] | None = None,
) -> KerasModel | TracedModel:
    """Make a model of a Keras 3 model.

    The Keras model is run layer by layer, in inference mode, with its own weights. Only the layers below the requested
    one are run, so all layers below a Flatten or Reshape work at any image size. A subclass of `keras.Model` with its
    own `call` is traced: its layers are the operations of the traced graph, and its weights are copied at that time.

    Args:
        model: A functional, built Sequential or subclassed model, which may contain other models, with one float input
            `(batch, height, width, channels)`, or `(batch, length, channels)` for signals, or `(batch, depth, height,
            width, channels)` for volumes; or the path of a `.keras` or `.h5` file that holds one.
        image_value_range: The values that the network expects for black and for white: numbers, or one per channel.
            Default: the range that fits what the network does to an image before its first layer that mixes positions
            (a scaling layer, a Lambda, a division); the range of `preprocess_input` for the families of
            `keras.applications`; and (-1, 1) for all others, with a warning that it is a guess.
        is_BGR: Whether the network expects blue first; default: as its family does, False with `image_value_range`.
        labels: Class names in output order, or the path of a text file with one name per line.
        name: Name of the model; default: the Keras model's name.
        preprocess: In place of the range and the order: `"raw"`, `"tf"`, `"torch"` or `"caffe"`, Keras's names for
            its conventions, or a function from images in 0 to 255 to what the network expects.
        image_shape: `(height, width, channels)` of a subclassed model's images, with None for a side that may vary;
            default: that of the images that Keras built it for, or (None, None, 3). Other models know their shape.
        constants: Values of the inputs that do not take the image, by the names of the input layers, each with the
            shape of one example, such as `{"age": [0.3]}`. Not for subclassed models.
        signal: Whether an input of two axes is a signal `(length, channels)`, and not an image `(height, width)`.
            A signal is an image of height 1, which is shown as a line for each channel. Default: True if layers such as
            `Conv1D` read it.
        volume: `(depth, height, width)` of the volumes, for a network that takes volumes of several sizes. Volumes are
            shown as sheets of their slices, see `VolumeSheet`. Default: the size that the network declares.

    Raises:
        ModelError: If the model cannot be used. The message says why, and what to do.
        UnknownNameError: If the model has no input of a name in `constants`.
        ArgumentError: If `preprocess` is not a scale and an offset per channel, or is combined with
            `image_value_range` or `is_BGR`; or if `image_shape` is passed for a model that knows its shape; or if
            `volume` is not a size that the network takes.

    Example:
        >>> model = from_keras(keras.applications.MobileNetV2())
        >>> model.layers["block_5_add"].channels
        32
    """
    if isinstance(model, (str, os.PathLike)):
        model = load_keras(existing_file(model, "a Keras model (.keras or .h5)"))
    if is_program(model) and (constants or volume):
        raise ArgumentError(
            f"{'constants' if constants else 'volume'}= was passed for {model.name!r}, which is a subclassed model.",
            "Make it a functional model, keras.Model(inputs, model(inputs)), and pass that.",
        )
    if is_program(model):
        # The range is left open if nobody declares it: the traced graph shows it.
        how, expected = _input_range(lambda: ("guessed", INPUT_RANGES["tf"]), image_value_range, is_BGR, preprocess)
        traced = TracedModel(
            model,
            image_shape,
            labels,
            image_value_range=None if how == "guessed" else (expected.low, expected.high),
            is_BGR=expected.is_BGR,
            name=name,
        )
        _tell(traced)
        return traced
    if image_shape is not None:
        raise ArgumentError(
            f"image_shape= was passed for {getattr(model, 'name', model)!r}, which is not a subclassed model.",
            "Leave it out: the model knows its shape.",
        )
    given: dict[str, Any] = {"preprocess": preprocess, "constants": constants, "signal": signal, "volume": volume}
    adapted = KerasModel(model, image_value_range, is_BGR, labels, name, **given)
    _tell(adapted)
    return adapted


def _volume_sheet(sides: Sequence[int | None], volume: tuple[int, int, int] | None, name: str) -> VolumeSheet | None:
    if len(sides) != 4:
        if volume is not None:
            raise ArgumentError(
                f"volume= was passed for {name!r}, whose input has the shape {tuple(sides)}.",
                "Expected a network for volumes, (depth, height, width, channels).",
            )
        return None
    known = tuple(sides[:3])
    size = known if volume is None else tuple(volume)
    if None in size or sides[3] is None:
        raise ModelError(
            f"{name!r} takes volumes of shape {tuple(sides)}, so their size is open.",
            "Pass it: models.from_keras(model, volume=(depth, height, width)). The number of channels must be fixed.",
        )
    if len(size) != 3 or any(own not in (None, side) for own, side in zip(known, size, strict=True)):
        raise ArgumentError(f"volume is {volume!r}.", f"Expected (depth, height, width) that fit {known}.")
    return VolumeSheet(*size)  # type: ignore[arg-type]  # no size is None here


def _tell(model: Model) -> None:
    if model.input_range == "guessed":
        tell_guess(model.name, model.image_value_range, "models.from_keras")


def _input_range(
    recognize: Callable[[], tuple[InputKnowledge, InputRange]],
    image_value_range: tuple[Any, Any] | None,
    is_BGR: bool | None,
    preprocess: str | Callable[[Any], Any] | None,
) -> tuple[InputKnowledge, InputRange]:
    """Combine what the caller passed with what the network itself shows."""
    if preprocess is not None:
        if image_value_range is not None or is_BGR is not None:
            raise ArgumentError("preprocess= was passed with image_value_range= or is_BGR=.", "Pass one or the other.")
        return "declared", named_input_range(preprocess)
    if image_value_range is not None:
        return "declared", InputRange(*check_value_range(image_value_range), is_BGR=bool(is_BGR))
    how, found = recognize()
    return how, found if is_BGR in (None, found.is_BGR) else found.reversed()
