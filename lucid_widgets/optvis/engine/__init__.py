"""The optimization loop: compiled steps, their state, and the iterator of frames."""
