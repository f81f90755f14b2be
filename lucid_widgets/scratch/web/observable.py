"""A name of Lucid's for notebooks of Observable. It raises an error that says what replaces it."""

from lucid_widgets.misc._removed import removed

__all__ = ["renderObservable"]

renderObservable = removed(
    "renderObservable",
    "it loaded a runtime from a server that no longer has it",
    "Embed the notebook with IPython.display.IFrame, using the address that Observable shows under Embed.",
)
