"""What a `LucidWidget` shows about its unit below the image."""
