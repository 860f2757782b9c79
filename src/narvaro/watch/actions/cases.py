"""
Accounts that may pose as the authority: found, shown, judged by a person, reported, warned of.

Only accounts that pose as the authority are acted on. Of somebody who criticises us, or is only called something
like us, nothing is kept but a mark by which the account is not looked at again (RF-2, RF-4, TF-13).
"""

from __future__ import annotations

import os
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base import platforms
from narvaro.base.clock import now
from narvaro.channels import queries as channels
from narvaro.channels import rules as accounts
from narvaro.channels.types import Platform
from narvaro.core import audit, waiting
from narvaro.core.jobs import real_now
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.media import actions as media
from narvaro.screening import lookalike
from narvaro.watch import queries, rules
from narvaro.watch.models import Case, Evidence, Lookout
from narvaro.watch.queries import CASE_KIND, PLACE
from narvaro.watch.types import OPEN_STATES, CaseState, Left, Origin, Proof, Reading

if TYPE_CHECKING:
    from narvaro.connectors.port import FoundAccount
    from narvaro.media.models import Picture

LEASE = timedelta(minutes=10)
LOOK_AT_ANSWER_AFTER = timedelta(days=7)
MOST_LETTERS = 5000


@transaction.atomic
def take_tip(*, actor: Actor, account: str, text: str = "") -> Case:
    """
    Take in from anybody at all that an account may pose as the authority. Nothing is fetched from it.

    What was said is kept with the case, whatever was thought of the account before; one that was left alone stays so.

    Args:
        actor: Anybody: `Actor.visitor`.
        account: Its address, or its name.

    Raises:
        Invalid: No account, too many words, or the account is ours.

    Law: TF-2, RF-2
    """
    platform, name, address = _place_of(account)
    _refuse_own(actor, account)
    if len(text) > MOST_LETTERS:
        raise Invalid(_("Texten är för lång. Korta den."), field="text")
    case = _case(actor, platform, name, address=address, origin=Origin.ANYBODY)
    _prove(actor, case, Proof.TOLD, text=text.strip(), link=account.strip()[:1000])
    if case.state in (CaseState.GONE, CaseState.STAYS):
        _move(actor, case, state=CaseState.SUSPECTED, ended_at=None)
    if case.state in OPEN_STATES:
        _put(actor, case)
    audit.note(actor, "watch.take_tip", case)
    return case


@transaction.atomic
def open_case(*, actor: Actor, account: str, shown_name: str = "", text: str = "") -> Case:
    """
    Put an account that a colleague found before those who decide.

    Raises:
        NotPermitted: The actor only reads.
        Invalid: No account, it is ours, or somebody has looked at it already.

    Law: RF-2, TF-13
    """
    if not rules.may_add(actor):
        raise NotPermitted
    platform, name, address = _place_of(account)
    _refuse_own(actor, account)
    if queries.case_of_account(actor, platform, name) is not None:
        raise Invalid(_("Någon har redan tittat på det kontot."), field="account")
    case = _case(actor, platform, name, address=address, shown_name=shown_name, origin=Origin.COLLEAGUE)
    if text.strip():
        _prove(actor, case, Proof.TOLD, text=text.strip()[:MOST_LETTERS])
    _put(actor, case)
    audit.note(actor, "watch.open_case", case)
    return case


@transaction.atomic
def suspect_account(*, actor: Actor, platform: str, found: FoundAccount) -> Case | None:
    """
    Open a case about an account that a search found, with how it looked then.

    Returns:
        The case; None when the account is ours or another authority's here, somebody has looked at it already, or it
        says itself that it is a parody: that one is marked, and left.

    Law: RF-2
    """
    name = accounts.handle_key(found.handle.lstrip("@"))
    if channels.accounts_named(found.handle) or _is_own_id(actor, platform, found.remote_id):
        return None
    if queries.case_of_account(actor, platform, name) is not None:
        return None
    case = _case(actor, platform, name, address=found.url, shown_name=found.display_name, origin=Origin.SEARCH)
    if lookalike.says_it_is_a_joke(found.display_name, found.about):
        moment = now()
        _move(actor, case, state=CaseState.LEFT, left_as=Left.PARODY, ended_at=moment)
        audit.note(actor, "watch.leave_case", case, left_as=Left.PARODY.value)
        return None
    _prove(actor, case, Proof.CAPTURED, text=_looks(found), link=found.url)
    _put(actor, case)
    audit.note(actor, "watch.suspect_account", case)
    return case


@transaction.atomic
def capture_account(*, actor: Actor, case: Case, found: FoundAccount) -> Evidence | None:
    """
    Keep how an account that somebody told of looks, as its platform shows it to anybody; once.

    Returns:
        The evidence; None when the case is over, or it is another account.

    Law: ARK-1
    """
    row = queries.case_for(actor, case.uid, lock=True)
    is_same = accounts.handle_key(found.handle.lstrip("@")) == row.account
    if row.state not in OPEN_STATES or not is_same or queries.is_captured(actor, row):
        return None
    if not row.shown_name:
        _move(actor, row, shown_name=" ".join(found.display_name.split())[:200])
    return _prove(actor, row, Proof.CAPTURED, text=_looks(found), link=found.url)


@transaction.atomic
def add_link(*, actor: Actor, uid: UUID | str, link: str, text: str = "") -> Evidence:
    """
    Add an address that shows what the account does.

    Raises:
        NotFound
        NotPermitted: The actor only reads.
        Invalid: The link is none.
        Stale: The case is over.

    Law: ARK-1
    """
    case = _open_one(actor, uid)
    if not rules.is_link(link.strip()):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="link")
    kept = _prove(actor, case, Proof.LINK, link=link.strip(), text=text.strip()[:MOST_LETTERS])
    audit.note(actor, "watch.add_evidence", case, proof=Proof.LINK.value, seal=kept.seal)
    return kept


@transaction.atomic
def add_picture(*, actor: Actor, uid: UUID | str, content: bytes, alt: str) -> Evidence:
    """
    Add a screenshot, byte for byte as it was taken.

    Raises:
        NotFound
        NotPermitted: The actor only reads.
        Invalid: It is no picture we can read, or nobody said what it shows.
        Stale: The case is over.

    Law: ARK-1
    """
    case = _open_one(actor, uid)
    picture = media.keep_evidence(actor=actor, content=content, alt=alt)
    kept = _prove(actor, case, Proof.PICTURE, text=alt.strip(), picture=picture)
    audit.note(actor, "watch.add_evidence", case, proof=Proof.PICTURE.value, seal=kept.seal)
    return kept


@transaction.atomic
def confirm_case(*, actor: Actor, uid: UUID | str, why: str, seen_version: int | None = None) -> Case:
    """
    Say that an account poses as the authority. It waits to be reported to the platform then.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Invalid: No reason.
        Stale: Somebody has decided already.

    Law: RF-2
    """
    case = _to_decide(actor, uid, seen_version, CaseState.SUSPECTED)
    reason = _reason(why)
    _move(actor, case, state=CaseState.CONFIRMED, why=reason, decided_at=now(), decided_by_id=actor.person_id)
    _put(actor, case)
    audit.note(actor, "watch.confirm_case", case, why=reason)
    return case


@transaction.atomic
def leave_case(*, actor: Actor, uid: UUID | str, left_as: str, why: str = "", seen_version: int | None = None) -> Case:
    """
    Leave an account alone. Of somebody's own account what was captured is thrown away with the case's particulars.

    What anybody has written to us about it is an incoming record and stays.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Invalid: No such reason.
        Stale: The case is over.

    Law: RF-2, RF-4, TF-13
    """
    case = _to_decide(actor, uid, seen_version, *OPEN_STATES)
    if left_as not in Left.values:
        raise Invalid(_("Välj varför kontot lämnas i fred."), field="left_as")
    gone: dict[str, Any] = {}
    if left_as == Left.SOMEBODY:
        rows = Evidence.objects.of(actor).filter(case=case).exclude(proof=Proof.TOLD)
        pictures = [row.picture for row in rows.select_related("picture") if row.picture is not None]
        rows.delete()
        for picture in pictures:
            media.forget_evidence(actor=actor, picture=picture)
        gone = {"platform": "", "account": "", "shown_name": "", "address": "", "why": ""}
    else:
        gone = {"why": why.strip()[:500]}
    ended = {"warning_ended_at": now()} if case.warned_at and not case.warning_ended_at else {}
    _move(
        actor, case, state=CaseState.LEFT, left_as=left_as, decided_at=now(), decided_by_id=actor.person_id,
        ended_at=now(), **gone, **ended,
    )  # fmt: skip
    waiting.settle(actor, PLACE, CASE_KIND, [case.pk])
    audit.note(actor, "watch.leave_case", case, left_as=left_as)
    return case


@transaction.atomic
def report_case(*, actor: Actor, uid: UUID | str, reference: str = "", seen_version: int | None = None) -> Case:
    """
    Say that the account was reported to its platform, by hand, in the platform's own form.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Stale: It is not an account that was found to pose as us, or it is reported already.

    Law: none; what a platform does about accounts that pose as others stands in its own terms.
    """
    case = _to_decide(actor, uid, seen_version, CaseState.CONFIRMED)
    _move(actor, case, state=CaseState.REPORTED, reference=reference.strip()[:120], reported_at=now())
    _put(actor, case)
    audit.note(actor, "watch.report_case", case)
    return case


@transaction.atomic
def end_case(
    *, actor: Actor, uid: UUID | str, outcome: str, why: str = "", seen_version: int | None = None
) -> Case:  # fmt: skip
    """
    Say what became of an account that poses as us: it is gone, or the platform lets it stay.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Invalid: No such outcome.
        Stale: It was not found to pose as us, or the case is over.

    Law: RF-2
    """
    case = _to_decide(actor, uid, seen_version, CaseState.CONFIRMED, CaseState.REPORTED)
    if outcome not in (CaseState.GONE, CaseState.STAYS):
        raise Invalid(_("Välj hur det gick."), field="outcome")
    _move(actor, case, state=outcome, why=why.strip()[:500] or case.why, ended_at=now())
    waiting.settle(actor, PLACE, CASE_KIND, [case.pk])
    audit.note(actor, "watch.end_case", case, outcome=outcome)
    return case


@transaction.atomic
def warn_of_case(*, actor: Actor, uid: UUID | str, text: str, seen_version: int | None = None) -> Case:
    """
    Tell anybody that an account is not ours: on the page of our channels, and to whoever asks about it.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Invalid: No words.
        Stale: It was not found to pose as us.

    Law: RF-2, FL-3
    """
    case = _to_decide(actor, uid, seen_version, CaseState.CONFIRMED, CaseState.REPORTED, CaseState.STAYS)
    words = " ".join(text.split())
    if not words:
        raise Invalid(_("Skriv vad människor behöver veta."), field="text")
    _move(actor, case, warning=words[:300], warned_at=now(), warning_ended_at=None)
    audit.note(actor, "watch.warn_of_case", case)
    return case


@transaction.atomic
def end_warning(*, actor: Actor, uid: UUID | str, seen_version: int | None = None) -> Case:
    """
    Take back the warning.

    Raises:
        NotFound
        NotPermitted: The actor does not decide about such accounts.
        Stale: Nobody is warned of it.
    """
    case = _to_decide(actor, uid, seen_version, *CaseState)
    if case.warned_at is None or case.warning_ended_at is not None:
        raise Stale
    _move(actor, case, warning_ended_at=now())
    audit.note(actor, "watch.end_warning", case)
    return case


# --- Looking out ------------------------------------------------------------------------------------------------------


@transaction.atomic
def look_now(*, actor: Actor) -> None:
    """
    Let the authority's name be looked for as soon as somebody in the background is free.

    Raises:
        NotPermitted: The actor only reads.
    """
    if not rules.may_add(actor):
        raise NotPermitted
    make_lookouts([actor.authority_id])
    Lookout.objects.of(actor).update(next_at=now())
    audit.note(actor, "watch.look_now")


def make_lookouts(authority_ids: list[int]) -> None:
    """Give each authority its lookout; one that has one keeps it."""
    Lookout.objects.bulk_create([Lookout(authority_id=each) for each in authority_ids], ignore_conflicts=True)


def claim_lookout() -> Reading | None:
    """Take the next authority whose name is due to be looked for, under a lease; None when none is."""
    rows = Lookout.objects.everywhere("look for false accounts")
    with transaction.atomic():
        due = rows.filter(Q(lease_until=None) | Q(lease_until__lt=real_now()), next_at__lte=now())
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        row = due.order_by("next_at", "id").first()
        if row is None:
            return None
        rows.filter(pk=row.pk).update(lease_until=real_now() + LEASE, fence=F("fence") + 1)
        return Reading(row.pk, row.authority_id, row.fence + 1)


def end_lookout(reading: Reading, *, position: int, error: str = "") -> bool:
    """Let go of a lookout until the next day; False when it is no longer ours."""
    rows = Lookout.objects.everywhere("look for false accounts").filter(pk=reading.pk, fence=reading.fence)
    changed = rows.update(
        lease_until=None, next_at=now() + rules.LOOK_EVERY, position=position, looked_at=now(), last_error=error[:500]
    )  # fmt: skip
    return changed == 1


def _place_of(account: str) -> tuple[str, str, str]:
    """Return platform, name there and address of an account, out of what somebody typed."""
    typed = " ".join(account.split())
    meant = accounts.accounts_meant(typed)
    if not meant or len(typed) > 500:
        raise Invalid(_("Klistra in kontots adress, eller skriv dess namn."), field="account")
    platform, name = meant[0]
    if not platform and "@" in name:
        platform = Platform.MASTODON.value  # a name with a server: nobody else writes it so
    address = typed if rules.is_link(typed) else ""
    return ("" if platform == platforms.OTHER else platform), accounts.handle_key(name)[:300], address


def _refuse_own(actor: Actor, account: str) -> None:
    if any(each.closed_on is None for each in channels.accounts_named(account.strip(), actor=actor)):
        raise Invalid(_("Kontot är vårt eget. Det står i vårt register."), field="account")


def _is_own_id(actor: Actor, platform: str, remote_id: str) -> bool:
    return bool(remote_id) and channels.rows(actor).filter(platform=platform, remote_id=remote_id).exists()


def _case(
    actor: Actor, platform: str, name: str, *, origin: Origin, address: str = "", shown_name: str = ""
) -> Case:  # fmt: skip
    """Return the case about an account, made now if nobody has looked at it."""
    there = queries.case_of_account(actor, platform, name)
    if there is not None:
        return there
    try:
        with transaction.atomic():
            made: Case = Case.objects.create(
                authority_id=actor.authority_id, key=rules.account_key(platform, name), platform=platform,
                account=name[:300], shown_name=" ".join(shown_name.split())[:200],
                address=address if rules.is_link(address) else "", origin=origin, opened_by_id=actor.person_id,
            )  # fmt: skip
            if origin != Origin.SEARCH:  # how it looks is captured as soon as somebody in the background is free
                make_lookouts([actor.authority_id])
                Lookout.objects.of(actor).update(next_at=now())
            return made
    except IntegrityError:  # somebody else was first
        found = queries.case_of_account(actor, platform, name)
        if found is None:
            raise Stale from None
        return found


def _looks(found: FoundAccount) -> str:
    return "\n".join([found.display_name, found.handle, found.remote_id, "", found.about[:4000]]).strip()


def _prove(
    actor: Actor, case: Case, proof: Proof, *, text: str = "", link: str = "", picture: Picture | None = None
) -> Evidence:
    salt, moment = os.urandom(32), now()
    told = "\x1f".join([proof.value, text, link, picture.digest if picture else "", moment.isoformat()])
    made: Evidence = Evidence.objects.create(
        authority_id=actor.authority_id, case=case, proof=proof, text=text, link=link, picture=picture, at=moment,
        by_id=actor.person_id, salt=salt, seal=sha256(salt + told.encode("utf-8", "replace")).hexdigest(),
    )  # fmt: skip
    if proof in (Proof.CAPTURED, Proof.TOLD):
        audit.note(actor, "watch.add_evidence", case, proof=proof.value, seal=made.seal)
    return made


def _open_one(actor: Actor, uid: UUID | str) -> Case:
    case = queries.case_for(actor, uid, lock=True)
    if not rules.may_add(actor):
        raise NotPermitted
    if case.state not in OPEN_STATES:
        raise Stale(_("Ärendet är avslutat."))
    return case


def _to_decide(actor: Actor, uid: UUID | str, seen_version: int | None, *states: CaseState) -> Case:
    case = queries.case_for(actor, uid, lock=True)
    if not rules.may_decide(actor):
        raise NotPermitted(_("Kommunikationsansvarig eller administratör avgör det här."))
    refuse_stale(seen_version, case.version)
    if case.state not in states:
        raise Stale
    return case


def _reason(why: str) -> str:
    if not why.strip():
        raise Invalid(_("Skriv varför."), field="why")
    return why.strip()[:500]


def _move(actor: Actor, case: Case, **values: Any) -> None:
    Case.objects.of(actor).filter(pk=case.pk).update(version=F("version") + 1, **values)
    for name, value in values.items():
        setattr(case, name, value)
    case.version += 1


def _put(actor: Actor, case: Case) -> None:
    name = case.shown_name or case.account
    due = None
    with translation.override(settings.LANGUAGE_CODE):  # the authority reads it, whoever wrote
        if case.state == CaseState.SUSPECTED:
            title = _("Är det någon som utger sig för att vara vi? %(name)s")
        elif case.state == CaseState.CONFIRMED:
            title = _("Anmäl kontot till plattformen: %(name)s")
        else:
            title, due = _("Se om plattformen har svarat: %(name)s"), now() + LOOK_AT_ANSWER_AFTER
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=CASE_KIND, subject_id=case.pk, title=title % {"name": name}, due_at=due,
                link=f"/bevakning/falska-konton/{case.uid}/", role=Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip
