"""To the registrar, and into the registry."""

from __future__ import annotations

import os
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import audit, waiting
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted, Role
from narvaro.records import queries, rules
from narvaro.records.models import Item, RegistryEntry
from narvaro.records.types import Registration

PLACE = "registry"
_SALT_BYTES = 32


@transaction.atomic
def queue_for_registrar(
    *,
    actor: Actor,
    item: Item,
    suggested_note: str = "",
    why: str = "",
    counterparty: str = "",
    due_at: datetime | None = None,
    whole_thread: bool = True,
) -> RegistryEntry:
    """
    Put an item, with its thread, before the registrar. Doing it again returns the entry that waits.

    Law: OSL-1, OSL-4, OSL-6
    """
    try:
        with transaction.atomic():
            entry: RegistryEntry = RegistryEntry.objects.create(
                authority_id=item.authority_id, item=item, suggested_note=suggested_note, why=why[:300],
                received_on=item.published_at.astimezone(STOCKHOLM).date(), counterparty=counterparty[:300],
                queued_by_id=actor.person_id, due_at=due_at, whole_thread=whole_thread, salt=os.urandom(_SALT_BYTES),
            )  # fmt: skip
    except IntegrityError:
        found: RegistryEntry = RegistryEntry.objects.of(actor).get(item=item, state=RegistryEntry.State.QUEUED)
        return found
    Item.objects.of(actor).filter(pk=item.pk).exclude(registration=Registration.REGISTERED).update(
        registration=Registration.REGISTER
    )
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind="records.registryentry", subject_id=entry.pk,
                title=why or _("Ska diarieföras"),
                link=f"/handlingar/diarium/{entry.uid}/", due_at=due_at, role=Role.REGISTRAR,
            )
        ],
    )  # fmt: skip
    audit.note(actor, "records.queue_for_registrar", entry, item=item.uid, mark=queries.mark_of_entry(entry))
    return entry


@transaction.atomic
def enter_in_registry(
    *,
    actor: Actor,
    entry: RegistryEntry,
    registry_number: str,
    summary: str,
    counterparty: str = "",
    counterparty_is_public: bool = True,
    summary_public: str = "",
    seen_version: int | None = None,
) -> RegistryEntry:
    """
    Enter the registry number and what the entry must show.

    Raises:
        NotPermitted: Only the registrar enters.
        Stale: Somebody changed it in between.
        Invalid: No number, or it does not say what the matter is about.

    Law: OSL-6
    """
    if not rules.may_register(actor):
        raise NotPermitted
    row: RegistryEntry = (
        RegistryEntry.objects.of(actor).select_for_update(of=("self",)).select_related("item").get(pk=entry.pk)
    )
    house.refuse_stale(seen_version, row.version)
    if not registry_number.strip():
        raise Invalid(_("Fyll i diarienumret."), field="registry_number")
    if not summary.strip():
        raise Invalid(_("Skriv i korthet vad det rör."), field="summary")
    row.state = RegistryEntry.State.ENTERED
    row.registry_number, row.summary, row.summary_public = (
        registry_number.strip(),
        summary.strip(),
        summary_public.strip(),
    )
    row.counterparty, row.counterparty_is_public = counterparty.strip(), counterparty_is_public
    row.entered_by_id, row.entered_at, row.version = actor.person_id, now(), row.version + 1
    row.salt = row.salt or os.urandom(_SALT_BYTES)  # one that was queued by 0.1.0 has none
    row.save()
    Item.objects.of(actor).filter(pk=row.item_id).update(registration=Registration.REGISTERED)
    waiting.settle(actor, PLACE, "records.registryentry", [row.pk])
    audit.note(
        actor, "records.enter_in_registry", row, registry_number=row.registry_number, mark=queries.mark_of_entry(row)
    )
    return row


@transaction.atomic
def refuse_registration(*, actor: Actor, entry: RegistryEntry, why: str) -> None:
    """
    Decide that an entry is not needed: what is kept in order need not be registered.

    Raises:
        NotPermitted: Only the registrar decides.
        Invalid: The item may be secret, and is then always registered; or no reason was given.

    Law: OSL-2, OSL-4
    """
    if not rules.may_register(actor):
        raise NotPermitted
    if entry.item.secrecy_suspected:
        raise Invalid(_("Det kan gälla sekretess, och då ska handlingen alltid diarieföras."))
    if not why.strip():
        raise Invalid(_("Skriv varför det inte behövs."), field="why")
    rows = RegistryEntry.objects.of(actor).filter(pk=entry.pk, state=RegistryEntry.State.QUEUED)
    row = rows.select_for_update(of=("self",)).select_related("item").first()
    if row is None:
        return
    row.state, row.entered_by_id, row.entered_at = RegistryEntry.State.NOT_NEEDED, actor.person_id, now()
    row.salt = row.salt or os.urandom(_SALT_BYTES)
    row.save()
    # What was entered once stays so, though it needs not be entered anew.
    items = Item.objects.of(actor).filter(pk=row.item_id).exclude(registration=Registration.REGISTERED)
    items.update(registration=Registration.KEPT_IN_ORDER)
    waiting.settle(actor, PLACE, "records.registryentry", [row.pk])
    audit.note(actor, "records.refuse_registration", row, why=why, mark=queries.mark_of_entry(row))
