"""Pages of the library and of consents."""
