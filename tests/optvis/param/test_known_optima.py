"""Images of units whose best image is known. tests/benchmarks/fidelity has more, for each parameterization."""

from __future__ import annotations

import numpy as np
import pytest
from optvis.param.known_optima import (
    closed_form_ball,
    closed_form_phases,
    correlation,
    gabor_errors,
    gabor_images,
    gabor_optimum,
    smooth_kernel,
    stripes_of,
)

from lucid_widgets.optvis import param

pytestmark = pytest.mark.slow


def test_pixels_of_limited_energy_become_the_filter_that_they_maximize() -> None:
    assert closed_form_ball() > 0.99
    assert abs(correlation(smooth_kernel(0), smooth_kernel(1))) < 0.5  # two filters would not do


def test_phases_become_those_of_the_filter() -> None:
    assert closed_form_phases() > 0.99


@pytest.mark.parametrize("unit", [3, 9, 20])
def test_stripes_are_measured_as_they_are_drawn(unit: int) -> None:
    frequency, degrees = gabor_optimum(unit)
    rows, columns = np.mgrid[:64, :64]
    angle = np.deg2rad(degrees)
    drawn = np.sign(np.cos(2 * np.pi * frequency * (columns * np.cos(angle) - rows * np.sin(angle))))
    found = stripes_of(drawn)
    assert found[0] == pytest.approx(frequency, rel=0.01)
    assert found[1] == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize("fourier", [True, False])
def test_images_of_gabor_units_have_their_orientation_and_frequency(fourier: bool) -> None:
    units = (3, 5, 9, 13, 18)
    made = gabor_images(units, lambda size: param.image(size, fft=fourier, decorrelate=fourier), size=64, steps=64)
    degrees, octaves = np.median([gabor_errors(*each) for each in zip(made, units, strict=True)], 0)
    # Single images differ from their unit by up to ten degrees: their stripes branch and end.
    assert degrees < 5
    assert octaves < 0.2
