"""Real images in `LucidWidget` and `EvidencePanel` follow the unit; the index is made when the page asks for it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from evidence.networks import images, labels, whole_network
from pages import Page
from PIL import Image
from waiting import until
from widgets.conftest import pages

from lucid_widgets import ActivationIndex, EvidencePanel, ImageSet, LucidWidget
from lucid_widgets.errors import ArgumentError, OutOfRangeError
from lucid_widgets.evidence import Sensitivity, UnitEvidence
from lucid_widgets.evidence.measures import most_relevant, sensitivity
from lucid_widgets.widgets._core.flow_control import FlowControl
from lucid_widgets.widgets._evidence import trust_check

__all__ = ["pages"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def data() -> ImageSet:
    return ImageSet.from_array(images(40), labels(40))


@pytest.fixture(scope="module")
def index(data: ImageSet) -> ActivationIndex:
    return ActivationIndex.build(whole_network(), data, ["first", "second"], path=False, verbose=False)


def test_panel_shows_another_unit(index: ActivationIndex) -> None:
    panel = EvidencePanel(index, "second:2")
    before = panel._evidence_crops
    assert panel._evidence["unit"] == "second:2"
    assert [len(panel._evidence["kinds"][kind]) for kind in ("most", "spread", "least")] == [9, 9, 9]
    assert panel._evidence["kinds"]["most"][0]["value"] == index["second:2"].max
    panel.channel = 3
    assert (panel._evidence["unit"], panel._channel_count) == ("second:3", 8)
    assert panel._evidence_crops != before
    with pytest.raises(OutOfRangeError):
        panel.channel = 8
    panel.layer = "first"
    assert panel._evidence["unit"] == "first:3"
    with pytest.raises(ArgumentError, match=r"ActivationIndex\.build"):
        EvidencePanel("photos")


def test_panel_answers_a_page_that_asks_ahead(index: ActivationIndex, pages: list[Page]) -> None:
    panel = EvidencePanel(index, "second:0")
    (page,) = [each for each in pages if each.comm_id == panel.comm.comm_id]
    reply, files = page.command_with_buffers("real_images", layer="second", channel=1)
    assert (panel.channel, panel._evidence["unit"]) == (0, "second:0")
    panel.channel = 1
    assert reply["value"]["traits"] == {"_evidence": panel._evidence, "_evidence_value": {}}
    assert dict(zip(reply["value"]["files"], files, strict=True)) == {
        "_evidence_crops": panel._evidence_crops,
        "_evidence_wholes": panel._evidence_wholes,
    }
    for layer, channel in (("second", 8), ("second", -1), ("third", 0)):
        assert not page.command("real_images", layer=layer, channel=channel)["ok"]


def test_panel_shows_results_of_sensitivity_and_measures_with_a_function(index: ActivationIndex) -> None:
    known = Sensitivity("second:2", 4.0, {"gray": 0.25}, "Color more than shape")
    panel = EvidencePanel(index, "second:2", sensitivity=[known])
    assert panel._sensitivity == {"state": "ready", **known.to_json()}
    panel.channel = 3
    assert panel._sensitivity == {"state": "none"}
    assert EvidencePanel(index)._sensitivity == {"state": "none"}
    with pytest.raises(ArgumentError, match="type 'str'"):
        EvidencePanel(index, sensitivity="second:2")  # type: ignore[arg-type]

    panel = EvidencePanel(index, "second:2", sensitivity=partial(sensitivity, whole_network()))
    assert panel._sensitivity == {}
    panel._run_command("measure_sensitivity", {})
    until(lambda: panel._sensitivity["state"] == "ready")
    assert Sensitivity.from_json({name: panel._sensitivity[name] for name in vars(known)}) == sensitivity(
        whole_network(), index["second:2"]
    )
    panel.close()

    def broken(unit: UnitEvidence) -> Sensitivity:
        raise ArgumentError(f"{unit.name} is too far away.")

    panel = EvidencePanel(index, "second:2", sensitivity=broken)
    panel._run_command("measure_sensitivity", {})
    until(lambda: panel._sensitivity["state"] == "failed")
    assert panel._sensitivity["message"] == "second:2 is too far away."
    panel.close()


def test_crops_are_the_pixels_that_the_unit_sees(index: ActivationIndex) -> None:
    unit = index["first:1"]
    shown = unit.top[0]
    top, left, bottom, right = shown.box
    whole = np.asarray(images(40)[shown.image], int)
    assert (bottom - top) <= 3
    assert np.abs(unit.crop(shown).astype(int) - whole[top:bottom, left:right]).max() <= 3  # of JPEG


def test_workbench_makes_the_index_when_it_is_unfolded(
    data: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCID_WIDGETS_CACHE", str(tmp_path))
    widget = LucidWidget(whole_network(), "second:2", images=data, steps=1, image_size=12)
    assert widget._evidence == {}
    assert not list(tmp_path.rglob("*.zarr"))
    widget.show_evidence = True
    until(lambda: widget._evidence_build["state"] == "ready")
    assert widget._evidence["unit"] == "second:2"
    assert list(tmp_path.rglob("index.zarr"))
    widget.channel = 4
    assert widget._evidence["unit"] == "second:4"
    widget.objective = "second:1 + second:2"
    assert widget._evidence_build["state"] == "no unit"
    widget.objective = "second:5"
    widget.run()
    widget.wait(verbose=False)
    until(lambda: widget._evidence_value)
    assert widget._evidence_value["words"].endswith("of 40 images")
    widget.close()


def test_workbench_says_why_there_are_no_images() -> None:
    widget = LucidWidget(whole_network(), "second:2", image_size=12)
    widget.show_evidence = True
    assert widget._evidence_build["state"] == "none"
    widget.close()
    broken = ImageSet.from_array([np.zeros((2, 2, 7))])
    widget = LucidWidget(whole_network(), "second:2", images=broken, image_size=12)
    widget.show_evidence = True
    until(lambda: widget._evidence_build["state"] == "failed")
    assert "None of the images can be read" in widget._evidence_build["message"]
    widget.close()


def test_an_index_can_be_passed(index: ActivationIndex) -> None:
    widget = LucidWidget(whole_network(), "second:2", images=index, image_size=12, show_evidence=True)
    until(lambda: widget._evidence_build["state"] == "ready")
    assert widget._evidence_build["source"] == "array"
    assert Image.MIME["JPEG"] == "image/jpeg"
    assert widget._evidence_crops[:2] == b"\xff\xd8"
    widget.close()


def test_workbench_measures_sensitivity_and_stops_a_run(
    index: ActivationIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FlowControl, "watched", True)
    widget = LucidWidget(whole_network(), "second:2", images=index, image_size=12, show_evidence=True)
    widget._run_command("set", {"stop_at": 0})
    until(lambda: widget._evidence_build["state"] == "ready")
    widget._run_command("measure_sensitivity", {})
    until(lambda: widget._sensitivity["state"] == "ready")
    assert widget._sensitivity["unit"] == "second:2"
    widget.steps = 10**5
    widget.run()
    until(lambda: widget.status == "paused")
    assert widget._evidence_value["stopped"]
    widget.close()


def test_workbench_orders_images_by_relevance_to_a_class(index: ActivationIndex) -> None:
    network = whole_network()
    widget = LucidWidget(network, "second:2", images=index, image_size=12, show_evidence=True, relevant_to="fox")

    def order(unit: str) -> list[int]:
        until(lambda: widget._relevance.get("unit") == unit and widget._relevance["state"] != "running")
        return [index[unit].top[each["place"]].image for each in widget._relevance["order"]]

    assert order("second:2") == [image.image for image, _ in most_relevant(network, index["second:2"], "fox")]
    widget._run_command("set", {"channel": 3})
    assert order("second:3") == [image.image for image, _ in most_relevant(network, index["second:3"], "fox")]
    widget.relevant_to = "fxo"
    until(lambda: widget._relevance["state"] == "failed")
    assert "'fox'" in widget._relevance["hint"]
    widget.relevant_to = ""
    assert widget._relevance == {}
    widget.close()


def test_workbench_checks_its_unit(data: ImageSet, index: ActivationIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust_check, "SEEDS", 2)
    monkeypatch.setattr(trust_check, "STEPS", 1)
    widget = LucidWidget(whole_network(), "second:7", images=index, image_size=12, show_evidence=True)
    until(lambda: widget._evidence_build["state"] == "ready")
    widget._run_command("check_unit", {})
    until(lambda: widget._check["state"] == "resting" and widget.report)
    assert widget.report["unit"] == "second:7"
    assert widget.report["verdict"] == "do not rely on it"  # it is dead
    widget.show_evidence = False
    with pytest.raises(ArgumentError, match="no real images"):
        widget._run_command("check_unit", {})
    widget.close()
