"""The words of the engine: what a finding is, and the scales and classes it speaks in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .own import OwnRules


class Direction(StrEnum):
    INCOMING = "incoming"
    OUTGOING = "outgoing"


class Severity(IntEnum):
    """
    How much a finding asks of a person; ordered, so that `max` and `>=` mean what they say.

    NOTE, LOOK and URGENT are used for what comes in, NOTE, ASK and BLOCK for what goes out.
    """

    NOTE = 10  # worth knowing, one quiet line
    LOOK = 20  # a person looks during working hours
    ASK = 30  # outgoing: the writer is asked once, and may go on
    URGENT = 40  # life, safety or a removal duty: at any hour
    BLOCK = 50  # outgoing: not published as it stands


class Area(StrEnum):
    """What a rule is about; one rule file an area, named after it."""

    PERSONAL_DATA = "personal_data"
    SECRECY = "secrecy"
    THREAT = "threat"
    STAFF = "staff"
    SUICIDE = "suicide"
    CHILD = "child"
    EMERGENCY = "emergency"
    ABUSE_MATERIAL = "abuse_material"
    PRIVACY_INTRUSION = "privacy_intrusion"
    AGITATION = "agitation"
    INCITEMENT = "incitement"
    VIOLENCE = "violence"
    TERRORISM = "terrorism"
    COPYRIGHT = "copyright"
    SERVICE = "service"
    COURTESY = "courtesy"
    SPAM = "spam"
    PERSONAL_ATTACK = "personal_attack"
    HARASSMENT = "harassment"
    LINKS = "links"
    OWN = "own"  # an authority's own rules; they have no file
    OUTGOING_PERSONAL_DATA = "outgoing_personal_data"
    OUTGOING_DECISION = "outgoing_decision"
    OUTGOING_SIDE_TAKING = "outgoing_side_taking"
    OUTGOING_DISRESPECT = "outgoing_disrespect"
    OUTGOING_IRONY = "outgoing_irony"
    OUTGOING_PICTURES = "outgoing_pictures"
    OUTGOING_HASHTAGS = "outgoing_hashtags"
    OUTGOING_EMOJI = "outgoing_emoji"
    OUTGOING_LINKS = "outgoing_links"
    OUTGOING_PLAIN_LANGUAGE = "outgoing_plain_language"
    OUTGOING_SENDER = "outgoing_sender"
    OUTGOING_NOTICE_BOARD = "outgoing_notice_board"


class ServiceClass(StrEnum):
    """What a resident wants from us, or what we owe them. Stands as `Finding.ground` where no law is the ground."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    FAULT_REPORT = "fault_report"
    PUBLIC_RECORDS_REQUEST = "public_records_request"
    GDPR_REQUEST = "gdpr_request"
    ACCESSIBILITY_COMPLAINT = "accessibility_complaint"
    APPEAL = "appeal"
    PRESS = "press"
    CONCERN_FOR_CHILD = "concern_for_child"
    SUICIDE_RISK = "suicide_risk"
    EMERGENCY = "emergency"
    THREAT_TO_STAFF = "threat_to_staff"
    PRAISE = "praise"
    TRIVIAL = "trivial"
    SPAM = "spam"


class Kind(StrEnum):
    """What an outgoing text will be: something we begin with, or an answer in a thread."""

    POST = "post"
    REPLY = "reply"


class Tone(StrEnum):
    """How a channel speaks; what is quietly remarked on in an outgoing text follows it."""

    FORMAL = "formal"
    NEUTRAL = "neutral"
    RELAXED = "relaxed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    A picture or film that goes out with the text.

    `alternative` is the alternative text as it stands, "" when there is none. `text_in_picture` is what can be
    read in the picture, "" when nobody knows.
    """

    alternative: str = ""
    credit: str = ""  # who made it
    text_in_picture: str = ""
    is_decorative: bool = False  # somebody said that it needs no alternative text


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """
    What the engine may know besides the text. Every field has a default, and new ones will too.

    It never holds anything about who wrote the text: no finding may rest on the person (RF-4).
    """

    own_domains: frozenset[str] = frozenset()  # "storkoping.example"; its addresses are ours to publish
    own_phones: frozenset[str] = frozenset()  # our own numbers, in any way of writing
    own_rules: OwnRules | None = None  # the authority's own rules of the same direction
    # What follows is asked about outgoing texts only.
    kind: Kind = Kind.POST
    pictures: tuple[Picture, ...] = ()
    needs_credit: bool = False  # the channel shows who made its pictures
    lix_limit: int | None = None  # the authority's highest readability index; None: not measured
    sender_shown: bool = True  # the reader sees which authority speaks without reading the text
    sender_names: frozenset[str] = frozenset()  # what the authority calls itself, any of which tells who speaks
    tone: Tone = Tone.NEUTRAL


def context_from(stated: Mapping[str, Any]) -> Context:
    """
    Return a context from plain values, as TOML and JSON have them; lists become sets.

    Raises:
        ValueError: A field that there is not, or a value that it cannot have.
    """
    readings: dict[str, Callable[[Any], Any]] = {
        "kind": Kind, "tone": Tone, "pictures": lambda pictures: tuple(Picture(**picture) for picture in pictures),
    }  # fmt: skip
    known = {}
    for key, value in stated.items():
        if key == "own_rules":
            raise ValueError("Own rules are no plain value.")
        read = readings.get(key, frozenset if isinstance(value, list) else None)
        try:
            known[key] = read(value) if read else value
        except TypeError as problem:
            raise ValueError(f"The context cannot have such a {key}.") from problem
    try:
        return Context(**known)
    except TypeError as problem:
        raise ValueError("The context has no such field.") from problem


class Finding(NamedTuple):
    """
    One thing in one text that a person may need to see, and why.

    `span` is half-open, in characters of the original text; `text[start:end]` is what was found.
    `ground` is a provision ("BBS-5a", "OSL-21-1", "GDPR-7") or a `ServiceClass` value.
    `sentence` is a Swedish message id, to be translated where it is shown.
    `version` names the engine and the rules that made it, so that an old finding can be explained.
    """

    rule: str
    span: tuple[int, int]
    severity: Severity
    ground: str
    sentence: str
    area: Area
    version: str
