"""The Mastodon API: Mastodon, GoToSocial, snac, Takahē, Pleroma and their relatives."""

from narvaro.connectors.mastodon.connector import Mastodon

__all__ = ["Mastodon"]
