"""The speed plan: what decides it, and the plain plan, which turns off every optimization."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from optvis.tiny_network import Tiny

from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed import devices
from lucid_widgets.optvis.speed.plan import MOST_EARLY_STEPS, PLAIN_VARIABLE, SpeedPlan, Stage, is_plain, plan


@pytest.mark.parametrize(("value", "expected"), [("", False), ("0", False), ("1", True), ("yes", True)])
def test_the_environment_variable_selects_the_plain_plan(
    value: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, value)
    assert is_plain() == expected
    assert plan(jit_compile=True, precision="bfloat16").plain == expected


def test_the_plain_plan_has_one_stage_without_any_trick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    plain = plan(jit_compile=True, precision="bfloat16")
    assert plain == SpeedPlan()
    assert plain.early() == Stage()
    frames = iter_vis(Tiny(), "conv:1", steps=MOST_EARLY_STEPS + 2, image_size=4)
    list(frames)
    assert not frames._task[2]._late.ready


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ((1, 4, 4, 3), 96),
        ((1, 128, 128, 3), 96),
        ((1, 160, 160, 3), 56),
        ((6, 64, 64, 3), 64),
        ((1, 224, 224, 3), 32),
        ((6, 224, 224, 3), 32),
    ],
)
def test_the_early_steps_last_as_long_as_compiling(shape: tuple[int, ...], steps: int) -> None:
    assert plan(jit_compile=False).early_steps_for(shape) == steps
    assert plan(jit_compile=False, early_steps=16).early_steps_for(shape) == 16
    assert SpeedPlan().early_steps_for(shape) == sys.maxsize


@pytest.mark.parametrize(
    ("gpu", "jit_compile", "whole"),
    [(False, None, False), (True, None, True), (False, True, True), (True, False, False)],
)
def test_xla_compiles_whole_steps_on_a_gpu_or_on_request(
    gpu: bool, jit_compile: bool | None, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "has_gpu", lambda: gpu)
    chosen = plan(jit_compile=jit_compile, precision="float32")
    assert chosen.whole == whole
    assert not chosen.early().whole
    late = chosen.late()
    assert (late.whole, late.parts) == (whole, not gpu)
    assert bool(late.gradients) == (not gpu and not whole)


def test_only_a_default_plan_has_a_fallback() -> None:
    assert SpeedPlan(whole=True, plain=False).without_whole_steps() == SpeedPlan(whole=False, plain=False)
    assert SpeedPlan(whole=True, requested=True, plain=False).without_whole_steps() is None
    assert SpeedPlan(whole=False, plain=False).without_whole_steps() is None


def test_plain_and_fast_programs_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Tiny()

    def program() -> Any:
        return iter_vis(model, "conv:1", steps=1, image_size=4)._task[2]

    fast = program()
    assert program() is fast
    monkeypatch.setenv(PLAIN_VARIABLE, "1")
    assert program() is not fast
