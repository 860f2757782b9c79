"""Pages of the house."""
