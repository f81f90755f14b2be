"""`ImageSet`: numbered, named and labeled images from any source."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from lucid_widgets.errors import ArgumentError, missing_file, whole_number
from lucid_widgets.images.decoding import EXTENSIONS
from lucid_widgets.images.sources import Arrays, Files, Source, Zip
from lucid_widgets.images.streams import HuggingFace, Stream, of_tf_data
from lucid_widgets.misc.io.scoping import expanded
from lucid_widgets.misc.io.serialize_array import UInt8Array

__all__ = ["Batch", "ImageSet"]

Labels = Sequence[Any] | Mapping[str, Any] | None


class Batch(NamedTuple):
    """Some images of one size.

    Attributes:
        indices: Their places in the set, int64 `[batch]`.
        images: uint8 `[batch, height, width, 3]`.
    """

    indices: npt.NDArray[np.int64]
    images: UInt8Array


class ImageSet:
    """Real images, in a fixed order.

    Images are uint8 RGB, whatever the source holds: gray, transparent (over gray), CMYK, 16 bits, or turned by EXIF.
    A file that cannot be read is skipped: `batches` leaves it out, and `skipped` names it with the reason.

    Use a constructor: `from_folder`, `from_zip`, `from_paths`, `from_array`, `from_dataset`, `from_huggingface`,
    `from_generator`; or `ImageSet.of`, which chooses one.

    Args:
        source: What to read from.
        name: Name of the set in messages and widgets.

    Attributes:
        name: Name of the set.
        skipped: The reason why an image was skipped, by id. Files are opened when they are needed, so the dict fills up
            while the images are read.

    Example:
        >>> photos = ImageSet.from_folder("photos")
        >>> len(photos), photos.labels[0], photos.image(0).shape
        (396, 'cat', (224, 224, 3))
    """

    def __init__(self, source: Source, name: str = "images") -> None:
        self._source = source
        self.name = name
        self.skipped: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._source.ids)

    def __repr__(self) -> str:
        kinds = "" if self.labels is None else f", {len(set(self.labels))} labels"
        skipped = f", {len(self.skipped)} skipped" if self.skipped else ""
        return f"<ImageSet {self.name!r}: {len(self)} images{kinds}{skipped}>"

    @property
    def ids(self) -> tuple[str, ...]:
        """The name of each image."""
        return tuple(self._source.ids)

    @property
    def labels(self) -> tuple[str, ...] | None:
        """The label of each image; None if the set has no labels."""
        return None if self._source.labels is None else tuple(self._source.labels)

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digits that identify the images. They change when an image, its name or its label changes."""
        return self._source.fingerprint

    def image(self, index: int, size: tuple[int, int] | None = None) -> UInt8Array:
        """Return an image.

        Args:
            index: Its place in the set.
            size: `(height, width)` to crop and resize it to; default: its own size.

        Returns:
            uint8 `[height, width, 3]`. Changing it does not change the set.

        Raises:
            ArgumentError: If it cannot be read.
            OutOfRangeError: If there is no such image.
        """
        number = whole_number("index", index, 0, len(self) - 1, owner=self.name)
        try:
            return np.array(self._source.read(number, size))
        except ArgumentError as error:
            raise ArgumentError(f"{self.ids[number]}: {error.message}", error.hint) from error

    def batches(self, size: int, shape: tuple[int, int] | None = None, start: int = 0) -> Iterator[Batch]:
        """Yield all images that can be read, in order.

        Args:
            size: Most images in a batch. A batch begins at every multiple of `size`, so that a pass which starts in the
                middle sees the same batches.
            shape: `(height, width)` to crop and resize all images to; default: each has its own size, and only images
                of one size are in a batch.
            start: Index of the first image.
        """
        step = whole_number("size", size, 1)
        for first in range(whole_number("start", start, 0), len(self), step):
            indices: list[int] = []
            images: list[UInt8Array] = []
            for index in range(first, min(first + step, len(self))):
                image = self._readable(index, shape)
                if image is None:
                    continue
                if images and image.shape != images[0].shape:
                    yield Batch(np.array(indices), np.stack(images))
                    indices, images = [], []
                indices.append(index)
                images.append(image)
            if images:
                yield Batch(np.array(indices), np.stack(images))

    def _readable(self, index: int, shape: tuple[int, int] | None) -> UInt8Array | None:
        try:
            return self._source.read(index, shape)
        except ArgumentError as error:
            self.skipped[self.ids[index]] = str(error)
            return None

    # Constructors.

    @classmethod
    def of(cls, images: Any) -> ImageSet:
        """Return an image set of whatever was given: an image set, the path of a folder or a zip, an array, a dataset,
        or a list of paths or images.

        Raises:
            ArgumentError: If it is none of these.
        """
        if isinstance(images, ImageSet):
            return images
        if isinstance(images, (str, os.PathLike)):
            path = expanded(images)
            return cls.from_zip(path) if path.is_file() and zipfile.is_zipfile(path) else cls.from_folder(path)
        if hasattr(images, "element_spec"):
            return cls.from_dataset(images)
        if hasattr(images, "features") and hasattr(images, "column_names"):
            return cls.from_huggingface(images)
        if isinstance(images, np.ndarray):
            return cls.from_array(images)
        if isinstance(images, Sequence) and not isinstance(images, bytes):
            if images and all(isinstance(each, (str, os.PathLike)) for each in images):
                return cls.from_paths(images)
            return cls.from_array(images)
        raise ArgumentError(
            f"The images are of type {type(images).__name__!r}.",
            "Expected a folder, a zip, an array, a dataset, or a list; ImageSet.from_generator takes a function.",
        )

    @classmethod
    def from_folder(cls, path: str | os.PathLike[str], labels: Mapping[str, Any] | None = None) -> ImageSet:
        """Return the images in a folder and its sub-folders, sorted by path.

        Args:
            path: The folder. The images in its sub-folders have the name of the sub-folder as label.
            labels: Labels by id, which is the path within the folder; default: the names of sub-folders.

        Raises:
            MissingFileError: If there is no such folder.
        """
        folder = expanded(path)
        if not folder.is_dir():
            raise missing_file(folder)
        paths = [each for each in folder.rglob("*") if each.suffix.lower() in EXTENSIONS and each.is_file()]
        found = sorted((each.relative_to(folder).as_posix(), each) for each in paths)
        ids = [name for name, _ in found]
        return cls(Files([each for _, each in found], ids, _labels_by_id(ids, labels)), folder.name)

    @classmethod
    def from_zip(cls, path: str | os.PathLike[str], labels: Mapping[str, Any] | None = None) -> ImageSet:
        """Return the images in a zip archive, sorted by path. They are never unpacked to the disk.

        Args:
            path: The archive.
            labels: As for `from_folder`.

        Raises:
            MissingFileError: If there is no such file.
            ArgumentError: If it is not a zip archive.
        """
        file = expanded(path)
        if not file.is_file():
            raise missing_file(file)
        try:
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        except zipfile.BadZipFile as error:
            raise ArgumentError(f"{file.name} is not a zip archive ({error}).", "Check the file.") from error
        ids = sorted({name for name in names if os.path.splitext(name)[1].lower() in EXTENSIONS})
        return cls(Zip(file, ids, _labels_by_id(ids, labels)), file.stem)

    @classmethod
    def from_paths(cls, paths: Sequence[str | os.PathLike[str]], labels: Labels = None) -> ImageSet:
        """Return the images in a list of files, in that order.

        Args:
            paths: The files.
            labels: One label per file; default: none.
        """
        files = [expanded(each) for each in paths]
        ids = _unique([each.name for each in files], [str(each) for each in files])
        return cls(Files(files, ids, _labels(labels, len(files))), "files")

    @classmethod
    def from_array(cls, images: npt.ArrayLike | Sequence[Any], labels: Labels = None) -> ImageSet:
        """Return images that are in memory.

        Args:
            images: `[number, height, width, channels]`, or a list of arrays or PIL images of any size; floats in
                [0, 1] or uint8.
            labels: One label per image; default: none.
        """
        held: Any = images if isinstance(images, np.ndarray) else list(images)  # type: ignore[arg-type]
        if isinstance(held, np.ndarray) and held.ndim not in (3, 4):
            raise ArgumentError(
                f"The images have the shape {held.shape}.", "Expected [number, height, width, channels]."
            )
        if isinstance(held, list):
            held = [each if isinstance(each, Image.Image) else np.asarray(each) for each in held]
        ids = [str(index) for index in range(len(held))]
        return cls(Arrays(held, ids, _labels(labels, len(held))), "array")

    @classmethod
    def from_dataset(
        cls,
        dataset: Any,
        labels: Sequence[str] | None = None,
        *,
        length: int | None = None,
        fingerprint: str | None = None,
    ) -> ImageSet:
        """Return the images of a `tf.data.Dataset`, such as `keras.utils.image_dataset_from_directory` returns.

        Args:
            dataset: Its elements are images, batches of them, or tuples or dicts that begin with one; a second entry is
                the label. If Keras says which files the data set reads, the files themselves are used.
            labels: Names of the classes; default: those that Keras noted, or the values themselves.
            length: Number of images, for a data set that does not know it.
            fingerprint: A text that identifies the images; default: a hash of the labels and of the first images.

        Raises:
            ArgumentError: If the number of images is unknown.
        """
        files = getattr(dataset, "file_paths", None)
        if files and labels is None:
            found = cls.from_paths(files)
            classes = [Path(each).parent.name for each in files]
            known = set(getattr(dataset, "class_names", None) or ())
            return cls.from_paths(files, classes) if known.issuperset(classes) and known else found
        names = labels if labels is not None else getattr(dataset, "class_names", None)
        stream, _ = of_tf_data(dataset, names, length, fingerprint)
        return cls(stream, "dataset")

    @classmethod
    def from_huggingface(cls, dataset: Any, image: str = "image", label: str | None = "label") -> ImageSet:
        """Return the images of a `datasets.Dataset` of Hugging Face.

        Args:
            dataset: The data set. Its columns are decoded by the library.
            image: Name of the column with the images.
            label: Name of the column with the labels; it may be missing.

        Raises:
            ArgumentError: If there is no such column of images.
        """
        columns = list(getattr(dataset, "column_names", None) or (dataset[0] if len(dataset) else ()))
        if len(dataset) and image not in columns:
            raise ArgumentError(f"The dataset has no column {image!r}.", f"Pass image= one of {', '.join(columns)}.")
        return cls(HuggingFace(dataset, image, label if label in columns else None), "dataset")

    @classmethod
    def from_generator(
        cls,
        start: Callable[[], Iterable[Any]],
        length: int,
        labels: Labels = None,
        *,
        fingerprint: str | None = None,
    ) -> ImageSet:
        """Return images that a function generates.

        Args:
            start: Returns an iterator of arrays or PIL images, the same at every call.
            length: Their number.
            labels: One label per image; default: none.
            fingerprint: A text that identifies the images; default: a hash of the labels and of the first images.
        """
        if not callable(start):
            raise ArgumentError(
                f"start is of type {type(start).__name__!r}.",
                "Expected a function that returns an iterator, because a pass may begin again.",
            )
        count = whole_number("length", length, 0)
        return cls(Stream(start, count, _labels(labels, count), fingerprint), "generator")


def _labels(labels: Labels, count: int) -> list[str] | None:
    if labels is None:
        return None
    found = [str(each) for each in labels]
    if len(found) != count:
        raise ArgumentError(f"There are {len(found)} labels for {count} images.", "Expected one label per image.")
    return found


def _labels_by_id(ids: Sequence[str], labels: Mapping[str, Any] | None) -> list[str] | None:
    if labels is not None:
        missing = next((each for each in ids if each not in labels), None)
        if missing is not None:
            raise ArgumentError(f"{missing!r} has no label.", "Expected a label for every image.")
        return [str(labels[each]) for each in ids]
    folders = [os.path.basename(os.path.dirname(each)) for each in ids]
    return folders if folders and all(folders) else None


def _unique(names: list[str], longer: list[str]) -> list[str]:
    if len(set(names)) == len(names):
        return names
    if len(set(longer)) == len(longer):
        return longer
    return [f"{index}: {name}" for index, name in enumerate(names)]
