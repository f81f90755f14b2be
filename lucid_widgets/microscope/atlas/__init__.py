"""Activation atlases of your own network and images: a map of what a layer represents.

`render_atlas` takes activations at random positions of images, lays them out in the plane, averages them within the
cells of grids, and visualizes the direction of each cell. `Atlas` reads the result, without TensorFlow.

    render_atlas("EmojiNet", "mixed4a", models.emoji_images(), "my_atlas")
    found = Atlas.open("my_atlas")
    found.picture()

Source: Carter, Armstrong, Schubert, Johnson & Olah, "Activation Atlas", Distill 2019.
"""

from lucid_widgets.microscope.atlas.opened import Atlas, AtlasCell

__all__ = ["Atlas", "AtlasCell"]
