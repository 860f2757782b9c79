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
    FACEBOOK = "facebook", "Facebook"
    INSTAGRAM = "instagram", "Instagram"
    THREADS = "threads", "Threads"
    X = "x", "X"
    YOUTUBE = "youtube", "YouTube"
    LINKEDIN = "linkedin", "LinkedIn"
    FLICKR = "flickr", "Flickr"
    FEED = "feed", _("Eget nyhetsflöde")
    NEWSLETTER = "newsletter", _("Eget nyhetsbrev")
    MANUAL = platforms.OTHER, _("Annan plats, för hand")


OWN = (Platform.FEED.value, Platform.NEWSLETTER.value)
"""Where no platform stands between: what we publish is shown and sent by Närvaro itself."""


class ChannelState(models.TextChoices):
    """Where a channel is in its life; it goes one way but for resting and waking."""

    PROPOSED = "proposed", _("Föreslagen")
    DECIDED = "decided", _("Beslutad")
    ACTIVE = "active", _("I drift")
    DORMANT = "dormant", _("I vila")
    CLOSING = "closing", _("Under avslut")
    CLOSED = "closed", _("Avslutad")


IN_USE = (ChannelState.ACTIVE, ChannelState.DORMANT)
DECIDABLE = (ChannelState.PROPOSED, *IN_USE)
"""States in which the one decision may be taken: before the channel is, or when an old one never had any."""

NOT_BEGUN = (ChannelState.PROPOSED, ChannelState.DECIDED)
"""States of a channel that nobody outside has met yet: it is not told of, and nothing goes out there."""


class Level(models.TextChoices):
    """What becomes of it when something asked of a channel is missing."""

    OFF = "off", _("Frågas inte efter")
    REMIND = "remind", _("Påminner")
    STOP = "stop", _("Hindrar nya egna inlägg")


class Duty(models.TextChoices):
    """What somebody answers for in a channel."""

    RESPONSIBLE = "responsible", _("Ansvarig")
    DEPUTY = "deputy", _("Ersättare")


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


class IncidentKind(models.TextChoices):
    """What has happened to an account."""

    TAKEN_OVER = "taken_over", _("Kontot är kapat")
    PUBLISHED = "published", _("Något har publicerats som inte skulle det")


class Concerns(models.TextChoices):
    """Whether an incident concerns personal data."""

    UNKNOWN = "unknown", _("Vet inte än")
    YES = "yes", _("Ja")
    NO = "no", _("Nej")


class EntryKind(models.TextChoices):
    """What a line of an incident's log tells."""

    OPENED = "opened", _("Incidenten öppnades")
    MEASURE = "measure", _("Åtgärd")
    TOLD = "told", _("Berättat")
    REPORTED = "reported", _("Anmält")
    NOT_NEEDED = "not_needed", _("Behöver inte anmälas")
    CHANGED = "changed", _("Ny uppgift")
    NOTE = "note", _("Anteckning")
    CLOSED = "closed", _("Incidenten avslutades")


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
    "channels.bring_in_register": _("läste in ett kanalregister"),
    "channels.change_channel": _("ändrade kanalens uppgifter"),
    "channels.describe_channel": _("fyllde i kanalens kort"),
    "channels.verify_account": _("läste kontots presentation"),
    "channels.change_demands": _("ändrade vad varje presentation ska säga"),
    "channels.connect_channel": _("anslöt kanalen"),
    "channels.keep_app": _("skrev in myndighetens app hos plattformen"),
    "channels.read_soon": _("bad om att kanalen läses nu"),
    "channels.choose_private_messages": _("valde om privata meddelanden läses in"),
    "channels.propose_channel": _("föreslog kanalen"),
    "channels.approve_channel": _("godkände att kanalen startas"),
    "channels.take_decision": _("beslutade om kanalen"),
    "channels.open_channel": _("tog kanalen i drift"),
    "channels.rest_channel": _("lät kanalen vila"),
    "channels.keep_channel": _("prövade kanalen, som behålls"),
    "channels.wake_channel": _("väckte kanalen"),
    "channels.begin_closing": _("började avsluta kanalen"),
    "channels.close_channel": _("avslutade kanalen"),
    "channels.assess_platform": _("bedömde plattformen"),
    "channels.change_gate": _("ändrade vad som krävs av en kanal"),
    "channels.add_shift": _("lade till ett bevakningspass"),
    "channels.remove_shift": _("tog bort ett bevakningspass"),
    "channels.hand_over_channels": _("lämnade över kanaler till någon annan"),
    "channels.find_vacancy": _("såg att någon som svarar för kanalen är borta, har slutat eller bytt enhet"),
    "channels.choose_monthly_letter": _("valde om månadsbrevet ska komma"),
    "channels.keep_custody": _("skrev var lösenordet ligger"),
    "channels.note_access": _("förde upp en funktion på listan över vilka som har tillgång"),
    "channels.end_access": _("tog bort en funktion från listan över vilka som har tillgång"),
    "channels.review_access": _("såg över vilka som kan styra kontot"),
    "channels.check_security": _("gick igenom säkerheten"),
    "channels.open_incident": _("öppnade en incident"),
    "channels.change_incident": _("ändrade vad incidenten gäller"),
    "channels.write_in_log": _("skrev i incidentens logg"),
    "channels.revoke_key": _("kastade nyckeln till kontot"),
    "channels.close_incident": _("avslutade incidenten"),
    "channels.take_out_report": _("hämtade incidentens rapport"),
}
"""What each of channels' audit verbs means, after the actor's name."""
