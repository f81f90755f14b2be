"""Playback: order of frames, modes, speed, cross-fade and linked widgets."""

from __future__ import annotations

import numpy as np
from page.player.players import Open, shown, state, watch


class TestPlaying:
    def test_plays_in_order_and_loops(self, player: Open) -> None:
        notebook = player(playing=True, fps=8)
        frames = watch(notebook, draws=20, frames=12)
        assert set(frames) == set(range(12))
        steps = np.diff(frames) % 12
        assert np.median(steps) == 1, frames  # a loaded machine may skip some

    def test_back_and_forth(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=8, mode="alternate")
        frames = watch(notebook, draws=20, frames=4)
        assert set(frames) == {0, 1, 2, 3}
        assert np.median(np.abs(np.diff(frames))) == 1, frames

    def test_once_mode_stops_at_last_frame_and_restarts(self, player: Open) -> None:
        notebook = player(4, playing=True, fps=20, mode="once")
        notebook.wait("host.state.playing === false")
        notebook.settle()
        assert (shown(notebook), state(notebook, "frame")) == (3, 3)
        assert notebook.page.evaluate("host.saved.at(-1)") == {"frame": 3, "playing": False}
        notebook.part("play").click()
        notebook.wait("host.state.frame < 3")
        notebook.wait("host.state.playing === false && host.state.frame === 3")

    def test_speed_is_kept(self, player: Open) -> None:
        notebook = player(100, playing=True, fps=20)
        took = notebook.page.evaluate(
            """() => new Promise((done) => {
              const began = [performance.now(), host.state.frame];
              const look = () => {
                const made = host.state.frame - began[1];
                if (made >= 20) done((performance.now() - began[0]) / made);
                else requestAnimationFrame(look);
              };
              look();
            })"""
        )
        assert 40 < took < 65  # 50 ms per frame

    def test_reduced_motion_does_not_start_playback(self, player: Open) -> None:
        notebook = player(playing=True, motion="reduce")
        assert watch(notebook, seconds=0.3) == []
        assert state(notebook, "playing") is False
        notebook.part("play").click()
        watch(notebook, draws=3)

    def test_disables_playback_of_single_frame(self, player: Open) -> None:
        notebook = player(1, playing=True)
        assert watch(notebook, seconds=0.2) == []
        assert notebook.part("play").get_attribute("aria-disabled") == "true"
        assert notebook.part("count").inner_text() == "1 / 1"

    def test_cross_fade_is_a_weighted_sum(self, player: Open) -> None:
        frames = np.zeros((2, 8, 8, 3), np.uint8)
        frames[1] = 200
        notebook = player(frames=frames, fps=2, mode="alternate")
        notebook.part("crossfade").click()
        notebook.part("play").click()
        values = notebook.page.evaluate(
            """() => new Promise((done) => {
              const ink = document.querySelector("canvas").getContext("2d");
              const seen = new Set();
              const end = performance.now() + 1200;
              const look = (now) => {
                const [red, green, blue, alpha] = ink.getImageData(2, 2, 1, 1).data;
                if (alpha < 254 || red !== green || green !== blue) seen.add("flicker");
                seen.add(red);
                now < end ? requestAnimationFrame(look) : done([...seen]);
              };
              requestAnimationFrame(look);
            })"""
        )
        assert "flicker" not in values
        assert len([value for value in values if 10 < value < 190]) > 5

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
        notebook = player(60)
        notebook.page.evaluate(
            """() => {
              window.heard = [];
              const listen = () => heard.push(host.state.frame);
              host.listen("change:frame", listen);
            }"""
        )
        notebook.change(playing=True, fps=30)
        notebook.page.wait_for_timeout(1000)
        notebook.part("play").click()
        heard = notebook.page.evaluate("heard")
        told = [each["frame"] for each in notebook.page.evaluate("host.saved") if "frame" in each]
        assert len(heard) > 15
        assert len(told) < 6
        assert told[-1] == state(notebook, "frame")
