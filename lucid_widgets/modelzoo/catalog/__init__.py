"""Networks that users can choose by name: the zoo, the networks of Keras, and model files."""

__all__: list[str] = []
