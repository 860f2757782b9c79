"""
Instagram professional accounts, by the Instagram API with Instagram Login v25.0 (IG User, IG Media, IG Comment, IG
Container, Content Publishing; read 2026-11-21). Not tried against the live platform. Private messages are read
only where the authority has chosen so (P25). Posts that mention or tag the account (`/tags`, `mentioned_media`) are
given only to apps that are let in by Facebook Login, so they are entered as a lack.
"""

from narvaro.connectors.instagram.connector import Instagram

__all__ = ["Instagram"]
