"""
Facebook pages, by Meta's Graph API v25.0 (pages Post, Comment, Page Photos, Page Feed, Users or Pages Blocked; read
2026-11-21). Not tried against the live platform. Private messages are read
only where the authority has chosen so (P25).
"""

from narvaro.connectors.facebook.connector import Facebook

__all__ = ["Facebook"]
