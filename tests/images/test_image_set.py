"""`ImageSet`: sources, broken files, and images of every mode."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from lucid_widgets.errors import ArgumentError, MissingFileError
from lucid_widgets.images import ImageSet
from lucid_widgets.images.decoding import decoded
from lucid_widgets.modelzoo.emojinet import emoji_images

RED = (255, 0, 0)


def png(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, color in (("b/two.png", (0, 0, 255)), ("a/one.png", RED), ("a/three.PNG", (0, 255, 0))):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(Image.new("RGB", (6, 4), color)))
    (tmp_path / "photos" / "a" / "notes.txt").write_text("no image")
    return tmp_path / "photos"


def test_folder_is_sorted_and_labeled_by_its_sub_folders(folder: Path) -> None:
    images = ImageSet.of(folder)
    assert images.ids == ("a/one.png", "a/three.PNG", "b/two.png")
    assert images.labels == ("a", "a", "b")
    assert images.image(0).shape == (4, 6, 3)
    assert images.image(0)[0, 0].tolist() == list(RED)
    assert images.image(2, (2, 2)).tolist() == [[[0, 0, 255]] * 2] * 2


def test_broken_files_are_skipped_counted_and_named(folder: Path) -> None:
    (folder / "a" / "two.png").write_bytes(png(Image.new("RGB", (6, 4)))[:40])
    images = ImageSet.from_folder(folder)
    batches = list(images.batches(2))
    assert [batch.indices.tolist() for batch in batches] == [[0, 1], [3]]
    assert list(images.skipped) == ["a/two.png"]
    assert "1 skipped" in repr(images)
    with pytest.raises(ArgumentError, match=r"a/two.png: The image"):
        images.image(2)
    assert [batch.indices.tolist() for batch in images.batches(2, start=2)] == [[3]]


def test_fingerprint_follows_names_labels_and_content(folder: Path) -> None:
    before = ImageSet.from_folder(folder).fingerprint
    assert ImageSet.from_folder(folder).fingerprint == before
    assert ImageSet.from_folder(folder, dict.fromkeys(ImageSet.of(folder).ids, "x")).fingerprint != before
    (folder / "b" / "two.png").write_bytes(png(Image.new("RGB", (9, 4))))
    assert ImageSet.from_folder(folder).fingerprint != before


def test_zip_reads_the_same_as_its_folder(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder).as_posix())
    packed, loose = ImageSet.of(tmp_path / "photos.zip"), ImageSet.of(folder)
    assert (packed.ids, packed.labels) == (loose.ids, loose.labels)
    assert np.array_equal(packed.image(1), loose.image(1))
    assert packed.fingerprint == ImageSet.from_zip(tmp_path / "photos.zip").fingerprint
    with pytest.raises(ArgumentError, match="not a zip"):
        ImageSet.from_zip(folder / "a" / "one.png")
    with pytest.raises(MissingFileError):
        ImageSet.from_folder(tmp_path / "photo")


GRAY = Image.new("L", (3, 2), 51)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png(GRAY), (51, 51, 51)),
        (png(Image.new("RGBA", (3, 2), (255, 0, 0, 0))), (128, 128, 128)),
        (png(Image.new("RGBA", (3, 2), (255, 0, 0, 255))), RED),
        (png(Image.new("CMYK", (3, 2), (0, 255, 255, 0)), "TIFF"), RED),
        (png(Image.fromarray(np.full((2, 3), 257 * 51, np.uint16))), (51, 51, 51)),
        (png(Image.new("P", (3, 2), 0)), (0, 0, 0)),
        (png(Image.new("1", (3, 2), 1)), (255, 255, 255)),
        (png(Image.fromarray(np.full((2, 3), 0.2, np.float32)), "TIFF"), (51, 51, 51)),
    ],
    ids=["gray", "transparent", "opaque", "CMYK", "16 bit", "palette", "1 bit", "float"],
)
def test_every_mode_becomes_rgb(data: bytes, expected: tuple[int, int, int]) -> None:
    found = decoded(data)
    assert found.dtype == np.uint8
    assert found.shape == (2, 3, 3)
    assert np.array_equal(found, np.full((2, 3, 3), expected))


def test_exif_turns_the_image() -> None:
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), RED)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    found = decoded(png(image, exif=exif))
    assert found.shape == (3, 2, 3)
    assert found[0, 1].tolist() == list(RED)


def test_large_images_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lucid_widgets.images.decoding.MAX_PIXELS", 5)
    with pytest.raises(ArgumentError, match="3 × 2 pixels"):
        decoded(png(GRAY))


def test_arrays_of_mixed_sizes_and_types() -> None:
    images = ImageSet.of([np.zeros((4, 4, 3)), np.full((2, 2), 255, np.uint8), Image.new("RGBA", (2, 2), RED)])
    assert [batch.images.shape for batch in images.batches(3)] == [(1, 4, 4, 3), (2, 2, 2, 3)]
    assert [batch.images.shape for batch in images.batches(3, (3, 3))] == [(3, 3, 3, 3)]
    assert list(ImageSet.of([]).batches(4)) == []
    assert len(ImageSet.of(np.zeros((1, 2, 2, 3)))) == 1
    with pytest.raises(ArgumentError, match="2 labels for 1 images"):
        ImageSet.from_array(np.zeros((1, 2, 2, 3)), ["a", "b"])
    with pytest.raises(ArgumentError, match="Expected a folder"):
        ImageSet.of(3)


def test_generator_can_be_read_again_from_any_place() -> None:
    starts = []

    def start() -> Any:
        starts.append(1)
        return (np.full((2, 2, 3), index % 256, np.uint8) for index in range(600))

    images = ImageSet.from_generator(start, 600)
    seen = np.concatenate([batch.images[:, 0, 0, 0] for batch in images.batches(64)])
    assert seen.tolist() == [index % 256 for index in range(600)]
    assert len(starts) == 1
    assert images.image(599)[0, 0, 0] == 599 % 256  # among the recent ones
    assert images.image(3)[0, 0, 0] == 3
    assert len(starts) == 2
    longer = ImageSet.from_generator(start, 700)
    assert sum(len(batch.indices) for batch in longer.batches(64)) == 600
    assert len(longer.skipped) == 100


class Names:
    names = ("cat", "dog")


class Faces:
    """What `datasets.Dataset` offers."""

    column_names = ("image", "label")
    features: ClassVar = {"label": Names}
    _fingerprint = "f"
    _rows = ({"image": GRAY, "label": 1}, {"image": Image.new("RGB", (5, 5), RED), "label": 0})

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Any) -> Any:
        return [row[key] for row in self._rows] if isinstance(key, str) else self._rows[key]


def test_hugging_face_datasets() -> None:
    images = ImageSet.of(Faces())
    assert images.labels == ("dog", "cat")
    assert images.image(0)[0, 0].tolist() == [51, 51, 51]
    with pytest.raises(ArgumentError, match="no column 'picture'"):
        ImageSet.from_huggingface(Faces(), image="picture")


@pytest.mark.slow
def test_tensorflow_datasets(folder: Path) -> None:
    pixels = np.arange(5 * 2 * 2 * 3, dtype=np.uint8).reshape(5, 2, 2, 3)
    single = tf.data.Dataset.from_tensor_slices((pixels, [0, 1, 0, 1, 1]))
    for dataset in (single, single.batch(2)):
        images = ImageSet.from_dataset(dataset, labels=["cat", "dog"])
        assert images.labels == ("cat", "dog", "cat", "dog", "dog")
        assert np.array_equal(images.image(4), pixels[4])
    unknown = single.filter(lambda image, label: True).map(lambda image, label: image)
    with pytest.raises(ArgumentError, match="Pass length="):
        ImageSet.of(unknown)
    assert len(ImageSet.from_dataset(unknown, length=5)) == 5
    of_keras = keras.utils.image_dataset_from_directory(str(folder), image_size=(4, 6), batch_size=2, verbose=False)
    images = ImageSet.of(of_keras)
    assert sorted(zip(images.ids, images.labels or (), strict=True))[0] == ("one.png", "a")
    assert images.image(images.ids.index("one.png"))[0, 0].tolist() == list(RED)


def test_changing_an_image_does_not_change_the_set() -> None:
    for images in (emoji_images(1, 32), ImageSet.from_array(np.zeros((1, 4, 4, 3), np.uint8))):
        before = images.image(0).copy()
        images.image(0)[:] = 77
        assert np.array_equal(images.image(0), before)


def test_drawn_images_are_drawn_once() -> None:
    first, second = emoji_images(3, 32), emoji_images(2, 32)
    assert second.labels == first.labels[:2]
    assert second._source._drawn is first._source._drawn
    assert np.array_equal(first.image(1), second.image(1))
    assert not np.array_equal(first.image(1), emoji_images(2, 32, seed=1).image(1))
