"""Where a channel's password lies, who reaches it, and the quarterly look at both. The password never comes here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.channels import queries
from narvaro.channels.models import AccessReview, AccountAccess, Channel, Custody, SecurityCheck
from narvaro.channels.queries import custody as reads
from narvaro.channels.rules import security
from narvaro.channels.rules.secrets import looks_like_secret
from narvaro.core import audit
from narvaro.core import queries as core
from narvaro.core import rules as house
from narvaro.core.types import Actor, Invalid, NotPermitted

if TYPE_CHECKING:
    from narvaro.core.models import Person

LONGEST_UNTIL_AGAIN = timedelta(days=366)


@transaction.atomic
def keep_custody(
    *, actor: Actor, channel: Channel, vault: str, rotated_on: date | None = None, recovery_owner: str = "",
    break_glass: str = "", seen_version: int | None = None,
) -> Custody:  # fmt: skip
    """
    Write down where a channel's password lies: which vault and what the entry is called, never the password.

    Args:
        recovery_owner: The function that holds what the account is recovered with.
        break_glass: How the account is reached when none of those who reach the password are there.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        Stale
        Invalid: Something looks like a password, or it was changed in the future.

    Law: SEC-2
    """
    row = _held(actor, channel)
    texts = {"vault": vault, "recovery_owner": recovery_owner, "break_glass": break_glass}
    _refuse_secrets(texts)
    if rotated_on is not None and rotated_on > today():
        raise Invalid(_("Dagen har inte varit än."), field="rotated_on")
    custody = reads.custody_of(actor, row)
    house.refuse_stale(seen_version, custody.version)
    values = {**{name: " ".join(text.split()) for name, text in texts.items()}, "rotated_on": rotated_on}
    changed = sorted(name for name, value in values.items() if getattr(custody, name) != value)
    for name, value in values.items():
        setattr(custody, name, value)
    custody.version += 1
    custody.changed_at = now()
    custody.save()
    audit.note(actor, "channels.keep_custody", row, fields=changed)
    return custody


@transaction.atomic
def note_access(
    *, actor: Actor, channel: Channel, function: str, person: Person | None = None, steers: bool = True,
    reaches_password: bool = False,
) -> AccountAccess:  # fmt: skip
    """
    Write down a function that can steer a channel's account or reach its password, and who fills it.

    Args:
        person: None for somebody outside, such as an agency.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        Invalid: No function, or it looks like a password; it neither steers nor reaches; the person stands there.

    Law: SEC-2
    """
    row = _held(actor, channel)
    name = " ".join(function.split())
    if not name:
        raise Invalid(_("Skriv vilken funktion det är, till exempel Kommunikatör."), field="function")
    _refuse_secrets({"function": name})
    if not (steers or reaches_password):
        raise Invalid(_("Välj om funktionen kan styra kontot, når lösenordet, eller både och."), field="steers")
    if person is not None:
        core.person_for(actor, person.uid)
        if AccountAccess.objects.of(actor).filter(channel=row, person=person, ended_at=None).exists():
            raise Invalid(_("Personen står redan på listan. Ta bort raden först om något har ändrats."), field="person")
    access: AccountAccess = AccountAccess.objects.create(
        authority_id=row.authority_id, channel=row, function=name, person=person, steers=steers,
        reaches_password=reaches_password,
    )  # fmt: skip
    _count_administrators(actor, row)
    audit.note(actor, "channels.note_access", row, function=name, person=person.pk if person else None)
    return access


@transaction.atomic
def end_access(*, actor: Actor, channel: Channel, uid: UUID | str) -> None:
    """
    Write down that a function no longer has access to a channel's account. Take it away on the platform too.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        NotFound: It stands there no longer.

    Law: SEC-2
    """
    row = _held(actor, channel)
    access = reads.access_for(actor, row, uid)
    _end(actor, row, [access.pk])
    audit.note(actor, "channels.end_access", row, function=access.function, person=access.person_id)


@transaction.atomic
def review_access(
    *, actor: Actor, channel: Channel, still_right: Collection[str], has_two_step: bool, has_mailbox: bool,
    evidence: str = "",
) -> AccessReview:  # fmt: skip
    """
    Write down that somebody has looked over who can steer a channel's account. Who is no longer right is ended.

    The look is kept as it was made; the card learns how many administrators there are and when it was looked over.

    Args:
        still_right: Uids of the functions that are right; the others that stand there are ended.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        Invalid: There is nobody to look over, or the evidence looks like a password.

    Law: SEC-2
    """
    row = _held(actor, channel)
    _refuse_secrets({"evidence": evidence})
    found = reads.accesses(actor, [row]).get(row.pk, [])
    if not found:
        raise Invalid(_("Skriv först vilka som kan styra kontot."))
    right = [access for access in found if str(access.uid) in still_right]
    _end(actor, row, [access.pk for access in found if access not in right])
    steering = sum(access.steers for access in right)
    review: AccessReview = AccessReview.objects.create(
        authority_id=row.authority_id, channel=row, by_id=actor.person_id, administrators=steering,
        has_two_step=has_two_step, has_mailbox=has_mailbox, evidence=evidence.strip()[:500],
        answers=[
            {
                "function": access.function, "person": access.person_id, "steers": access.steers,
                "reaches_password": access.reaches_password, "is_right": access in right,
            }
            for access in found
        ],
    )  # fmt: skip
    card = queries.card_of(actor, row)
    card.administrators, card.administrators_reviewed_on = steering, today()
    if has_two_step:
        card.two_step_verified_on = today()
    card.save()
    Channel.objects.of(actor).filter(pk=row.pk).update(version=F("version") + 1)
    audit.note(actor, "channels.review_access", row, administrators=steering, ended=len(found) - len(right))
    return review


@transaction.atomic
def check_security(
    *, actor: Actor, channel: Channel, found: Mapping[str, tuple[bool, str]], again_on: date
) -> list[SecurityCheck]:
    """
    Write down what was found about points of the checklist, each with its evidence; earlier findings stay.

    Args:
        found: By the key of the point: whether it is met, and the evidence.
        again_on: When they are looked at again.

    Raises:
        NotPermitted: The actor neither registers nor answers for the channel.
        Invalid: Nothing was answered, a point is met without evidence, or something looks like a password.

    Law: SEC-2
    """
    row = _held(actor, channel)
    known = {point.key for point in security.POINTS}
    if not found or not set(found) <= known:
        raise Invalid(_("Svara på minst en punkt."))
    if not today() < again_on <= today() + LONGEST_UNTIL_AGAIN:
        raise Invalid(_("Välj en dag inom ett år."), field="again_on")
    _refuse_secrets({f"evidence_{key}": evidence for key, (_is_met, evidence) in found.items()})
    for key, (is_met, evidence) in found.items():
        if is_met and not evidence.strip():
            raise Invalid(_("Skriv hur det syns att punkten är uppfylld."), field=f"evidence_{key}")
    kept = SecurityCheck.objects.bulk_create([
        SecurityCheck(
            authority_id=row.authority_id, channel=row, point=key, is_met=is_met, evidence=evidence.strip()[:500],
            by_id=actor.person_id, reviewed_on=today(), again_on=again_on,
        )
        for key, (is_met, evidence) in found.items()
    ])  # fmt: skip
    if found.get("two_step", (False, ""))[0]:
        card = queries.card_of(actor, row)
        card.two_step_verified_on = today()
        card.save()
    audit.note(actor, "channels.check_security", row, points=sorted(found))
    return kept


def _held(actor: Actor, channel: Channel) -> Channel:
    """Return the channel as it is now, held until the transaction ends. Raises NotPermitted."""
    rows = Channel.objects.of(actor).select_for_update(of=("self",)).select_related("unit", "responsible", "deputy")
    row: Channel = rows.get(pk=channel.pk)
    if not security.may_keep(actor, row.responsible_id, row.deputy_id, row.unit_id):
        raise NotPermitted
    return row


def _end(actor: Actor, channel: Channel, keys: list[int]) -> None:
    AccountAccess.objects.of(actor).filter(pk__in=keys, ended_at=None).update(ended_at=now())
    _count_administrators(actor, channel)


def _count_administrators(actor: Actor, channel: Channel) -> None:
    """Let the card say how many steer the account, now that the list says who."""
    card = queries.card_of(actor, channel)
    card.administrators = AccountAccess.objects.of(actor).filter(channel=channel, ended_at=None, steers=True).count()
    card.save()


def _refuse_secrets(texts: Mapping[str, str]) -> None:
    for field, text in texts.items():
        if looks_like_secret(text):
            raise Invalid(
                _(
                    "Det där ser ut som ett lösenord eller en kod. Skriv bara var det ligger, till exempel valvets "
                    "namn och vad posten heter. Hemligheten ska aldrig stå här."
                ),
                field=field,
            )
