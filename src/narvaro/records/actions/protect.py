"""Protecting what was kept: suspected secrecy, seals for everyone, and expunging by a logged decision."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.media import store
from narvaro.records import export, index, queries, rules
from narvaro.records.models import Erasure, Export, File, Item, Version
from narvaro.records.types import FileState, Registration, WorkState


@transaction.atomic
def suspect_secrecy(*, actor: Actor, item_ids: Sequence[int]) -> int:
    """
    Mark items as possibly secret; they must then be registered. Returns how many were not marked before.

    Law: OSL-4, OSL-7 (a marking is only a warning)
    """
    rows = Item.objects.of(actor).filter(pk__in=list(item_ids), secrecy_suspected=False)
    entered = rows.filter(registration=Registration.REGISTERED).update(secrecy_suspected=True)
    return entered + rows.update(secrecy_suspected=True, registration=Registration.REGISTER)


@transaction.atomic
def seal_item(*, actor: Actor, item: Item, why: str) -> None:
    """
    Seal an item for everyone at once; what was not fetched yet is never fetched.

    Copies that were taken out before and still wait to be fetched are removed, since the item stands in them.

    Raises:
        NotPermitted: The actor may not seal.

    Law: BBS-10
    """
    if not rules.may_seal(actor):
        raise NotPermitted
    changed = Item.objects.of(actor).filter(pk=item.pk, sealed_at=None).update(sealed_at=now())
    _files(actor, item).filter(state__in=[FileState.WAITING, FileState.FAILED]).update(state=FileState.WITHHELD)
    if changed:
        _take_out_of_search(actor, item)
        _take_back_exports(actor, item)
        audit.note(actor, "records.seal_item", item, why=why)


@transaction.atomic
def lift_seal(*, actor: Actor, item: Item, why: str) -> None:
    """
    Lift a seal that turned out to be wrong. Files that were withheld stay so.

    Raises:
        NotPermitted: Only those who may expunge may lift a seal.
        Invalid: No reason was given.
    """
    if not rules.may_expunge(actor):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv varför förseglingen hävs."), field="why")
    if Item.objects.of(actor).filter(pk=item.pk).exclude(sealed_at=None).update(sealed_at=None):
        index.hold(item.authority_id)
        index.put_back(item.authority_id, list(_versions(actor, item).select_related("item")))
        audit.note(actor, "records.lift_seal", item, why=why)


@transaction.atomic
def expunge_item(*, actor: Actor, item: Item, why: str) -> int:
    """
    Expunge the content of every version of a sealed item: text, payload, files and salts. Leaves and metadata stay.

    Returns:
        How many versions were expunged; 0 when they were already.

    Raises:
        NotPermitted: The actor may not expunge.
        Invalid: The item is not sealed, its content is held, or no reason was given.

    Law: BBS-10 (possession is itself a crime), TF-12 (by a logged decision only)
    """
    if not rules.may_expunge(actor):
        raise NotPermitted
    if not why.strip():
        raise Invalid(_("Skriv skälet till beslutet."), field="why")
    if item.sealed_at is None:
        raise Invalid(_("Försegla först. Bara det som är förseglat kan utplånas."))
    if any(hold.covers_content for hold in queries.holds_of(actor, item)):
        raise Invalid(_("Handlingen hålls kvar för en polisanmälan. Avsluta det först, med skäl, om den ska utplånas."))
    audit.note(actor, "records.expunge_item", item, why=why)
    _take_out_of_search(actor, item)
    versions = list(Version.objects.of(actor).filter(item=item, expunged_at=None).defer("payload"))
    digests = {version.payload_digest for version in versions if version.payload_in_store}
    digests |= set(_files(actor, item).exclude(digest="").values_list("digest", flat=True))
    erasure = Erasure.objects.create(authority_id=item.authority_id, item=item, digests=sorted(digests))
    _files(actor, item).update(state=FileState.EXPUNGED, digest="", alt="", url="")
    count = Version.objects.of(actor).filter(pk__in=[v.pk for v in versions]).update(
        text="", media="", url="", author_remote_id="", author_handle="", author_name="", language="", payload=None,
        payload_digest="", payload_in_store=False, content_digest="", salt=None, expunged_at=now(),
    )  # fmt: skip
    # Files go after the commit: a decision that was rolled back must not have lost anything. The sweep of
    # traces removes them too, should we be killed in between.
    transaction.on_commit(partial(remove_files, erasure))
    return count


def remove_files(erasure: Erasure) -> None:
    """Remove the files of an expunged item at once, but for those that another record holds too."""
    for digest in erasure.digests:
        if not queries.is_wanted(erasure.authority_id, digest):
            store.expunge(erasure.authority_id, digest)


def _files(actor: Actor, item: Item) -> QuerySet[File]:
    return File.objects.of(actor).filter(version__item=item)


def end_erasures(*, before: int) -> int:
    """
    Write that the traces of everything expunged up to erasure `before` are cleared; returns how many.

    Law: BBS-10
    """
    rows = Erasure.objects.everywhere("erase traces").filter(pk__lte=before, erased_at=None)
    for erasure in rows:
        remove_files(erasure)
    return int(rows.update(erased_at=now(), digests=[]))


def _take_back_exports(actor: Actor, item: Item) -> None:
    """Remove the finished exports that may hold an item, and let those that are being made begin again."""
    rows = Export.objects.of(actor).filter(Q(channel=None) | Q(channel=item.channel_id), removed_at=None)
    rows.filter(state=WorkState.RUNNING).update(
        state=WorkState.WAITING, fence=F("fence") + 1, attempts=F("attempts") - 1, lease_until=None
    )
    for done in rows.filter(state=WorkState.DONE):
        transaction.on_commit(partial(export.remove_file, done.uid, done.form))
    rows.filter(state=WorkState.DONE).update(removed_at=now())


def _take_out_of_search(actor: Actor, item: Item) -> None:
    index.hold(item.authority_id)
    index.remove(item.authority_id, _versions(actor, item))


def _versions(actor: Actor, item: Item) -> QuerySet[Version]:
    return Version.objects.of(actor).filter(item=item).defer("payload")
