"""The live view of one optimization: newest frame, filmstrip, run."""
