"""Model files that describe how to use the network in them, as Lucid writes them: a frozen graph with metadata.

`save` and `freeze` write them, `load` and `metadata` read them, and `suggest` prints a call of `Model.save`.
"""

__all__: list[str] = []
