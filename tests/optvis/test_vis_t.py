"""`make_vis_T` in TensorFlow 2 and in a session, and the small functions around it."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from optvis.tiny_network import Tiny

from lucid_widgets.errors import ArgumentError, NonFiniteObjectiveError, UnknownNameError
from lucid_widgets.optvis import objectives, param, render, transform

pytestmark = pytest.mark.slow

v1 = tf.compat.v1


def image() -> object:
    return param.image(8, batch=2)


class TestInTensorFlow2:
    def test_each_call_makes_one_step(self) -> None:
        T = render.make_vis_T(Tiny(), "conv:1", image, transforms=[])
        first = T("input")
        assert first.shape == (2, 8, 8, 3)
        assert T("global_step") == 0
        before = T("loss")
        seen = [T("vis_op")() for _ in range(12)]
        assert seen[0] == pytest.approx(before, rel=1e-5), "the value is of the image before the step"
        assert seen == sorted(seen)
        assert T("loss") > seen[-1]
        assert T("global_step") == 12
        assert np.abs(T("input") - first).max() > 0.01
        assert T("labels") == ["cat", "dog"]

    def test_layers_belong_to_the_current_image(self) -> None:
        T = render.make_vis_T(Tiny(), "conv:1", image, transforms=[])
        T("vis_op")()
        conv = T("conv")
        assert conv.shape == (2, 8, 8, 4)
        assert conv[..., 1].mean() == pytest.approx(T("loss"), rel=1e-5)
        np.testing.assert_allclose(T("relu"), np.maximum(conv, 0), atol=1e-6)
        with pytest.raises(UnknownNameError, match="Did you mean 'conv'"):
            T("conf")

    def test_layers_see_the_transformed_image(self) -> None:
        T = render.make_vis_T(Tiny(), "conv:1", image, transforms=transform.crop_or_pad_to(6, 5))
        assert T("conv").shape == (2, 6, 5, 4)
        assert T("input").shape == (2, 8, 8, 3)

    def test_dead_units_move_only_with_the_override(self) -> None:
        for woken in (False, True):
            T = render.make_vis_T(Tiny(), "dead:0", image, transforms=[], relu_gradient_override=woken)
            first = T("input")
            T("vis_op")()
            assert bool(np.abs(T("input") - first).max() > 0) == woken

    def test_rejects_invalid_arguments(self) -> None:
        with pytest.raises(UnknownNameError):
            render.make_vis_T(Tiny(), "nowhere:1")
        with pytest.raises(ArgumentError, match="param_f is"):
            render.make_vis_T(Tiny(), "conv:1", tf.zeros((1, 8, 8, 3)))  # type: ignore[arg-type]
        T = render.make_vis_T(Tiny(), lambda T: tf.reduce_sum(T("input")) * float("nan"), image)
        with pytest.raises(NonFiniteObjectiveError) as caught:
            T("vis_op")()
        assert caught.value.step == 1


class TestInASession:
    def test_tensors_and_an_operation(self) -> None:
        with tf.Graph().as_default(), v1.Session() as session:
            T = render.make_vis_T(Tiny(), "conv:1", image, transforms=[])
            v1.global_variables_initializer().run()
            first = T("input").eval()
            losses = [session.run([T("vis_op"), T("loss")])[1] for _ in range(12)]
            assert first.shape == (2, 8, 8, 3)
            assert losses == sorted(losses)
            conv, step = session.run([T("conv"), T("global_step")])
            assert step == 12
            assert conv[..., 1].mean() > losses[-1]
            assert T("labels") == ["cat", "dog"]

    def test_steps_equal_those_of_tensorflow_2(self) -> None:
        """From the same start image and without random numbers."""
        start = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)

        def given() -> object:
            return param.image(8, batch=2, init_val=start)

        T = render.make_vis_T(Tiny(), "conv:1", given, transforms=[], relu_gradient_override=True)
        values = [T("vis_op")() for _ in range(20)]
        images = T("input")
        with tf.Graph().as_default(), v1.Session() as session:
            S = render.make_vis_T(Tiny(), "conv:1", given, transforms=[], relu_gradient_override=True)
            v1.global_variables_initializer().run()
            theirs = [session.run([S("vis_op"), S("loss")])[1] for _ in range(20)]
            np.testing.assert_allclose(values, theirs, rtol=1e-4)
            np.testing.assert_allclose(images, S("input").eval(), atol=1e-4)

    def test_transforms_draw_random_numbers_in_each_step(self) -> None:
        with tf.Graph().as_default(), v1.Session() as session:
            T = render.make_vis_T(Tiny(), "conv:1", image, v1.train.GradientDescentOptimizer(0.0))
            v1.global_variables_initializer().run()
            losses = {float(session.run([T("vis_op"), T("loss")])[1]) for _ in range(5)}
            assert len(losses) == 5

    def test_follows_the_seed_of_the_graph(self) -> None:
        def first() -> np.ndarray:
            with tf.Graph().as_default(), v1.Session():
                v1.set_random_seed(3)
                T = render.make_vis_T(Tiny(), "conv:1", image)
                v1.global_variables_initializer().run()
                return T("input").eval()

        np.testing.assert_array_equal(first(), first())

    def test_gradients_are_redirected_in_the_first_steps_only(self) -> None:
        with tf.Graph().as_default(), v1.Session() as session:
            T = render.make_vis_T(Tiny(), "dead:0", image, transforms=[], relu_gradient_override=True)
            v1.global_variables_initializer().run()
            images = [session.run([T("input"), T("vis_op")])[0] for _ in range(40)]
            assert np.abs(images[1] - images[0]).max() > 0

    def test_optimizers(self) -> None:
        with tf.Graph().as_default():
            assert isinstance(render.make_optimizer(), v1.train.AdamOptimizer)
            made = render.make_optimizer(lambda rate: v1.train.MomentumOptimizer(rate, 0.9), [0.1])
            assert isinstance(made, v1.train.MomentumOptimizer)
            for wrong in (keras.optimizers.Adam(), 3):
                with pytest.raises(ArgumentError, match=r"Expected an optimizer of tf\.compat\.v1\.train"):
                    render.make_optimizer(wrong)

    def test_images(self) -> None:
        with tf.Graph().as_default():
            elsewhere = tf.zeros((1, 4, 4, 3))
        with tf.Graph().as_default():
            here = tf.zeros((1, 4, 4, 3))
            assert render.make_t_image(here) is here
            assert render.make_t_image(None).shape == (1, 128, 128, 3)
            with pytest.raises(ArgumentError, match="another graph"):
                render.make_t_image(elsewhere)
            with pytest.raises(ArgumentError, match="returned 'int'"):
                render.make_t_image(lambda: 3)

    def test_prints_objectives(self, capsys: pytest.CaptureFixture[str]) -> None:
        with tf.Graph().as_default(), v1.Session() as session:
            T = render.make_vis_T(Tiny(), "conv:1", image, transforms=[])
            v1.global_variables_initializer().run()
            render.make_print_objective_func([objectives.channel("conv", 1), "conv:0"], T)(session)
            first, second = capsys.readouterr().out.splitlines()
            assert first == f"01: Channel [conv, 1, None]: {session.run(T('loss')):7.2f}"
            assert second.startswith("02: Channel [conv, 0, None]:")
            render.make_print_objective_func(None, T)(session)
            assert capsys.readouterr().out == ""


def test_transforms_are_composed() -> None:
    both = render.make_transform_f([lambda t: t + 1, lambda t: t * 2])
    assert float(both(tf.constant(3.0))) == 8
    assert float(render.make_transform_f([])(tf.constant(3.0))) == 3
