"""The live view of many units: cells, their order, the sheets sent to the page."""
