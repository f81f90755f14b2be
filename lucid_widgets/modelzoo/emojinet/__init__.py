"""EmojiNet, the network included in the package: with it, a first visualization needs no download.

model           `EmojiNet`, a model like those of the zoo
architecture    its layers
weights         reading and writing `weights.npz`
classes         its classes
drawn_images    labeled images for it, which need no font
training        how it was trained, which is not needed to use it
"""

from lucid_widgets.modelzoo.emojinet.drawn_images import emoji_images
from lucid_widgets.modelzoo.emojinet.model import EmojiNet, embedded_model

__all__ = ["EmojiNet", "embedded_model", "emoji_images"]
