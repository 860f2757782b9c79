"""Words for publications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from narvaro.publishing.types.afterwards import AFTERWARDS_VERBS
from narvaro.publishing.types.approval import APPROVAL_VERBS
from narvaro.publishing.types.evaluation import EVALUATION_VERBS
from narvaro.publishing.types.planning import PLANNING_VERBS
from narvaro.publishing.types.promotion import PROMOTION_VERBS
from narvaro.publishing.types.website import WEBSITE_VERBS

if TYPE_CHECKING:
    from narvaro.media.models import Film


class State(models.TextChoices):
    """
    QUEUED → ATTEMPTING → DELIVERED | REFUSED | UNKNOWN;  UNKNOWN → DELIVERED | ABSENT | (a person decides).
    AWAITING → QUEUED | CANCELLED: in a crisis somebody else approves it first.
    TURN → QUEUED: a part of a thread, once the part before it is delivered.
    BY_HAND → DELIVERED | NOT_DONE: a person publishes it, and says so; no machine touches it.

    Only a person leads from REFUSED, UNKNOWN or ABSENT to a new attempt, and that is a new publication (P23).
    """

    AWAITING = "awaiting", _("Väntar på godkännande")
    QUEUED = "queued", _("Skickas strax")
    ATTEMPTING = "attempting", _("Skickas")
    DELIVERED = "delivered", _("Publicerat")
    REFUSED = "refused", _("Plattformen sa nej")
    UNKNOWN = "unknown", _("Oklart utfall")
    ABSENT = "absent", _("Finns inte på plattformen")
    CANCELLED = "cancelled", _("Ångrat")
    TURN = "turn", _("Väntar på delen före")
    BY_HAND = "by_hand", _("Ska publiceras för hand")
    NOT_DONE = "not_done", _("Publicerades inte")


class Purpose(models.TextChoices):
    """
    What a publication is for. Only a new post passes the channel's gate; what the law or safety asks for never waits.

    Law: FL-2 (answers), BBS-2
    """

    ANSWER = "answer", _("Svar")
    POST = "post", _("Nytt inlägg")
    CORRECTION = "correction", _("Rättelse av något vi har skrivit")
    CRISIS = "crisis", _("Kris: människor behöver veta nu")


class MessageState(models.TextChoices):
    """
    DRAFT → AWAITING → PLANNED, or at once to PLANNED where nobody else reads it first. Changed, it is a draft again.

    PLANNED is handed to the schedule; what became of it in each channel its publications tell.
    """

    DRAFT = "draft", _("Utkast")
    AWAITING = "awaiting", _("Väntar på godkännande")
    PLANNED = "planned", _("Planerat eller skickat")
    THROWN = "thrown", _("I papperskorgen")


class LabelKind(models.TextChoices):
    """What a label is: a word for what a message is about, or a campaign with an end."""

    LABEL = "label", _("Etikett")
    CAMPAIGN = "campaign", _("Kampanj")


PASSES_ALWAYS = (Purpose.CORRECTION, Purpose.CRISIS)
"""Posts that the gate never stops."""

NEEDS_PERSON = (State.REFUSED, State.UNKNOWN, State.ABSENT)
NOT_BEGUN = (State.AWAITING, State.QUEUED, State.TURN, State.BY_HAND)
"""States in which nothing has begun to be sent, so that it can be taken back."""
NEVER_OUT = (*NOT_BEGUN, State.CANCELLED, State.NOT_DONE)
"""States in which nothing has gone out, and nothing is on its way."""
OPEN = (State.AWAITING, State.QUEUED, State.ATTEMPTING, State.UNKNOWN, State.TURN, State.BY_HAND)


VERBS = {
    "publishing.publish_answer": _("skrev ett svar"),
    "publishing.publish_post": _("skrev ett inlägg"),
    "publishing.release": _("godkände svaret, och det skickas"),
    "publishing.send_back": _("skickade tillbaka svaret, med skäl"),
    "publishing.answer_together": _("svarade flera på en gång"),
    "publishing.undo": _("ångrade svaret innan det skickades"),
    "publishing.try_again": _("såg efter på plattformen och skickade igen"),
    "publishing.let_be": _("lät det vara som det är"),
    "publishing.deliver": _("fick bekräftat att svaret är publicerat"),
    "publishing.save_message": _("sparade ett utkast"),
    "publishing.void_approval": _("ändrade texten, och godkännandet gäller inte längre"),
    "publishing.ask_approval": _("bad någon annan läsa och godkänna"),
    "publishing.approve_message": _("godkände inlägget"),
    "publishing.return_message": _("skickade tillbaka inlägget, med skäl"),
    "publishing.send_message": _("lät inlägget gå ut, eller planerade det"),
    "publishing.note_message": _("kommenterade inlägget"),
    "publishing.ask_advice": _("bad om råd om inlägget"),
    "publishing.throw_message": _("slängde ett utkast"),
    "publishing.bring_back_message": _("tog tillbaka ett slängt utkast"),
    "publishing.change_four_eyes": _("ändrade var någon annan läser först"),
    "publishing.register_by_hand": _("publicerade det för hand och registrerade länken"),
    "publishing.not_done": _("sa att det inte publicerades, och varför"),
    "publishing.end_thread": _("lät resten av tråden vara"),
    "publishing.begin_draft": _("började på ett utkast"),
    "publishing.save_text": _("sparade en färdig text"),
    "publishing.put_away_text": _("tog bort en färdig text ur listan"),
    "publishing.save_label": _("sparade en etikett eller kampanj"),
    "publishing.put_away_label": _("tog bort en etikett eller kampanj ur listan"),
    "publishing.reschedule_message": _("flyttade inlägget till en annan tid"),
    "publishing.follow_calendar": _("skapade en adress för att följa kalendern"),
    "publishing.unfollow_calendar": _("tog bort adressen som följer kalendern"),
    "publishing.add_election_day": _("skrev in en valdag"),
    "publishing.remove_election_day": _("tog bort en valdag"),
    "publishing.tell_author": _("bad en människa avgöra vad som hände"),
    **AFTERWARDS_VERBS,
    **APPROVAL_VERBS,
    **EVALUATION_VERBS,
    **PLANNING_VERBS,
    **PROMOTION_VERBS,
    **WEBSITE_VERBS,
}
"""What each of publishing's audit verbs means, after the actor's name."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with a text: how it may be divided, what warns about it, and what stands beneath it."""

    may_split: bool = False
    is_numbered: bool = False
    warning: str = ""
    language: str = "sv"
    visibility: str = "public"
    poll: dict[str, Any] | None = None  # options, hours, is_multiple
    card: dict[str, Any] | None = None  # url, title, description, picture (its uid) and digest
    film: Film | None = None  # of the library, instead of pictures


@dataclass(frozen=True, slots=True)
class Approver:
    """Who approves before anything goes out: a person, or, when it is None, those who lead communications."""

    person_id: int | None
    link: str  # where it is done
