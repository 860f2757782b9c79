"""One item of the inbox and what belongs to it. Whoever may not read it finds nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from narvaro.base.clock import now
from narvaro.core.types import Actor, NotFound, NotPermitted
from narvaro.inbox import rules
from narvaro.inbox.models import Advice, Alarm, Escalation, Incoming, Note, Presence, Reply
from narvaro.inbox.types import Beside, Purpose
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item

Row = TypeVar("Row", bound=Model)

KINDS = {
    "public_records_request": gettext_lazy("Begäran om allmän handling"),
    "gdpr_request": gettext_lazy("Begäran om personuppgifter"),
    "accessibility_complaint": gettext_lazy("Anmälan om tillgänglighet"),
    "appeal": gettext_lazy("Överklagande"),
    "press": gettext_lazy("Fråga från medier"),
    "fault_report": gettext_lazy("Felanmälan"),
    "complaint": gettext_lazy("Klagomål"),
    "question": gettext_lazy("Fråga"),
}
PLACE = "inbox"
KIND = "inbox.incoming"


def incoming_for(actor: Actor, uid: UUID | str, *, lock: bool = False) -> Incoming:
    """
    Return one item of the actor's inbox.

    Raises:
        NotFound: Missing, another authority's, or private and not the actor's to read.
        NotPermitted: The actor does not read what comes in.
    """
    if not rules.may_read(actor):
        raise NotPermitted
    rows = Incoming.objects.of(actor).filter(uid=uid)
    if lock:
        only_one(rows.select_for_update())
    return only_one(readable(actor, rows).select_related("item__channel", "channel", "unit", "person", "publication"))


def incoming_of(actor: Actor, item: Item) -> Incoming | None:
    """Return the inbox row of a record item; None while it is not triaged, and for what we wrote ourselves."""
    found: Incoming | None = Incoming.objects.of(actor).filter(item_id=item.pk).first()
    return found


def incomings_for(actor: Actor, uids: Iterable[UUID | str], *, lock: bool = False) -> list[Incoming]:
    """Return the named items that the actor may read, in key order; others are absent."""
    rows = readable(actor, Incoming.objects.of(actor).filter(uid__in=list(uids)).order_by("pk"))
    if lock:
        list(rows.select_for_update().values_list("pk", flat=True))
    return list(rows.select_related("item__channel", "channel", "unit", "person"))


def note_for(actor: Actor, uid: UUID | str) -> Note:
    """Return one note of an item that the actor may read. Raises NotFound."""
    note = only_one(Note.objects.of(actor).filter(uid=uid).select_related("incoming"))
    incoming_for(actor, note.incoming.uid)
    return note


def may_undo(actor: Actor, incoming: Incoming) -> bool:
    """Whether the latest step was this person's and can be taken back."""
    before = incoming.before or {}
    return bool(before) and before.get("by") == actor.person_id and before.get("version") == incoming.version


def presence(actor: Actor, incoming: Incoming) -> list[Beside]:
    """Return who else looks or writes at an item now, latest first."""
    rows = Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE)
    found = rows.exclude(person_id=actor.person_id or 0).select_related("person").order_by("-at")
    return [Beside(row.person, row.doing, row.at) for row in found]


def own_presence(actor: Actor, incoming: Incoming) -> list[Beside]:
    """Return what the actor does at an item now: at most one row."""
    rows = Presence.objects.of(actor).filter(incoming=incoming, at__gt=now() - rules.PRESENCE)
    mine = rows.filter(person_id=actor.person_id or 0).select_related("person")
    return [Beside(row.person, row.doing, row.at) for row in mine]


def shown_words(actor: Actor, incoming: Incoming) -> records.Shown:
    """Return an item's latest words; none when it is sealed."""
    return records.shown(actor, [incoming.item])[0]


def replies_of(actor: Actor, publication_ids: Iterable[int]) -> dict[int, Reply]:
    """Return why each publication answers what it answers, by publication key; those of other kinds are absent."""
    rows = Reply.objects.of(actor).filter(publication_id__in=list(publication_ids)).select_related("incoming")
    return {row.publication_id: row for row in rows}


def purpose_of(actor: Actor, publication: Publication) -> str:
    """Return why a publication answers; a new try has the purpose of the first. An unknown one is an answer."""
    seen: set[int] = set()
    pk, before = publication.pk, publication.retry_of_id
    while pk not in seen:
        seen.add(pk)
        found = Reply.objects.of(actor).filter(publication_id=pk).values_list("purpose", flat=True).first()
        if found is not None or before is None:
            return found or Purpose.ANSWER.value
        pk = before
        before = (
            Reply.objects.of(actor).filter(publication_id=pk).values_list("publication__retry_of", flat=True).first()
        )
    return Purpose.ANSWER.value


def alarm_of(actor: Actor, incoming: Incoming) -> Alarm | None:
    """Return the alarm that an item raised, or None."""
    found: Alarm | None = (
        Alarm.objects.of(actor).filter(incoming=incoming).select_related("told", "accepted_by").first()
    )
    return found


def advice_for(actor: Actor, uid: UUID | str) -> Advice:
    """Return a question to the communications department, whose item the actor may read. Raises NotFound."""
    row = only_one(Advice.objects.of(actor).filter(uid=uid).select_related("incoming", "asked_by"))
    incoming_for(actor, row.incoming.uid)
    return row


def escalation_for(actor: Actor, uid: UUID | str) -> Escalation:
    """Return something escalated, whose item the actor may read. Raises NotFound."""
    row = only_one(Escalation.objects.of(actor).filter(uid=uid).select_related("incoming", "manager", "raised_by"))
    incoming_for(actor, row.incoming.uid)
    return row


def audited_about(actor: Actor, item: Item) -> list[tuple[str, int]]:
    """Return under which table and key the work with an item stands in the audit log; [] when there is none."""
    keys = Incoming.objects.of(actor).filter(item=item).values_list("pk", flat=True)
    return [("inbox.incoming", key) for key in keys]


def title_of(incoming: Incoming) -> str:
    """Return what a waiting item is called: its class and channel, never the resident's words."""
    return _("%(kind)s på %(channel)s") % {"kind": kind_name(incoming), "channel": incoming.channel.name}


def kind_name(incoming: Incoming) -> str:
    """Return what sort of errand an item is, in words; what is urgent goes before all else."""
    if incoming.urgency:
        return str(incoming.get_urgency_display())
    if not incoming.classes:
        return _("Kommentar")
    classes = set(incoming.classes.split(","))
    return next((str(name) for key, name in KINDS.items() if key in classes), _("Kommentar"))


def readable(actor: Actor, rows: QuerySet[Incoming]) -> QuerySet[Incoming]:
    """Return those of some rows that the actor may read. Law: TF-4, BBS-1"""
    return rows.exclude(Q(is_private=True) & ~Q(channel_id__in=records.private_channels(actor).values("pk")))


def only_one(rows: QuerySet[Row]) -> Row:
    """Return the only one of some rows. Raises NotFound."""
    found = rows.first()
    if found is None:
        raise NotFound
    return found
