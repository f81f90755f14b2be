"""Training: the loss falls, an interrupted run resumes exactly, and folding changes nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

from lucid_widgets.errors import ModelError
from lucid_widgets.modelzoo.emojinet.architecture import Block, build
from lucid_widgets.modelzoo.emojinet.classes import LABELS
from lucid_widgets.modelzoo.emojinet.training import __main__ as train_command
from lucid_widgets.modelzoo.emojinet.training.card import model_card
from lucid_widgets.modelzoo.emojinet.training.evaluation import Scores, score
from lucid_widgets.modelzoo.emojinet.training.loop import TrainingResult, fit
from lucid_widgets.modelzoo.emojinet.training.recipe import Stage, TrainingRecipe
from lucid_widgets.modelzoo.emojinet.weights import fold, read_weights, write_weights

pytestmark = pytest.mark.slow

TINY = (Block("mixed3a", 4, 4, 8, 2, 4, 2),)
RECIPE = TrainingRecipe(seed=1, stages=(Stage(32, 40, 0.6, 1.0, 2),), batch=40, learning_rate=1e-2)


def sprites() -> np.ndarray:
    """Squares of 128 different colors, so that no font is needed."""
    drawn = np.zeros((128, 32, 32, 4), np.uint8)
    drawn[:, 3:-3, 3:-3, 3] = 255
    drawn[:, 3:-3, 3:-3, :3] = np.random.default_rng(0).integers(0, 256, (128, 1, 1, 3))
    return drawn


def tiny(**options: Any) -> Any:
    keras.utils.set_random_seed(1)
    return build(len(LABELS), blocks=TINY, **options)


class Training(NamedTuple):
    """An uninterrupted training, which takes seconds to trace and is shared by several tests."""

    model: Any
    result: TrainingResult
    lines: list[str]
    folder: Path


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Training:
    model, lines, folder = tiny(normalize=True), [], tmp_path_factory.mktemp("training")
    return Training(model, fit(model, RECIPE, folder, lines.append, sprites(), every=2), lines, folder)


def test_loss_falls_and_progress_is_reported(training: Training) -> None:
    losses, lines = training.result.losses, training.lines
    assert len(losses) == 40
    assert np.mean(losses[:4]) > np.log(160) - 0.3, "the loss must start near that of guessing"
    assert np.mean(losses[-8:]) < np.mean(losses[:4]) - 0.1
    assert len(lines) == 20
    assert lines[-1].startswith("   40/40  32 px  loss ")


def test_interrupted_training_ends_with_the_same_weights(training: Training, tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(line: str) -> None:
        if line.startswith("   10/40"):
            raise Interrupted

    with pytest.raises(Interrupted):
        fit(tiny(normalize=True), RECIPE, tmp_path, interrupt, sprites(), every=2)
    resumed, lines = tiny(normalize=True), []
    rest = fit(resumed, RECIPE, tmp_path, lines.append, sprites(), every=2).losses
    assert lines[0] == "Resuming after 8 of 40 batches."
    np.testing.assert_array_equal(rest, training.result.losses[8:])
    for one, other in zip(training.model.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(one, other, err_msg=one.path)


def test_finished_training_is_not_continued(training: Training) -> None:
    again = fit(tiny(normalize=True), RECIPE, training.folder, lambda line: None, sprites())
    assert again.losses == []
    assert again.seconds == pytest.approx(training.result.seconds, abs=0.1)


def test_folding_keeps_the_outputs(training: Training) -> None:
    trained, plain = tiny(normalize=True, dropout=0.1), tiny()
    trained.set_weights(training.model.get_weights())
    fold(trained, plain)
    image = np.random.default_rng(0).uniform(size=(2, 48, 40, 3)).astype(np.float32)
    np.testing.assert_allclose(plain(image), trained(image, training=False), rtol=1e-4)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in plain.layers)


def test_weights_are_stored_as_float16(tmp_path: Path) -> None:
    one, other = tiny(), build(len(LABELS), blocks=TINY)
    write_weights(one, tmp_path / "weights.npz")
    read_weights(other, tmp_path / "weights.npz")
    for written, read in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(written).astype(np.float16), np.asarray(read))
    assert [path.name for path in tmp_path.iterdir()] == ["weights.npz"]
    assert (tmp_path / "weights.npz").stat().st_size < 2 * one.count_params() + 400 * len(one.weights)


def test_reads_weights_of_equal_names_within_a_name_scope(tmp_path: Path) -> None:
    def attention() -> Any:
        tokens = keras.Input((3, 4))
        outputs = keras.layers.MultiHeadAttention(1, 4, name="attention")(tokens, tokens)
        return keras.Model(tokens, outputs)

    one = attention()
    write_weights(one, tmp_path / "weights.npz")
    with keras.name_scope("outer"):
        other = attention()
    assert other.weights[0].path.startswith("outer/")
    read_weights(other, tmp_path / "weights.npz")
    for written, read in zip(one.weights, other.weights, strict=True):
        np.testing.assert_array_equal(np.asarray(written).astype(np.float16), np.asarray(read))


def test_rejects_weights_too_large_for_float16(tmp_path: Path) -> None:
    model = tiny()
    model.get_layer("logits").bias.assign(np.full(160, 1e5, np.float32))
    with pytest.raises(ModelError, match=r"logits/bias contains 100000, which float16 cannot represent"):
        write_weights(model, tmp_path / "weights.npz")
    assert list(tmp_path.iterdir()) == []


def test_rejects_weights_of_another_network(tmp_path: Path) -> None:
    write_weights(tiny(), tmp_path / "weights.npz")
    with pytest.raises(
        ModelError, match=r"weights\.npz does not fit EmojiNet: only one of them has mixed3b_1x1_pre_relu/bias\."
    ):
        read_weights(build(len(LABELS)), tmp_path / "weights.npz")
    wider = (Block("mixed3a", 6, 4, 8, 2, 4, 2),)
    with pytest.raises(
        ModelError, match=r"mixed3a_1x1_pre_relu/kernel has the shape \(1, 1, 48, 4\), expected \(1, 1, 48, 6\)"
    ):
        read_weights(build(len(LABELS), blocks=wider), tmp_path / "weights.npz")


def test_does_not_unpickle(tmp_path: Path) -> None:
    np.savez(tmp_path / "weights.npz", **{"logits/bias": np.array([{"a": 1}], dtype=object)})
    with pytest.raises((ModelError, ValueError)):
        read_weights(tiny(), tmp_path / "weights.npz")


def test_scores_count_answers() -> None:
    model = build(len(LABELS), blocks=TINY)
    logits = model.get_layer("logits")
    logits.kernel.assign(np.zeros(logits.kernel.shape, np.float32))
    logits.bias.assign(np.eye(160, dtype=np.float32)[3])
    scores = score(model, seed=0, size=32, images=100, sprites=sprites())
    assert scores.confusions.sum() == 160
    assert scores.confusions[:, 3].sum() == 160
    assert scores.top1 == scores.confusions[3, 3] / 160
    assert scores.top5 >= scores.top1


def test_command_trains_evaluates_and_writes_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        train_command, "TrainingRecipe", partial(TrainingRecipe, stages=(Stage(32, 3, 0.6, 0.0, 2),), batch=20)
    )
    monkeypatch.setattr(train_command, "build", partial(build, blocks=TINY))
    monkeypatch.setattr(train_command, "fit", partial(fit, sprites=sprites()))
    monkeypatch.setattr(train_command, "score", lambda *_, **__: Scores(0.5, 0.75, np.eye(160, dtype=int)))
    monkeypatch.chdir(tmp_path)
    train_command.main(["--seed", "3", "--folder", "runs/small"])
    assert "Accuracy 0.5000 top-1, 0.7500 top-5." in capsys.readouterr().out
    folder = tmp_path / "runs" / "small"
    assert "--seed 3" in (folder / "MODEL_CARD.md").read_text("utf-8")
    written = build(len(LABELS), blocks=TINY)
    read_weights(written, folder / "weights.npz")
    assert np.abs(np.asarray(written.get_layer("logits").kernel)).max() > 0


def test_model_card_states_the_measurements(tmp_path: Path) -> None:
    confusions = 10 * np.eye(160, dtype=int)
    confusions[LABELS.index("fox")] = 0
    confusions[LABELS.index("fox"), [LABELS.index("fox"), LABELS.index("cat")]] = 7, 3
    weights = tmp_path / "weights.npz"
    weights.write_bytes(bytes(2_500_000))
    card = model_card(RECIPE, Scores(0.99, 0.999, confusions), 3600, weights, 1_234_567)
    assert "| fox | 0.700 | cat (3) |" in card
    assert "| panda |" not in card, "classes without mistakes are not listed"
    for fact in (
        "1,600 new images",
        "0.9900",
        "1,234,567",
        "2.50 MB",
        "60 minutes",
        "--seed 1",
        "| 32 | 40 | 0.6 | 1.0 | 2 |",
    ):
        assert fact in card
