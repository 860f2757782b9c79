"""What is at hand while somebody works: saved answers, colleagues, units, an expert's link, a suggested note."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import queries as core
from narvaro.core.moments import full_time
from narvaro.core.types import Actor, Role
from narvaro.inbox import rules
from narvaro.inbox.models import ExpertQuestion, Incoming, Learner, SavedAnswer
from narvaro.inbox.queries.items import kind_name, only_one
from narvaro.inbox.queries.threads import MOST_IN_A_THREAD
from narvaro.inbox.types import LinkUsed
from narvaro.records import queries as records

if TYPE_CHECKING:
    from narvaro.core.models import Person, Unit

WORKERS = (Role.UNIT_MANAGER, Role.REPRESENTATIVE, Role.DEPUTY)


def saved_answers(actor: Actor, *, unit_id: int | None = None) -> list[SavedAnswer]:
    """Return the saved answers of the authority, and of one unit when given, by title."""
    rows = SavedAnswer.objects.of(actor).filter(removed_at=None).select_related("unit")
    if unit_id is not None:
        rows = rows.filter(Q(unit_id=unit_id) | Q(unit=None))
    return list(rows.order_by("title", "pk"))


def saved_answer_for(actor: Actor, uid: UUID | str) -> SavedAnswer:
    """Return one saved answer that is not removed. Raises NotFound."""
    return only_one(SavedAnswer.objects.of(actor).filter(uid=uid, removed_at=None))


def is_any_learner_on() -> bool:
    """Whether any authority's learner is on, for sweeps and for whoever looks after the installation."""
    return Learner.objects.everywhere("see whether a learner is on").filter(is_on=True).exists()


def colleagues(actor: Actor, incoming: Incoming | None = None) -> list[Person]:
    """Return who can be given an item: those who answer residents; of its unit first, then by name."""
    everyone = core.people_with(actor, *WORKERS, Role.COMMUNICATIONS_LEAD)
    if incoming is None or incoming.unit_id is None:
        return everyone
    near = {p.pk for p in core.people_with(actor, *WORKERS, unit_id=incoming.unit_id)}
    return sorted(everyone, key=lambda p: (p.pk not in near, p.name))


def colleagues_in(actor: Actor, unit_id: int) -> list[Person]:
    """Return who answers residents in one unit, by name; those who lead the whole authority are not counted in."""
    held = core.assignments_of(actor)
    found = {a.person_id: a.person for a in held if a.unit_id == unit_id and a.role in WORKERS and a.person.is_active}
    return sorted(found.values(), key=lambda p: p.name)


def other_units(actor: Actor, incoming: Incoming) -> list[Unit]:
    """Return the units that an item can be passed on to, by name."""
    return [unit for unit in core.units(actor) if unit.pk != incoming.unit_id]


def expert_question(token: str) -> ExpertQuestion:
    """
    Return the question that a one-time link leads to; for somebody without an account.

    Raises:
        LinkUsed: Used, too old, or never given out.
    """
    found: ExpertQuestion | None = (
        ExpertQuestion.objects.everywhere("a colleague's one-time link")
        .filter(token_hash=sha256(token.encode()).hexdigest(), answered_at=None, expires_at__gt=now())
        .select_related("incoming__item__channel", "incoming__channel", "asked_by", "authority")
        .first()
    )
    if found is None:
        raise LinkUsed
    return found


def shown_to_expert(question: ExpertQuestion) -> records.Shown:
    """Return the item that a one-time link is about, with its words. Sealed: none."""
    actor = Actor.system(question.authority, "show an expert what is asked")
    return records.shown(actor, [question.incoming.item])[0]


@rules.in_swedish
def suggested_file_note(actor: Actor, incoming: Incoming) -> str:
    """
    Return a suggested file note about the thread for the registrar: facts, none of the resident's words.

    Law: FL-6 (27 §), OSL-6
    """
    items = records.thread_of(actor, incoming.item, limit=MOST_IN_A_THREAD)
    shown = records.shown(actor, [incoming.item])[0]
    received = [i for i in items if i.origin == "received"]
    ours = [i for i in items if i.origin == "drawn_up" and i.published_at > incoming.received_at]
    lines = [
        _("%(kind)s i kanalen %(channel)s från %(author)s, inkommen %(at)s.")
        % {
            "kind": kind_name(incoming),
            "channel": incoming.channel.name,
            "author": shown.author or _("okänd avsändare"),
            "at": full_time(incoming.received_at),
        },
        _("Tråden har %(in)d inkomna och %(out)d upprättade inlägg.")
        % {"in": len(received), "out": len(items) - len(received)},
    ]
    if ours:
        lines.append(_("Vi svarade %(at)s.") % {"at": full_time(min(i.published_at for i in ours))})
    elif incoming.due_at is not None:
        lines.append(_("Den är inte besvarad. Svar senast %(at)s.") % {"at": full_time(incoming.due_at)})
    else:
        lines.append(_("Den är inte besvarad."))
    return "\n".join(lines)
