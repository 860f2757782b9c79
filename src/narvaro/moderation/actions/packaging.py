"""Evidence packages for a report to the police: made, handed out, and the police's number kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.core import audit, ledger
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.moderation import package as packages
from narvaro.moderation import queries, rules
from narvaro.moderation.actions.deciding import proved
from narvaro.moderation.models import Measure, Package
from narvaro.records import actions as records
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.records.models import Item

LONGEST_NUMBER = 60


def make_package(
    *, actor: Actor, item: Item | None = None, measure: Measure | None = None, case_number: str = ""
) -> Package:
    """
    Make an evidence package about an item, or about what a measure was about, and hold the records it rests on.

    What it holds is fixed now; its bytes are made when somebody takes it out, and are the same each time.
    Child abuse material and what is sealed is reported with where and when, never with what it is.

    Raises:
        NotPermitted: The actor makes no packages.
        NotFound: It is about something private that is not the actor's to read.
        Invalid: Neither an item nor a measure, or too long a number.
        NotKept, CannotYet: The record is not kept and proved yet.

    Law: BBS-5, BBS-10, SM-11a, SM-11b, TF-12; P13
    """
    if not rules.may_package(actor):
        raise NotPermitted
    if len(case_number.strip()) > LONGEST_NUMBER:
        raise Invalid(_("Ett ärendenummer har högst 60 tecken."), field="case_number")
    if item is None and measure is None:
        raise Invalid(_("Välj vad anmälan gäller."))
    about: Item | None = item
    if about is None and measure is not None:
        about = measure.item or measure.evidence_item
    if about is not None:
        about = kept.item_by_id(actor, about.pk)  # what is private is reported by those who may read it
    measures = queries.measures_about(actor, item=about, measure=measure)
    bare = packages.is_bare(actor, about, measures)
    if bare and item is None and measure is not None and measure.item is None:
        about = None  # an official's note of such a thing tells what it is
    head = None
    if about is not None:
        proved(actor, about)
        ledger.sequence(core.authority_of(actor))
        head = ledger.latest_head(actor)
    with transaction.atomic():
        items, in_thread = packages.items_around(actor, about, bare=bare)
        hold = None
        if items:
            hold = records.hold_items(actor=actor, items=items, why=_("Polisanmälan"), covers_content=not bare)
        made: Package = Package.objects.create(
            authority_id=actor.authority_id, measure=measure, item=about, hold=hold, head=head, is_bare=bare,
            case_number=case_number.strip(), made_by_id=actor.person_id,
            as_made=packages.as_made(
                actor, items=items, item=about, measures=measures, in_thread=in_thread, is_bare=bare
            ),
        )  # fmt: skip
        noted = audit.note(
            actor, "moderation.make_package", made, item=about.uid if about else None,
            measure=measure.uid if measure else None, is_bare=bare,
        )  # fmt: skip
        about_itself = [["moderation.package", made.pk], *([["records.hold", hold.pk]] if hold else [])]
        fixed = {**made.as_made, "subjects": [*made.as_made["subjects"], *about_itself]}
        Package.objects.of(actor).filter(pk=made.pk).update(audit_upto=noted.pk, as_made=fixed)
    return queries.package_for(actor, made.uid)


@transaction.atomic
def take_out_package(*, actor: Actor, uid: object, digest: str) -> Package:
    """
    Write that a package is handed to somebody, and whether it is byte for byte the one that was first handed out.

    Args:
        digest: SHA-256 of the zip, as it was made just now.

    Raises:
        NotFound
        NotPermitted: The actor hands out no packages.

    Law: SM-11a, SM-19
    """
    package = queries.package_for(actor, str(uid), lock=True)
    if not rules.may_package(actor):
        raise NotPermitted
    is_same = rules.tells_same_twice(package.digest, digest)
    if not package.digest:
        Package.objects.of(actor).filter(pk=package.pk).update(digest=digest)
    audit.note(
        actor, "moderation.take_out_package", package, digest=digest, is_same=is_same,
        why="" if is_same else _("Kontrollsumman är en annan än första gången: något i underlaget har ändrats."),
    )  # fmt: skip
    return package


@transaction.atomic
def note_case_number(*, actor: Actor, uid: object, case_number: str, seen_version: int | None = None) -> Package:
    """
    Keep the police's number for a report.

    Raises:
        NotFound
        NotPermitted: The actor makes no packages.
        Invalid: No number, or too long a one.
        Stale: Somebody changed it in between.

    Law: SM-11a
    """
    package = queries.package_for(actor, str(uid), lock=True)
    if not rules.may_package(actor):
        raise NotPermitted
    refuse_stale(seen_version, package.version)
    number = case_number.strip()
    if not number or len(number) > LONGEST_NUMBER:
        raise Invalid(_("Skriv numret som polisen har gett, högst 60 tecken."), field="case_number")
    Package.objects.of(actor).filter(pk=package.pk).update(case_number=number, version=F("version") + 1)
    audit.note(actor, "moderation.note_case_number", package, case_number=number)
    return queries.package_for(actor, package.uid)
