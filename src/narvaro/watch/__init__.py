"""What happens around the authority's presence: false accounts, what is said of its matters, what was found elsewhere. Never persons."""
