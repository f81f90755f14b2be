"""The optimization loop: compiled programs, their state, and the iterator of frames."""
