"""The settings and the history of `LucidWidget`."""
