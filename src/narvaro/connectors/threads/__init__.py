"""
Threads, by the Threads API v1.0 (Posts, Media, Reply Management, Create Replies, Mentions, Delete, Accessibility,
Rate limiting; read 2026-11-21). Not tried against the live platform. There are no private messages in it.
"""

from narvaro.connectors.threads.connector import Threads

__all__ = ["Threads"]
