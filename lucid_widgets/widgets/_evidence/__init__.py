"""Real images next to a visualization: what excites a unit, and how the visualization compares."""
