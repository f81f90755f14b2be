"""`CallResult`: the result of one compiled call, which makes one or several steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lucid_widgets.frames import FloatArray
from lucid_widgets.optvis.engine.state import State


@dataclass(frozen=True)
class CallResult:
    """Result of one compiled call.

    Attributes:
        state: The state after the last finite step.
        images: `[batch, height, width, channels]` in [0, 1], made from that state.
        objectives: The objective's value at each step made, `[steps]`.
        bad_value: None if all steps were made. If the objective, a gradient or an update was not finite: the
            objective's value at that step, which was not made.
    """

    state: State
    images: FloatArray
    objectives: FloatArray
    bad_value: float | None

    def after(self, earlier: CallResult | None) -> CallResult:
        """Return both calls as one, if there was an earlier one."""
        if earlier is None:
            return self
        return replace(self, objectives=np.concatenate([earlier.objectives, self.objectives]))


__all__ = ["CallResult"]
