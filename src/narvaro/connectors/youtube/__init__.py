"""
YouTube by its Data API v3 (description of 2026-11-04 and the pages on comments, errors and quota; read 2026-11-21).

The channel's films stand as our posts; what people write beneath them is read, answered, held back and let out again.
The interface gives neither community posts nor what is written beneath those, so they are neither read nor published:
a gap says so. New films are uploaded in YouTube Studio. Not tried against the live platform.
"""

from narvaro.connectors.youtube.connector import YouTube
from narvaro.connectors.youtube.login import YouTubeLogin

__all__ = ["YouTube", "YouTubeLogin"]
