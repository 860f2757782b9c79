"""
What somebody found on a page that is not ours: the nearest manager decides whether we answer, and what we answered
there is kept.

Law: FL-3, ARK-12, TF-13
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.records import actions as records
from narvaro.records.actions.manual import HandItem
from narvaro.watch import queries, rules
from narvaro.watch.models import Elsewhere
from narvaro.watch.queries import ELSEWHERE_KIND, PLACE
from narvaro.watch.types import ElsewhereState, Sort

MOST_LETTERS = 10_000


@transaction.atomic
def bring_elsewhere(*, actor: Actor, sort: str, text: str, link: str, unit_uid: UUID | str) -> Elsewhere:
    """
    Put an error, a criticism or a question that stands on somebody else's page before the nearest manager.

    Who wrote it is not asked for and not kept.

    Raises:
        NotPermitted: The actor only reads.
        NotFound: No such unit here.
        Invalid: No words, no link, or an unknown sort.

    Law: FL-3, RF-4, TF-13
    """
    if not rules.may_add(actor):
        raise NotPermitted
    unit = core.unit_for(actor, unit_uid)
    if sort not in Sort.values:
        raise Invalid(_("Välj vad det är."), field="sort")
    if not rules.is_link(link.strip()):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="link")
    if not text.strip() or len(text) > MOST_LETTERS:
        raise Invalid(_("Klistra in det som står där, i korthet."), field="text")
    row: Elsewhere = Elsewhere.objects.create(
        authority_id=actor.authority_id, sort=sort, text=rules.without_people(text, most=MOST_LETTERS),
        link=link.strip(), unit=unit, brought_by_id=actor.person_id,
    )  # fmt: skip
    manager = core.nearest_manager(actor, unit.pk)
    _put(
        actor, row, _("Ska vi svara? %(sort)s") % {"sort": Sort(sort).label},
        person_id=manager.pk if manager else None,
    )  # fmt: skip
    audit.note(actor, "watch.bring_elsewhere", row, unit=unit.uid)
    return row


@transaction.atomic
def decide_elsewhere(
    *, actor: Actor, uid: UUID | str, is_answered: bool, why: str = "", seen_version: int | None = None
) -> Elsewhere:
    """
    Decide whether we answer there. Then it waits for whoever brought it in to answer, on that page.

    Raises:
        NotFound
        NotPermitted: The actor does not lead the unit, nor communications.
        Invalid: It is left without a reason.
        Stale: It is decided already.

    Law: FL-3
    """
    row = queries.elsewhere_for(actor, uid, lock=True)
    if not rules.may_decide_elsewhere(actor, row.unit_id):
        raise NotPermitted(_("Enhetens chef eller kommunikationsansvarig avgör det här."))
    refuse_stale(seen_version, row.version)
    if row.state != ElsewhereState.WAITING:
        raise Stale
    if not is_answered and not why.strip():
        raise Invalid(_("Skriv varför vi inte svarar."), field="why")
    state = ElsewhereState.TO_ANSWER if is_answered else ElsewhereState.LEFT
    _move(
        actor, row, state=state, why=why.strip()[:500], decided_at=now(), decided_by_id=actor.person_id
    )  # fmt: skip
    if is_answered:
        _put(actor, row, _("Svara där det står, och bevara svaret här"), person_id=row.brought_by_id)
    else:
        waiting.settle(actor, PLACE, ELSEWHERE_KIND, [row.pk])
    audit.note(actor, "watch.decide_elsewhere", row, is_answered=is_answered)
    return row


@transaction.atomic
def keep_reply(
    *, actor: Actor, uid: UUID | str, channel_uid: UUID | str, text: str, link: str = "",
    seen_version: int | None = None,
) -> Elsewhere:  # fmt: skip
    """
    Keep what we answered on somebody else's page, with what it answers and where it stands, as a record.

    Args:
        channel_uid: Which of our accounts answered.
        link: Where the answer stands; "" for where the rest does.

    Raises:
        NotFound: No such thing, or no such channel.
        NotPermitted: The actor only reads.
        Invalid: No words, or the link is none.
        Stale: Nobody has decided that it is answered, or it is answered already.

    Law: ARK-12, TF-5
    """
    row = queries.elsewhere_for(actor, uid, lock=True)
    if not rules.may_add(actor):
        raise NotPermitted
    refuse_stale(seen_version, row.version)
    if row.state != ElsewhereState.TO_ANSWER:
        raise Stale(_("Chefen har inte avgjort det än, eller så är det redan besvarat."))
    if not text.strip():
        raise Invalid(_("Klistra in ert svar, som det står där."), field="text")
    where = link.strip() or row.link
    if not rules.is_link(where):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="link")
    kept = records.capture_by_hand(
        actor=actor, channel=channels.channel_for(actor, channel_uid), link=where,
        items=[HandItem(text=row.text), HandItem(text=text.strip(), is_own=True, parent=0)],
    )  # fmt: skip
    _move(
        actor, row, state=ElsewhereState.ANSWERED, item=kept[1], answered_at=now(), answered_by_id=actor.person_id
    )  # fmt: skip
    waiting.settle(actor, PLACE, ELSEWHERE_KIND, [row.pk])
    audit.note(actor, "watch.keep_reply", row, item=kept[1].uid)
    return row


def _move(actor: Actor, row: Elsewhere, **values: Any) -> None:
    Elsewhere.objects.of(actor).filter(pk=row.pk).update(version=F("version") + 1, **values)
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1


def _put(actor: Actor, row: Elsewhere, title: str, *, person_id: int | None) -> None:
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=ELSEWHERE_KIND, subject_id=row.pk, title=title,
                link=f"/bevakning/annanstans/{row.uid}/", person_id=person_id,
                role="" if person_id else Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip
