"""Objectives that compare the image with real images."""
