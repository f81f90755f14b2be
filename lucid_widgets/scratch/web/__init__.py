"""Names of Lucid's components for web pages. They raise an error that names the widget which replaces them."""

__all__: list[str] = []
