"""Where a unit fires in an image of the user's."""
