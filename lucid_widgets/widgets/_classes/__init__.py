"""The classes that a network sees in the images of a widget."""
