"""Building blocks of all widgets: traits, messages, background runs, exports."""
