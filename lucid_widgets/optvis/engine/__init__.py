"""The optimization loop: compiled programs, their state, and the iterator of frames."""

__all__: list[str] = []
