"""Internals of `lucid_widgets.runner`: the worker thread, and the jobs that it runs."""
