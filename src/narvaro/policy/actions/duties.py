"""What the guideline says that a responsible person does: shown to whoever becomes responsible, who says it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, letters, waiting
from narvaro.core.types import Actor, NotFound, Stale
from narvaro.policy import parameters, queries
from narvaro.policy.actions.reading import PLACE
from narvaro.policy.models import DutiesSeen

if TYPE_CHECKING:
    from narvaro.core.models import Authority

DUTIES_KIND = "policy.duties"
REMINDED_AFTER = timedelta(days=14)


@transaction.atomic
def follow_duties(*, authority: Authority) -> None:
    """Show whoever has become responsible what that means, and remind once those who have not said it is seen."""
    actor = Actor.system(authority, "duties of the responsible")
    row = queries.guideline_in_force(actor)
    if row is not None:
        obey_duties(actor, row.values)


def obey_duties(actor: Actor, values: Mapping[str, Any]) -> None:
    """
    Ask each who is responsible for a channel now to say that the duties are seen; part of the caller's transaction.

    Who has said it is asked again only when the guideline says something else. Nothing is stopped meanwhile.

    Args:
        values: What a guideline decides; without duties nobody is asked.

    Law: SM-03, TF-13 (that it is seen, and nothing else of the person)
    """
    duties = sorted(values.get("responsible_duties", ()))
    held = {each.pk: each for each in channels.responsible_now(actor)} if duties else {}
    rows = {row.assignment_id: row for row in DutiesSeen.objects.of(actor).filter(assignment__ended_at=None)}
    new = [
        DutiesSeen(authority_id=actor.authority_id, assignment=each, duties=duties)
        for pk, each in held.items()
        if pk not in rows
    ]
    DutiesSeen.objects.bulk_create(new, ignore_conflicts=True)
    changed = [pk for pk in held if pk in rows and rows[pk].duties != duties]
    DutiesSeen.objects.of(actor).filter(assignment__in=changed).update(duties=duties, at=None, asked_at=now())
    wanted = {pk for pk in held if pk in changed or pk not in rows or rows[pk].at is None}
    known = waiting.subjects(actor, PLACE, DUTIES_KIND)
    waiting.settle(actor, PLACE, DUTIES_KIND, sorted(known - wanted))
    waiting.put(actor, [_wait(held[pk]) for pk in sorted(wanted - known)])
    late = [held[pk] for pk in wanted & rows.keys() - set(changed) if rows[pk].asked_at + REMINDED_AFTER <= now()]
    letters.write(actor, [_letter(each, rows[each.pk]) for each in late])


@transaction.atomic
def see_duties(*, actor: Actor, uid: UUID | str, seen: str) -> DutiesSeen:
    """
    Say that one has seen what it means to be responsible for a channel. Once; a second time does nothing.

    Args:
        seen: The duties that the page showed, with a comma between.

    Raises:
        NotFound: Nobody has asked this person.
        Stale: The guideline says something else by now.

    Law: SM-03, TF-13
    """
    rows = DutiesSeen.objects.of(actor).select_for_update(of=("self",)).select_related("assignment__channel")
    row: DutiesSeen | None = rows.filter(
        uid=uid, assignment__person_id=actor.person_id or 0, assignment__ended_at=None
    ).first()
    if row is None:
        raise NotFound
    if seen != ",".join(row.duties):
        raise Stale
    if row.at is not None:
        return row
    row.at = now()
    row.save(update_fields=["at"])
    waiting.settle(actor, PLACE, DUTIES_KIND, [row.assignment_id])
    audit.note(actor, "policy.see_duties", row.assignment.channel, duties=row.duties)
    return row


def _wait(assignment: Any) -> waiting.Wait:
    with translation.override(assignment.person.language):
        title = _("Du är ansvarig för %(channel)s: se vad det innebär") % {"channel": assignment.channel.name}
    return waiting.Wait(
        PLACE, DUTIES_KIND, assignment.pk, title, reverse("policy:duties"), person_id=assignment.person_id
    )


def _letter(assignment: Any, row: DutiesSeen) -> letters.Note:
    with translation.override(assignment.person.language):
        subject = _("Vad det innebär att vara ansvarig för %(channel)s") % {"channel": assignment.channel.name}
        body = _(
            "Hej %(name)s!\n\nDu är ansvarig för kanalen %(channel)s. Det innebär, enligt riktlinjen: %(duties)s.\n\n"
            "Bekräfta med ett klick att du har sett det. Det görs i Närvaro på adressen /policy/uppdrag/."
        ) % {
            "name": assignment.person.get_short_name(), "channel": assignment.channel.name,
            "duties": parameters.labelled("responsible_duties", row.duties),
        }  # fmt: skip
    return letters.Note(
        "policy_duties", f"policy-duties:{row.pk}:{row.asked_at:%Y%m%d}", subject, body,
        to_person_id=assignment.person_id,
    )  # fmt: skip
