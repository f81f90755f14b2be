"""Images are the same whether or not Grappler, a part of TensorFlow, rewrites graphs before they run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf

from lucid_widgets import models
from lucid_widgets.optvis.render import iter_vis
from lucid_widgets.optvis.speed.plan import PLAIN_VARIABLE

pytestmark = pytest.mark.slow

SWITCH = "disable_meta_optimizer"


@pytest.fixture(autouse=True)
def switch_as_before() -> Iterator[None]:
    before = tf.config.optimizer.get_experimental_options().get(SWITCH, False)
    yield
    tf.config.optimizer.set_experimental_options({SWITCH: before})


@pytest.mark.parametrize("plain", ["", "1"], ids=["fast", "plain"])
def test_images_are_the_same_without_grappler(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLAIN_VARIABLE, plain)
    images = []
    for off in (False, True):
        tf.config.optimizer.set_experimental_options({SWITCH: off})
        # A network keeps its compiled programs, so each setting has a new network.
        *_, frame = iter_vis(models.EmojiNet(), "mixed4a:1", image_size=48, steps=8, seed=4)
        images.append(frame.images)
    np.testing.assert_allclose(images[0], images[1], atol=1e-5)
