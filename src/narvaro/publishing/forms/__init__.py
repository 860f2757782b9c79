"""Forms of publishing, by what they are about."""
