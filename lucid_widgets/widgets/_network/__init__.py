"""The network of a widget: its origin for generated code, and the change to another network."""
