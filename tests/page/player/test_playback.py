"""Playback: order of frames, modes, speed, cross-fade and linked widgets."""

from __future__ import annotations

import numpy as np
from page.player.players import HELD, Open, play, shown, state


class TestPlaying:
    def test_plays_in_order_and_loops(self, player: Open) -> None:
        notebook = player(playing=True, fps=8, **HELD)
        frames = play(notebook, 2500)
        assert len(frames) in (19, 20)
        assert frames == [place % 12 for place in range(1, len(frames) + 1)]

    def test_back_and_forth(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=8, mode="alternate", **HELD)
        assert play(notebook, 1100) == [1, 2, 3, 2, 1, 0, 1, 2]

    def test_once_mode_stops_at_last_frame_and_restarts(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=20, mode="once", **HELD)
        assert play(notebook, 1000) == [1, 2, 3]
        assert (shown(notebook), state(notebook, "frame"), state(notebook, "playing")) == (3, 3, False)
        assert notebook.page.evaluate("host.saved.at(-1)") == {"frame": 3, "playing": False}
        notebook.part("play").click()
        assert shown(notebook) == 0
        assert play(notebook, 1000) == [1, 2, 3]
        assert (state(notebook, "frame"), state(notebook, "playing")) == (3, False)

    def test_speed_is_kept(self, player: Open) -> None:
        notebook = player(100, playing=True, fps=20, **HELD)
        play(notebook, 2000)
        assert state(notebook, "frame") in (39, 40)

    def test_real_frames_of_the_browser_move_it(self, player: Open) -> None:
        notebook = player(playing=True)
        notebook.wait("host.state.frame > 2")

    def test_reduced_motion_does_not_start_playback(self, player: Open) -> None:
        notebook = player(playing=True, motion="reduce", **HELD)
        assert play(notebook, 300) == []
        assert state(notebook, "playing") is False
        notebook.part("play").click()
        assert len(play(notebook, 300)) > 2

    def test_disables_playback_of_single_frame(self, player: Open) -> None:
        notebook = player(1, playing=True, **HELD)
        assert play(notebook, 200) == []
        assert notebook.part("play").get_attribute("aria-disabled") == "true"
        assert notebook.part("count").inner_text() == "1 / 1"

    def test_cross_fade_is_a_weighted_sum(self, player: Open) -> None:
        frames = np.zeros((2, 8, 8, 3), np.uint8)
        frames[1] = 200
        notebook = player(frames=frames, fps=2, mode="alternate", **HELD)
        notebook.part("crossfade").click()
        notebook.part("play").click()
        values = notebook.page.evaluate(
            """() => {
              const ink = document.querySelector("canvas").getContext("2d");
              const seen = [];
              pass(1000, () => {
                const [red, green, blue, alpha] = ink.getImageData(2, 2, 1, 1).data;
                seen.push(alpha < 254 || red !== green || green !== blue ? "flicker" : red);
              });
              return seen;
            }"""
        )
        assert "flicker" not in values
        up = values[: int(np.argmax(values)) + 1]
        assert up == sorted(up)
        assert len({value for value in up if 10 < value < 190}) > 30

    def test_follows_python_and_linked_widgets(self, player: Open) -> None:
        notebook = player(views=2)
        notebook.change(frame=7)
        assert [shown(notebook, view) for view in (0, 1)] == [7, 7]
        assert notebook.part("scrubber", 1).input_value() == "7"
        notebook.change(playing=True, fps=30)
        notebook.wait("host.state.frame > 8")
        notebook.change(playing=False)
        frame = state(notebook, "frame")
        assert [shown(notebook, view) for view in (0, 1)] == [frame, frame]

    def test_linked_widget_receives_every_frame_and_python_some(self, player: Open) -> None:
        notebook = player(60, **HELD)
        notebook.page.evaluate(
            """() => {
              window.heard = [];
              const listen = () => heard.push(host.state.frame);
              host.listen("change:frame", listen);
            }"""
        )
        notebook.change(playing=True, fps=30)
        play(notebook, 1000)
        notebook.part("play").click()
        heard = notebook.page.evaluate("heard")
        told = [each["frame"] for each in notebook.page.evaluate("host.saved") if "frame" in each]
        assert heard == list(range(1, len(heard) + 1))
        assert 28 < len(heard) < 32
        assert len(told) < 6
        assert told[-1] == state(notebook, "frame")


def test_leaving_the_page_says_bye_and_returning_to_it_hello(player: Open) -> None:
    notebook = player()
    notebook.forget()
    for event in ("pagehide", "pageshow", "pageshow"):
        notebook.page.evaluate("(event) => dispatchEvent(new Event(event))", event)
    assert notebook.types() == ["bye", "hello", "want"]
