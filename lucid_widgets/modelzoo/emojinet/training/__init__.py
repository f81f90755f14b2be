"""How EmojiNet was trained: the drawn data set, the training loop, the model card.

`python -m lucid_widgets.modelzoo.emojinet.training` trains it again.
"""
