"""
Who may see what changed its audience on the platform: fewer at once, more only when a person has said so.

What its author has drawn back from the public stands under the rules of a private message from that moment. What was
private when it came in stays so here although its author has shown it to more since: a person looks first.

Law: TF-4, BBS-1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from narvaro.connectors.port import Visibility
from narvaro.core import audit, waiting
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.records import index, queries, rules
from narvaro.records.actions.noting import machine
from narvaro.records.models import Item, Version

PLACE = "records"
_SUBJECT = "records.item"

audience_followers: list[Callable[[Actor, Sequence[Item], bool], None]] = []
"""
What floors above do, in the same transaction, when fewer or more may see some items here than before.

With False they leave out what others have locked: capture waits for nobody, and the feed tells of its versions too.
"""


def follow_platform(authority_id: int, *, narrowed: Mapping[int, Visibility], wider: Sequence[Item]) -> None:
    """
    Take in, in the transaction of capture, what new versions say of who may see their items.

    Args:
        narrowed: By item, what fewer may see now.
        wider: What more may see on the platform than here; a registrar is asked about what was private.

    Law: TF-4, BBS-1
    """
    if not narrowed and not wider:
        return
    actor = machine(authority_id, "capture")
    for pk, visibility in narrowed.items():
        Item.objects.of(actor).filter(pk=pk).update(visibility=visibility.value)
    _mark_in_search(actor, list(narrowed))
    waiting.settle(actor, PLACE, _SUBJECT, list(narrowed))
    items = list(Item.objects.of(actor).filter(pk__in=list(narrowed)).order_by("pk"))
    for item in items:
        audit.note(actor, "records.narrow_item", item, visibility=item.visibility)
    for follow in audience_followers if items else ():
        follow(actor, items, False)
    waiting.put(actor, [
        waiting.Wait(
            place=PLACE, subject_kind=_SUBJECT, subject_id=item.pk,
            title=_("Ett privat meddelande har blivit synligt för fler på plattformen"),
            link=f"/handlingar/{item.uid}/", role=Role.REGISTRAR,
        )
        for item in wider
        if item.visibility == Visibility.PRIVATE
    ])  # fmt: skip


@transaction.atomic
def widen_item(*, actor: Actor, item: Item, why: str) -> None:
    """
    Decide that an item may be seen here by as many as on the platform, where its author has shown it to more.

    Raises:
        NotPermitted: The actor is no registrar, archivist or communications lead.
        Invalid: No reason was given, or the platform shows it to no more than we do.

    Law: TF-4, BBS-1
    """
    if not rules.may_widen(actor):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför fler får se den."), field="why")
    row: Item = Item.objects.of(actor).select_for_update().get(pk=item.pk)
    latest = queries.latest_said(actor, row)
    if not rules.is_narrower(row.visibility, latest.visibility):
        raise Invalid(_("På plattformen visas den inte för fler än här."))
    row.visibility = latest.visibility
    row.save(update_fields=["visibility"])
    _mark_in_search(actor, [row.pk])
    waiting.settle(actor, PLACE, _SUBJECT, [row.pk])
    audit.note(actor, "records.widen_item", row, why=why, visibility=row.visibility, version=latest.number)
    for follow in audience_followers:
        follow(actor, [row], True)


def _mark_in_search(actor: Actor, item_ids: Sequence[int]) -> None:
    if not item_ids:
        return
    index.hold(actor.authority_id)
    rows = Version.objects.of(actor).filter(item__in=list(item_ids), item__sealed_at=None).defer("payload")
    index.put_back(actor.authority_id, list(rows.select_related("item")))
