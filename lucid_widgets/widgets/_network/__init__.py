"""The network of a widget: how code gets it, and how the user chooses another one."""
