"""
LinkedIn pages of organisations by its versioned REST API, version 202605 (Posts, Images, Comments, Organization Access
Control, "little" text format; read 2026-11-21). Not tried against the live platform, which approves each app by hand.

Comments name who wrote them by an id only. What stands on the page of somebody else and names the organisation, and
private messages, are not read. The platform lets few calls be made in a day, so a page is read every tenth minute.
"""

from narvaro.connectors.linkedin.connector import LinkedIn
from narvaro.connectors.linkedin.login import LinkedInLogin
from narvaro.connectors.linkedin.text import escaped, unescaped

__all__ = ["LinkedIn", "LinkedInLogin", "escaped", "unescaped"]
