"""Pages of our own outlets."""
