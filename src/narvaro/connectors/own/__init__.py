"""What the authority publishes by itself: a feed on its own pages, and a newsletter. No platform stands between."""

from narvaro.connectors.own.connector import Feed, Newsletter

__all__ = ["Feed", "Newsletter"]
