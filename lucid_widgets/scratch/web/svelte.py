"""Names of Lucid's Svelte components. They raise an error that names the widget which replaces them."""

from lucid_widgets.misc._removed import removed

__all__ = ["SvelteComponent", "build_svelte", "html_define_svelte", "js_id"]

_WHY = "it compiled pages with a version of Svelte that is no longer available"
_INSTEAD = (
    "Use ImageExplorer for a photograph's activations and attributions, FeatureGrid for channels, SpritePlayer for "
    "animations, and anywidget for components of your own."
)

SvelteComponent = removed("SvelteComponent", _WHY, _INSTEAD)
build_svelte = removed("build_svelte", _WHY, _INSTEAD)
html_define_svelte = removed("%%html_define_svelte", _WHY, _INSTEAD)
js_id = removed("js_id", _WHY, _INSTEAD)
