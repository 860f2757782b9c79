"""
X by its API v2 (description 2.166; OAuth 2.0 with PKCE, Posts, Timelines, Hide replies, Media; read 2026-11-21).

Text is weighed as twitter-text's configuration 3 says (read the same day). Not tried against the live platform, whose
interface costs money for each app. Private messages are read only where the authority has chosen so (`messages`). A
post that is changed within its first hour gets new ids there; the first stays ours, so that a change is a version and
not another post.
"""

from narvaro.connectors.x.connector import X
from narvaro.connectors.x.login import XLogin
from narvaro.connectors.x.text import weighted

__all__ = ["X", "XLogin", "weighted"]
