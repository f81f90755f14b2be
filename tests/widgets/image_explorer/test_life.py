"""Feature images only for what a page shows, places that stay when the layer changes, and links between widgets."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import traitlets
from pages import Page
from waiting import until
from widgets.image_explorer.small import answered, explorer, network, picture

from lucid_widgets import objectives
from lucid_widgets.errors import ArgumentError
from lucid_widgets.frames import Frame
from lucid_widgets.widgets import SemanticDictionary, SpatialAttribution
from lucid_widgets.widgets._grid.cells import Cells, CellState

pytestmark = pytest.mark.slow


def ask(page: Page, board: int, places: list[int]) -> None:
    page.send(type="want", client="page", board=board, places=places, versions=[0] * len(places))


def test_makes_only_what_is_looked_at_and_pauses_when_hidden(pages: list[Page]) -> None:
    found = explorer()
    page = pages[-1]
    page.send(type="hello", client="page")
    ask(page, found._board, [4, 1])
    found._live.runner.wait(120)
    assert np.flatnonzero(found._live.cells.states == CellState.MADE).tolist() == [1, 4]
    assert sorted(found.images) == [1, 4]
    page.send(type="hidden", client="page")
    assert not found._live.runner.in_motion


def test_a_page_that_comes_back_lets_the_run_finish(pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    found = explorer()
    page, begin, hides = pages[-1], found._live._begin, [True]
    page.send(type="hello", client="page")
    ask(page, found._board, [4])
    assert found._live.runner.wait(120) == "done"

    def frames(cells: Cells) -> Iterator[Frame]:
        for frame in begin(cells):
            if hides:  # the first image of the run is under way
                hides.clear()
                page.send(type="hidden", client="page")
            yield frame

    monkeypatch.setattr(found._live, "_begin", frames)
    ask(page, found._board, [3])
    assert found._live.runner.wait(120) == "paused"
    # It shows only what is made already.
    ask(page, found._board, [4])
    assert found._live.runner.wait(120) == "done"


def test_what_a_page_asks_for_as_the_run_ends_is_made_too(pages: list[Page], monkeypatch: pytest.MonkeyPatch) -> None:
    found = explorer()
    page, begin, late = pages[-1], found._live._begin, [3]

    def frames(cells: Cells) -> Iterator[Frame]:
        yield from begin(cells)
        if late:  # the stream has looked for the last time, and the run is not done yet
            ask(page, found._board, late.copy())
            late.clear()

    monkeypatch.setattr(found._live, "_begin", frames)
    page.send(type="hello", client="page")
    ask(page, found._board, [4])
    until(lambda: sorted(found.images) == [3, 4])
    assert found._live.runner.wait(120) == "done"


def test_wait_makes_what_is_shown(pages: list[Page]) -> None:
    found = explorer(position=[0, 0])
    assert found.wait(verbose=False) == "done"
    assert sorted(found.images) == [0, 2, 3, 4]
    found.view = "sees"
    assert found.wait(verbose=False) == "done"
    assert sorted(found.images) == list(range(16))


def test_a_position_keeps_its_place(pages: list[Page]) -> None:
    found = explorer(position=[3, 0])
    found.pins = [[0, 0], [3, 3]]
    found.units = [1]
    found.layer = "mean"
    answered(found)
    assert (found.position, found.pins, found.units) == ([0, 0], [[0, 0]], None)
    found.layer = "parts"
    answered(found)
    assert found.position == [3, 0]


def test_linked_widgets_share_what_is_asked(pages: list[Page]) -> None:
    model = network()
    first, second = explorer(model), explorer(model)
    for name in ("image", "position", "classes"):
        traitlets.link((first, name), (second, name))
    first.position = [1, 3]
    first.image = picture()[::-1].copy()
    answered(second)
    assert second.position == [1, 3]
    assert second.image == first.image
    np.testing.assert_array_equal(second.image, picture()[::-1])
    first.classes = "owl"
    assert second.classes == [1]


def test_parts_keep_their_view_and_share_the_rest(pages: list[Page]) -> None:
    model = network()
    where, what = explorer(model, SpatialAttribution), explorer(model, SemanticDictionary)
    traitlets.link((where, "position"), (what, "position"))
    where.position = [0, 0]
    assert what.shown == [0, 3, 2, 4]
    with pytest.raises(ArgumentError, match="SemanticDictionary has no view 'groups'"):
        what.view = "groups"


def test_the_grid_fills_in_and_is_kept(pages: list[Page]) -> None:
    found = explorer(view="sees")
    page = pages[-1]
    page.send(type="hello", client="page")
    ask(page, found._board, list(range(16)))
    assert found._live.runner.wait(120) == "done"
    assert found._live.cells.finished.all()
    board = found._board
    found.view = "fires"
    answered(found)
    assert found._board != board
    found.view = "sees"
    answered(found)
    assert found._board == board
    assert found._live.cells.finished.all()


def test_the_page_sets_positions(pages: list[Page]) -> None:
    found = explorer()
    found.set_state({"position": [1, 2], "pins": [[1, 2]], "view": "class"})
    answered(found)
    assert (found.position, found.pins, found.view) == ([1, 2], [[1, 2]], "class")


def test_opens_a_channel(pages: list[Page]) -> None:
    found = explorer()
    widget = found.open_unit(3, run=False)
    assert (widget.layer, widget.channel, found.opened_unit) == ("parts", 3, 3)
    assert found.open_unit(1, run=False) is widget
    found.close_unit()
    assert found.opened is None


def test_follows_the_unit_that_is_chosen_in_the_open_widget(pages: list[Page]) -> None:
    found = explorer()
    widget = found.open_unit(3, run=False)
    widget.channel = 1
    until(lambda: found.opened_unit == 1)
    assert found._opened_name == ""
    widget._run_command("open_input", {"layer": "scores", "channel": 2})
    widget.stop()
    until(lambda: found._opened_name == "scores:2")
    assert found.opened_unit == -1
    found.layer = "scores"
    answered(found)
    assert (found.opened_unit, found._opened_name) == (2, "")
    widget.objective = objectives.channel("parts", 0) + objectives.channel("parts", 1)
    until(lambda: found._opened_name)
    assert found._opened_name == widget.expression
    found.close_unit()
    assert (found.opened_unit, found._opened_name) == (-1, "")


@pytest.mark.parametrize("name", ["panda and fox"])
def test_samples(pages: list[Page], name: str) -> None:
    found = explorer(image=name)
    assert found.image_name == name
    assert found.image.shape == (8, 8, 3)
    assert name in type(found).samples()
