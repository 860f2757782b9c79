"""Närvaro: an authority's presence in social media, lawfully and with good judgement."""

__version__ = "0.2.0"
