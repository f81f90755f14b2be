"""Lucid's second import path for `lucid_widgets.optvis.overrides.gradient_override`."""

from lucid_widgets.optvis.overrides.gradient_override import (
    gradient_override_map,
    register_to_random_name,
    use_gradient,
)

__all__ = ["gradient_override_map", "register_to_random_name", "use_gradient"]
