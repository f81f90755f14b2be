"""What a grid shows of a store of `render_model`."""
