"""Keras models: the adapter, the plan it replays, and what it can find out about preprocessing."""
