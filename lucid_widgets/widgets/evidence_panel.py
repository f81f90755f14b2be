"""`EvidencePanel`: the real images that excite a unit. Needs neither TensorFlow nor the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import numpy as np

from lucid_widgets.errors import ArgumentError, whole_number
from lucid_widgets.evidence.answers import Sensitivity
from lucid_widgets.evidence.index import ActivationIndex
from lucid_widgets.evidence.report import Report
from lucid_widgets.evidence.unit import UnitEvidence
from lucid_widgets.misc.io.serialize_array import encode_png
from lucid_widgets.widgets._core import cell_reruns
from lucid_widgets.widgets._core.base import LucidBase
from lucid_widgets.widgets._core.commands import Command, Reply
from lucid_widgets.widgets._core.traits import Records, Text, Whole
from lucid_widgets.widgets._evidence.evidence_traits import EvidenceTraits
from lucid_widgets.widgets._evidence.sensitivity_run import SensitivityRun
from lucid_widgets.widgets._evidence.unit_record import CROP, UnitRecords

_UNMEASURED = {"state": "none"}
"""Sensitivity of a unit that cannot be measured here."""


class EvidencePanel(LucidBase, EvidenceTraits):
    """Shows which real images excite a unit most, least, and in between, cropped to what the unit sees.

    Assign `layer` and `channel`, in Python or on the page, to look at another unit.

    Args:
        index: The index.
        unit: The unit, "layer:channel"; default: the unit with the largest value of the last layer.
        report: A `Report` of `check` to show next to it; default: none.
        sensitivity: How units answer to changed images. Either results of `measures.sensitivity`, which need no
            network, or a function of a `UnitEvidence` that the page's *Measure* calls in the background, such as
            `partial(measures.sensitivity, model)`. Default: not shown.
        **kwargs: Arguments of any widget, such as `layout`.

    Raises:
        UnknownNameError: If the index does not have the layer.
        OutOfRangeError: If the layer does not have the channel.
        ArgumentError: If an argument is of another type.

    Example:
        >>> EvidencePanel(ActivationIndex.build(models.EmojiNet(), models.emoji_images()), "mixed5b:56")
    """

    _bundle: ClassVar[str] = "evidence_panel"
    _editable: ClassVar[tuple[str, ...]] = ("layer", "channel")

    model_name: str = Text("", output=True, help="Name of the model.")
    layer: str = Text("", help="Layer of the unit.")
    channel: int = Whole(0, min=0, help="Channel of the unit.")
    _channel_count: int = Whole(0, output=True, help="Number of channels of `layer`.")
    indexed: list[dict[str, Any]] = Records(output=True, help="The layers of the index: name and channels.")

    def __init__(
        self,
        index: ActivationIndex,
        unit: str | None = None,
        *,
        report: Report | None = None,
        sensitivity: Callable[[UnitEvidence], Sensitivity] | Iterable[Sensitivity] | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(index, ActivationIndex):
            raise ArgumentError(
                f"index is of type {type(index).__name__!r}.", "Pass what ActivationIndex.build or .open returned."
            )
        self._index, self._records = index, UnitRecords()
        self._measured = _by_unit(sensitivity)
        if callable(sensitivity):
            measure = sensitivity
            self._own(SensitivityRun(self, self._unit_to_measure, lambda _, unit: measure(unit)))
        last = index.layers[-1]
        chosen = index[(last, index.sorted(last)[0])] if unit is None else index[unit]
        self._publish(
            model_name=str(index.about["model"]),
            indexed=[{"name": name, "channels": index.channels(name)} for name in index.layers],
            report={} if report is None else report.to_json(),
            _evidence_build={"state": "ready", "source": index.about["images"]},
        )
        self._change({"layer": chosen.layer, "channel": chosen.channel, "show_evidence": True})
        super().__init__(**kwargs)
        cell_reruns.remember(self)

    @property
    def index(self) -> ActivationIndex:
        """The index."""
        return self._index

    def __repr__(self) -> str:
        return f"<EvidencePanel {self.model_name}, {self.layer}:{self.channel}>"

    def _png(self) -> bytes | None:
        unit = self._index[self.layer, self.channel]
        return encode_png(np.concatenate([unit.crop(shown, CROP) for shown in unit.shown("most")], 1))

    def _change(self, values: Mapping[str, Any]) -> None:
        with self._lock:
            checked = self._checked(values)
            layer = checked.get("layer", self.layer)
            if layer != self.layer and "channel" not in checked:
                checked["channel"] = min(self.channel, self._index.channels(layer) - 1)
            channel = whole_number("channel", checked.get("channel", self.channel), 0)
            unit = self._index[layer, channel]
            changes = (layer, channel) != (self.layer, self.channel) or not self._evidence
            with self.hold_sync():
                self._commit(checked)
                if changes:
                    self._publish(
                        **self._records.of(self._index, unit.layer, unit.channel),
                        _channel_count=self._index.channels(layer),
                    )
                    if self._measured is not None:
                        self._publish(_sensitivity=self._measured.get(unit.name, _UNMEASURED))

    def _unit_to_measure(self) -> tuple[None, ActivationIndex, str, int]:
        """What `SensitivityRun` measures. The function that was passed knows the network."""
        return None, self._index, self.layer, self.channel

    def _commands(self) -> Mapping[str, Command]:
        return {**super()._commands(), "real_images": self._record}

    def _record(self, layer: str, channel: int) -> Reply:
        """Answer a page that asks for the next unit ahead."""
        unit = self._index[layer, whole_number("channel", channel, 0)]
        return self._records.reply(self._index, unit.layer, unit.channel)


def _by_unit(sensitivity: Any) -> dict[str, dict[str, Any]] | None:
    """Results for the page, by the name of the unit; None if the page can measure."""
    if sensitivity is None:
        return {}
    if callable(sensitivity):
        return None
    results = list(sensitivity) if isinstance(sensitivity, Iterable) else [sensitivity]
    for each in results:
        if not isinstance(each, Sensitivity):
            raise ArgumentError(
                f"sensitivity contains an object of type {type(each).__name__!r}.",
                "Pass results of `measures.sensitivity`, or a function that returns one for a unit.",
            )
    return {each.unit: {"state": "ready", **each.to_json()} for each in results}


__all__ = ["EvidencePanel"]
