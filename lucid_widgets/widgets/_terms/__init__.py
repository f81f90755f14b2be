"""Editing an objective as a list of terms."""
