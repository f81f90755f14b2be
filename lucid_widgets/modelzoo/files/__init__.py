"""Weight files: where they are, downloading and verifying them."""
