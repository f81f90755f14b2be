"""Every unit of a network at once: a store of feature visualizations, and a site that shows it.

`lucid_widgets.render_model(model)` renders the images. A `Microscope` reads them, and needs neither TensorFlow nor the
network.

    render_model(models.EmojiNet(), out="my_microscope")
    found = Microscope.open("my_microscope")
    found.image("mixed4a:56")
    found.related("mixed4a:56")
    site("my_microscope", "site")

`lucid_widgets.render_atlas(model, layer, images)` makes a map of what a layer represents. An `Atlas` reads it.
"""

from lucid_widgets.microscope.atlas import Atlas, AtlasCell
from lucid_widgets.microscope.opened import Microscope
from lucid_widgets.microscope.progress import LayerProgress, Progress
from lucid_widgets.microscope.publishing import site

__all__ = ["Atlas", "AtlasCell", "LayerProgress", "Microscope", "Progress", "site"]
