"""What can be visualized without a model of one's own: the zoo, the networks of Keras, and files of models."""

__all__: list[str] = []
