"""EmojiViT, the transformer included in the package, trained on the same drawn images as EmojiNet.

model           `EmojiViT`, a model like those of the zoo
architecture    its layers
training        how it was trained, which is not needed to use it

Classes, drawn images, the training loop and the format of the weights are those of `modelzoo.emojinet`.
"""

from lucid_widgets.modelzoo.emojivit.model import EmojiViT

__all__ = ["EmojiViT"]
