"""
Bluesky and the AT Protocol: what citizens write to the account, and what it publishes, both ways.

Posts cannot be edited there; profiles can. A name that its owner changes makes no new version of what was
written (see `items`). Private messages are not read. Import this package, not its modules.
"""

from narvaro.connectors.bluesky.connector import Bluesky
from narvaro.connectors.bluesky.keys import new_key
from narvaro.connectors.bluesky.session import Connection, connect, service_for
from narvaro.connectors.bluesky.text import facets, first_signs, graphemes

__all__ = ["Bluesky", "Connection", "connect", "facets", "first_signs", "graphemes", "new_key", "service_for"]
