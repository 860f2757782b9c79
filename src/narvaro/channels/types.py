"""Words for channels."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from narvaro.base import platforms
from narvaro.core.types import Invalid


class Platform(models.TextChoices):
    """Platforms that the code knows by name; `base.platforms` knows all, and those without a connector go by hand."""

    BLUESKY = "bluesky", "Bluesky"
    MASTODON = "mastodon", "Mastodon"
    MANUAL = platforms.OTHER, _("Annan plats, för hand")


class ChannelState(models.TextChoices):
    ACTIVE = "active", _("I drift")
    CLOSED = "closed", _("Avslutad")


class AccountKind(models.TextChoices):
    """Whom an account speaks for."""

    MAIN = "main", _("Hela myndigheten")
    UNIT = "unit", _("En enhet")
    PROJECT = "project", _("Ett projekt")
    PERSON_IN_OFFICE = "person_in_office", _("En person i sin roll")
    CAMPAIGN = "campaign", _("En kampanj")


class Comments(models.TextChoices):
    """Whether people can write there."""

    OPEN = "open", _("Alla kan skriva")
    LIMITED = "limited", _("Vissa kan skriva, eller bara ibland")
    CLOSED = "closed", _("Ingen kan skriva")


class Connection(models.TextChoices):
    """How the connection to the platform stands (P6)."""

    MANUAL = "manual", _("Sköts för hand")
    NOT_CONNECTED = "not_connected", _("Inte ansluten")
    CONNECTED = "connected", _("Ansluten")
    TRANSIENT = "transient", _("Tillfälligt fel, försöker igen")
    RECONNECT = "reconnect", _("Behöver anslutas på nytt")
    MISCONFIGURED = "misconfigured", _("Fel i inställningarna")


class NotConnected(Invalid):
    """
    The platform did not accept a connection; nothing was changed. `how` is the class of the fault (P6).

    TRANSIENT: try again later. RECONNECT: the key or the consent is not good. MISCONFIGURED: the account's particulars.
    """

    def __init__(self, message: str, how: Connection) -> None:
        super().__init__(message)
        self.how = how


@dataclass(frozen=True, slots=True)
class Reading:
    """A channel's reading in our hands: valid while the stored fence is still ours."""

    channel_id: int
    authority_id: int
    fence: int
    cursor: str


VERBS = {
    "channels.add_channel": _("förde in kanalen i registret"),
    "channels.change_channel": _("ändrade kanalens uppgifter"),
    "channels.describe_channel": _("fyllde i kanalens kort"),
    "channels.connect_channel": _("anslöt kanalen"),
    "channels.read_soon": _("bad om att kanalen läses nu"),
    "channels.close_channel": _("avslutade kanalen"),
    "channels.add_shift": _("lade till ett bevakningspass"),
    "channels.remove_shift": _("tog bort ett bevakningspass"),
}
"""What each of channels' audit verbs means, after the actor's name."""
