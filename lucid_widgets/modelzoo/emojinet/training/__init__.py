"""How EmojiNet was trained: `python -m lucid_widgets.modelzoo.emojinet.training` trains it again.

`scenes` composes the labeled images, `loop` trains on them, `evaluation` measures, and `card` writes the model card.
"""

__all__: list[str] = []
