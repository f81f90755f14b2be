"""Inception V1, the network of Lucid's tutorials, and its version after adversarial training."""

from __future__ import annotations

from pathlib import Path

from lucid_widgets.modelzoo.files.weights import PathLike, find_weights, local_weights
from lucid_widgets.modelzoo.graphdef.inception_v1 import InceptionV1

__all__ = ["InceptionV1", "InceptionV1_adv_finetuned"]


class InceptionV1_adv_finetuned(InceptionV1):
    """Inception V1 after further training on adversarial images (L2 attacks of up to 255)."""

    source = "gs://modelzoo/vision/other_models/InceptionV1_adv_finetuned.pb"
    file_names = ("InceptionV1_adv_finetuned.pb", "other_models/InceptionV1_adv_finetuned.pb")

    @classmethod
    def _download(cls) -> None:
        return None

    @classmethod
    def _local(cls) -> Path | None:
        return local_weights(cls.file_names)

    @classmethod
    def _find(cls, path: PathLike | None) -> Path:
        note = f" Lucid downloaded them from {cls.source}. models.InceptionV1() has the same architecture."
        return find_weights("InceptionV1_adv_finetuned", cls.file_names, path, note=note)
