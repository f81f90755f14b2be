"""The parts of `ImageExplorer`: its image, its analysis, its feature images and its code."""
