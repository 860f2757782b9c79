"""Pages of moderation, a module for each matter."""
