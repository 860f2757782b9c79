"""
Instagram professional accounts, by the Instagram API with Instagram Login v25.0 (IG User, IG Media, IG Comment, IG
Container, Content Publishing; read 2026-11-21). Not tried against the live platform. Private messages are read
only where the authority has chosen so (P25).
"""

from narvaro.connectors.instagram.connector import Instagram

__all__ = ["Instagram"]
