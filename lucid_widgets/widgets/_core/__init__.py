"""What every widget is made of: traits, messages, background runs, exports."""
