"""Pages of sources, and the door that other systems knock at."""
