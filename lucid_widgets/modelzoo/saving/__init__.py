"""Models as files that describe themselves: `Model.save` and `Model.load`."""
