"""Frozen TensorFlow graphs and SavedModels: reading, editing and importing them layer by layer."""
