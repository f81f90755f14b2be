"""Data sets of real images: a folder, a zip, an array, a `tf.data.Dataset`, and more, all as an `ImageSet`.

The images are uint8 RGB arrays, whatever the files contain. Importing this package does not load TensorFlow.
"""

from lucid_widgets.images.image_set import Batch, ImageSet
from lucid_widgets.images.sources import Source

__all__ = ["Batch", "ImageSet", "Source"]
