"""EmojiNet, the network that the package carries, so that the first minute needs no download.

    model.py          `EmojiNet`, as every other model of the zoo
    architecture.py   its layers
    weights.py        its weights, in `weights.npz`
    classes.py        what it knows

How it came about, and how to make it again; none of it is needed to use it:

    sprites.py        emoji from a colour font
    textures.py       procedural patterns
    scenes.py         labelled images of both, endless and equal for equal seeds
    training.py       the loop
    card.py           the model card
    train.py          the command: python -m lucid_widgets.modelzoo.emojinet.training
"""

from lucid_widgets.modelzoo.emojinet.model import EmojiNet, embedded_model

__all__ = ["EmojiNet", "embedded_model"]
