"""A store as pages that open from a folder: `static_site` writes the files, `pages` their HTML."""

from lucid_widgets.microscope.publishing.static_site import site

__all__ = ["site"]
