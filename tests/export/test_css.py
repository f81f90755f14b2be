"""CSS of sprite sheets, with values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lucid_widgets.errors import ArgumentError
from lucid_widgets.export import Sheet, css_snippet


def sheet(count: int, columns: int) -> Sheet:
    return Sheet.of(np.zeros((count, 8, 16, 3), np.uint8), columns=columns)


def test_one_row_has_one_animation() -> None:
    css = css_snippet(sheet(4, 4), "a.png", fps=8)
    assert 'background: url("a.png") 0 0 / 64px 8px;' in css
    assert "animation: sprite-x 0.5s steps(4, jump-none) infinite;" in css
    assert "@keyframes sprite-x { to { background-position-x: -48px; } }" in css


def test_full_rows_have_two_animations() -> None:
    css = css_snippet(sheet(6, 3), "a.png", fps=6, mode="once")
    assert "sprite-x 0.5s steps(3, jump-none) 2 forwards, sprite-y 1s steps(2, jump-none) 1 forwards;" in css
    assert "background-position-y: -8px" in css


def test_a_partly_empty_row_has_a_keyframe_per_frame() -> None:
    css = css_snippet(sheet(5, 3), "a.png", fps=5)
    assert "animation: sprite 1s step-end infinite;" in css
    assert "  60% { background-position: 0px -8px; }" in css
    assert "  80%, to { background-position: -16px -8px; }" in css


def test_alternate_shows_the_ends_once() -> None:
    css = css_snippet(sheet(3, 3), "a.png", fps=4, mode="alternate")
    assert "animation: sprite 1s step-end infinite;" in css
    assert css.count("background-position: -16px 0px") == 2
    assert css.count("background-position: -32px 0px") == 1


def test_one_frame_has_no_animation() -> None:
    assert "steps" not in css_snippet(sheet(1, 1), "a.png")


def test_escapes_addresses_and_rejects_invalid_names() -> None:
    assert 'url("a\\22 ) \\3c /style\\3e ")' in css_snippet(sheet(1, 1), 'a") </style>')
    with pytest.raises(ArgumentError, match="not the name of a CSS class"):
        css_snippet(sheet(1, 1), "a.png", name="a{}")
