"""Words for what happens with what is out."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeedKind(models.TextChoices):
    """What is done on a platform besides publishing. The first two are done to our own, the others to others'."""

    EDIT = "edit", _("Ändring")
    REMOVE = "remove", _("Borttagning")
    LIKE = "like", _("Gilla-markering")
    REPOST = "repost", _("Delning")
    FOLLOW = "follow", _("Följning")


OF_OUR_OWN = (DeedKind.EDIT, DeedKind.REMOVE)
ACTS = (DeedKind.LIKE, DeedKind.REPOST, DeedKind.FOLLOW)


class DeedState(models.TextChoices):
    """
    AWAITING → QUEUED → ATTEMPTING → DONE | REFUSED | UNKNOWN;  UNKNOWN → DONE | ABSENT.

    Only a person leads on from REFUSED or ABSENT, and that is a new deed (P23).
    """

    AWAITING = "awaiting", _("Väntar på att någon annan läser")
    QUEUED = "queued", _("Görs strax")
    ATTEMPTING = "attempting", _("Görs")
    DONE = "done", _("Gjort")
    REFUSED = "refused", _("Plattformen sa nej")
    UNKNOWN = "unknown", _("Oklart om det blev gjort")
    ABSENT = "absent", _("Det blev inte gjort")
    CANCELLED = "cancelled", _("Ångrat")


OPEN_DEEDS = (DeedState.AWAITING, DeedState.QUEUED, DeedState.ATTEMPTING, DeedState.UNKNOWN)


class Ground(models.TextChoices):
    """Why something of our own is removed; few, and light. Law: ARK-1"""

    WRONG = "wrong", _("Det är fel i sak")
    DOUBLE = "double", _("Det har kommit ut två gånger")
    HARM = "harm", _("Något som inte ska vara där: personuppgifter, en bild eller något hemligt")
    RIGHTS = "rights", _("Rätten att visa bilden har tagit slut")
    OLD = "old", _("Det gäller inte längre")
    OTHER = "other", _("Annat")


class Means(models.TextChoices):
    """How a correction is seen. Law: RF-1"""

    ANSWER = "answer", _("Ett synligt svar under inlägget")
    EDIT = "edit", _("Ändra texten, där plattformen visar att den är ändrad")
    ANEW = "anew", _("Ta bort och skriv ett nytt inlägg")


class Harm(models.TextChoices):
    """What is asked when something wrong has been out. Law: GDPR-3, OSL-4"""

    PERSONAL = "personal", _("Det visade personuppgifter som inte skulle ut")
    SECRET = "secret", _("Det visade något som kan omfattas av sekretess")
    VIOLATED = "violated", _("Någon blev kränkt")


class Found(models.TextChoices):
    """What is said of something in our name that did not go out from here."""

    LOOKING = "looking", _("Närvaro ser efter")
    OPEN = "open", _("Väntar på svar")
    OURS = "ours", _("Vårt")
    NOT_OURS = "not_ours", _("Inte vi")
    FROM_HERE = "from_here", _("Det gick ut från Närvaro")


class Differs(models.TextChoices):
    """In what the platform shows something else than was approved. Law: DOS-2 (alternative texts)"""

    GONE = "gone", _("Inlägget finns inte på plattformen")
    TEXT = "text", _("Texten")
    PICTURES = "pictures", _("Antalet bilder")
    ALT = "alt", _("Beskrivningen av en bild")
    FILM = "film", _("Filmen")
    FILM_ALT = "film_alt", _("Beskrivningen av filmen")
    CAPTIONS = "captions", _("Filmens undertexter")
    VISIBILITY = "visibility", _("Vem som ser det")
    LANGUAGE = "language", _("Språket")


AFTERWARDS_VERBS = {
    "publishing.read_back": _("jämförde det som syns med det som godkändes"),
    "publishing.settle_read_back": _("såg skillnaden mot det som godkändes"),
    "publishing.change_own": _("beslutade att ändra det som är ute"),
    "publishing.remove_own": _("beslutade att ta bort det som är ute"),
    "publishing.release_deed": _("läste ändringen och godkände den"),
    "publishing.cancel_deed": _("ångrade det innan det gjordes"),
    "publishing.deed_done": _("fick bekräftat att det är gjort"),
    "publishing.deed_stopped": _("bad en människa avgöra, för det blev inte gjort"),
    "publishing.settle_deed": _("såg att det inte blev gjort"),
    "publishing.correct": _("rättade något som var fel"),
    "publishing.act_in_name": _("gillade, delade eller följde i myndighetens namn"),
    "publishing.take_back_act": _("tog tillbaka en gilla-markering, delning eller följning"),
    "publishing.flag_outside": _("fann något i vårt namn som inte gick ut härifrån"),
    "publishing.own_outside": _("sa att det är vårt"),
    "publishing.disown_outside": _("sa att det inte är vi"),
}
"""What each of these audit verbs means, after the actor's name."""
