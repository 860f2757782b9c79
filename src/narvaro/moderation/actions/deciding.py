"""The decision: proved record → ground → reasons → committed; the platform is told afterwards, by the sweep."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import rules as channel_rules
from narvaro.core import audit, ledger, letters, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.moderation import queries, rules
from narvaro.moderation.models import Block, Measure
from narvaro.moderation.queries import KIND, PLACE
from narvaro.moderation.types import CannotYet, How, MeasureState
from narvaro.policy import queries as policy
from narvaro.policy.types import Ground
from narvaro.policy.types import Measure as Kind
from narvaro.publishing import actions as publishing
from narvaro.records import actions as records
from narvaro.records import queries as kept

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.records.models import Item, Version

CODE_LETTERS = 10
LONGEST_REMOTE_ID = 600
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike


@dataclass(frozen=True, slots=True)
class Decided:
    """A measure that was decided, and the code with which its author may ask for it to be looked at again."""

    measure: Measure
    code: str


def decide_measure(
    *,
    actor: Actor,
    item: Item,
    kind: str,
    ground: str,
    reasons: str,
    why_stricter: str = "",
    notice: str = "",
    waive_notice_why: str = "",
    block_days: int = rules.BLOCK_DAYS,
    knowledge_at: datetime | None = None,
    how: str = How.NORMAL,
) -> Decided:
    """
    Decide about a comment or its author. The platform is told by the sweep, at once and until it has said yes.

    Child abuse material (ground BBS-5e) is sealed in the same transaction, and nothing of it is copied.

    Args:
        notice: What the author is told, with {klaga} where the way to a new look stands; "" tells nothing.
        waive_notice_why: Why the author is not told; needed where `notice` is "", unless the guideline says why.
        knowledge_at: When we came to know of it; None takes when somebody of ours first opened it or a report of it
            came in, else now.

    Raises:
        NotPermitted: The actor does not moderate.
        CannotYet: The record is not kept and proved (P13).
        NotFound: No such ground in this channel.
        Invalid: Something is missing; `field` says what.
        Stale: The same measure is in force already.

    Law: BBS-4, BBS-5, BBS-8, BBS-10, FL-1, FL-9, RF-2, RF-5
    """
    if not rules.may_moderate(actor):
        raise NotPermitted
    chosen, measure_kind = policy.ground_for(actor, ground, item.channel_id), Kind(kind)
    version = proved(actor, item)
    wanted, field = rules.problem_with(
        measure_kind, chosen, reasons=reasons, why_stricter=why_stricter, block_days=block_days,
        is_warned=measure_kind is Kind.BLOCK and queries.is_warned(actor, item.channel, version.author_remote_id),
    )  # fmt: skip
    if wanted:
        raise Invalid(wanted, field=field)
    if not notice.strip():
        waive_notice_why = _why_untold(actor, item.channel, measure_kind, chosen, waive_notice_why.strip())
    with transaction.atomic():
        if chosen.no_capture:
            records.seal_item(actor=actor, item=item, why=reasons)
        decided = _store(
            actor, item.channel, chosen, measure_kind, item=item, version=version, how=how,
            reasons="\n\n".join(part.strip() for part in (reasons, why_stricter) if part.strip()),
            knowledge_at=_known(actor, item, knowledge_at or now()), notice=notice, waived=waive_notice_why,
        )  # fmt: skip
        if measure_kind is Kind.BLOCK:
            _block(actor, decided.measure, version, block_days)
        _tell_registrar(actor, item, measure_kind, chosen)
        _tell_author(actor, item, decided)
    return decided


def _why_untold(actor: Actor, channel: Channel, kind: Kind, chosen: Ground, said: str) -> str:
    """Return why the author is told nothing: as was said, else by the guideline. Raises Invalid where neither says."""
    why = said or queries.untold_by_guideline(actor, channel, kind, chosen)
    if not why:
        raise Invalid(_("Skriv vad den som skrev får veta, eller varför ingen får veta något."), field="notice")
    return why


def decide_emergency(
    *, actor: Actor, channel: Channel, remote_id: str, ground: str, reasons: str, note: str = "",
    picture: records.HandPicture | None = None, is_made: bool = False,
) -> Decided:  # fmt: skip
    """
    Remove something that could not be kept first, where the law asks for it at once: with a screenshot, or a note of
    what it was.

    Either is kept as a file note of its own. Whoever leads communications is told at once, and capture goes on trying.
    Child abuse material is never pictured, and sealed if it is kept, now or later (`follow_captures`).

    Args:
        remote_id: What the platform calls it, or the link to it.
        is_made: It was removed in the platform's own app already: the platform is read, and asked for nothing.

    Raises:
        NotPermitted: The actor does not moderate.
        NotFound: No such ground.
        Invalid: Not a ground of BBS 5 §, no id, no reasons, neither a screenshot nor a note of what it said and how it
            was seen, or a screenshot of child abuse material.
        Stale: The same measure is in force already.

    Law: BBS-5, BBS-10, P13
    """
    if not rules.may_moderate(actor):
        raise NotPermitted
    chosen = policy.ground_for(actor, ground, channel.pk)
    if not rules.is_asked_for_by_law(chosen):
        raise Invalid(
            _("Nödåtgärden är till för det som lagen kräver bort genast. Vänta tills det är bevarat."), field="ground"
        )
    if not reasons.strip():
        raise Invalid(_("Skriv varför."), field="reasons")
    if not note.strip() and picture is None:
        raise Invalid(_("Skriv vad det var, var det syntes och vem som såg det."), field="note")
    known_as = rules.remote_id_of(channel.platform, remote_id)
    if not known_as or len(known_as) > LONGEST_REMOTE_ID:
        raise Invalid(_("Klistra in länken till det som ska bort."), field="remote_id")
    if picture is not None and chosen.no_capture:
        raise Invalid(_("Spara ingen bild. Länken och tiden räcker för polisen."), field="picture")
    link = remote_id.strip() if remote_id.strip().startswith(("https://", "http://")) else ""
    with transaction.atomic():
        item = kept.item_by_remote_id(actor, channel.pk, known_as)
        noted = records.keep_evidence_note(
            actor=actor, channel=channel, text=_note_words(chosen, known_as, note), url=link[:1000], picture=picture
        )
        decided = _store(
            actor, channel, chosen, Kind.REMOVE, item=item, version=None, how=How.IN_APP if is_made else How.EMERGENCY,
            reasons=reasons.strip(), knowledge_at=_known(actor, item, now()), notice="", waived=_("Nödåtgärd"),
            remote_id=known_as, evidence=note.strip(), evidence_item=noted, done_at=now() if is_made else None,
        )  # fmt: skip
        if item is not None and chosen.no_capture:
            records.seal_item(actor=actor, item=item, why=reasons)
        _tell_registrar(actor, item or noted, Kind.REMOVE, chosen)
        _raise_alarm(actor, decided.measure, chosen)
    return decided


def record_measure(
    *,
    actor: Actor,
    item: Item,
    kind: str,
    ground: str,
    reasons: str,
    notice: str = "",
    waive_notice_why: str = "",
    block_days: int = rules.BLOCK_DAYS,
    done_at: datetime | None = None,
) -> Decided:
    """
    Note afterwards a measure that was made in the platform's own app. It is read on the platform like any other.

    It is done, so nothing milder is asked for; whether it was right is asked by whoever complains. A block enters the
    register and ends like any other, and child abuse material is sealed.

    Args:
        notice: What the author is told now; "" tells nothing, for the reason given or because it was done there.
        done_at: When it was made; None takes now.

    Raises:
        NotPermitted, NotFound, Stale: As `decide_measure`.
        Invalid: Not something that is made on a platform, no reasons, a moment to come, or a block of another length.

    Law: BBS-5, BBS-10, SM-12, SM-18
    """
    if not rules.may_moderate(actor):
        raise NotPermitted
    chosen = policy.ground_for(actor, ground, item.channel_id)
    if not reasons.strip():
        raise Invalid(_("Skriv varför."), field="reasons")
    if Kind(kind) not in rules.ON_PLATFORM:
        raise Invalid(_("Det som görs i plattformens app är att dölja, ta bort eller blockera."), field="kind")
    if Kind(kind) is Kind.BLOCK and not 1 <= block_days <= rules.MOST_BLOCK_DAYS:
        raise Invalid(_("En blockering gäller minst en dag och högst ett halvår."), field="block_days")
    if done_at is not None and done_at > now():
        raise Invalid(_("Det som är gjort kan inte ligga i framtiden."), field="done_at")
    version = kept.kept(actor, item)
    waived = "" if notice.strip() else waive_notice_why.strip() or _("Gjord i plattformens app.")
    with transaction.atomic():
        if chosen.no_capture:
            records.seal_item(actor=actor, item=item, why=reasons)
        decided = _store(
            actor, item.channel, chosen, Kind(kind), item=item, version=version, how=How.IN_APP,
            reasons=reasons.strip(), knowledge_at=_known(actor, item, done_at or now()), notice=notice, waived=waived,
            done_at=done_at or now(),
        )  # fmt: skip
        if Kind(kind) is Kind.BLOCK:
            _block(actor, decided.measure, version, block_days)
        _tell_registrar(actor, item, Kind(kind), chosen)
        _tell_author(actor, item, decided)
    return decided


def follow_captures() -> int:
    """
    Give each measure that was made before its object was kept the record, once capture has it; returns how many.

    Child abuse material is sealed then, before its media are fetched (`queries.is_never_fetched`).

    Law: BBS-10, P13
    """
    found = 0
    for measure, item in queries.kept_since():
        actor = Actor.system(measure.authority, "follow captures")
        with transaction.atomic():
            if not Measure.objects.of(actor).filter(pk=measure.pk, item=None).update(item=item):
                continue
            if rules.goes_to_police(measure.ground):
                records.seal_item(actor=actor, item=item, why=measure.reasons)
            audit.note(actor, "moderation.find_record", measure, item=item.uid)
            found += 1
    return found


def proved(actor: Actor, item: Item) -> Version:
    """
    Return the latest version of an item, whose place in the ledger is shown to hold.

    Raises:
        NotKept, CannotYet: It is not kept, or not proved yet.

    Law: ARK-1, P13
    """
    version = kept.kept(actor, item)
    if not kept.is_proved(actor, version):
        ledger.sequence(core.authority_of(actor))
        if not kept.is_proved(actor, version):
            raise CannotYet
    return version


def _store(
    actor: Actor, channel: Channel, ground: Ground, kind: Kind, *, item: Item | None, version: Version | None,
    reasons: str, how: str, knowledge_at: datetime, notice: str, waived: str, remote_id: str = "", evidence: str = "",
    done_at: datetime | None = None, evidence_item: Item | None = None,
) -> Decided:  # fmt: skip
    code = new_code()
    target = (
        version.author_remote_id if kind is Kind.BLOCK and version else remote_id or (item.remote_id if item else "")
    )
    try:
        with transaction.atomic():
            measure: Measure = Measure.objects.create(
                authority_id=actor.authority_id, channel=channel, item=item, remote_id=target, kind=kind,
                version_number=version.number if version else None, catalogue=ground.catalogue, ground=ground.code,
                house_rule_id=ground.rule_id, reasons=reasons, how=how, standing=rules.standing_of(kind, ground),
                author_key=rules.author_key(channel.uid, version.author_remote_id if version else ""),
                knowledge_at=knowledge_at, decided_by_id=actor.person_id, notice=notice.strip(),
                notice_waived_why=waived.strip()[:300], code_hash=hashed(code), evidence=evidence,
                evidence_item=evidence_item,
                state=MeasureState.CARRIED_OUT if done_at else MeasureState.DECIDED, carried_out_at=done_at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Stale(_("Samma åtgärd är redan beslutad och gäller. Läs beslutet innan du går vidare.")) from error
    audit.note(
        actor, "moderation.record_measure" if how == How.IN_APP else "moderation.decide_measure", measure,
        kind=str(kind), ground=ground.code, item=item.uid if item else None, version=measure.version_number,
    )  # fmt: skip
    return Decided(measure, code)


def _known(actor: Actor, item: Item | None, at: datetime) -> datetime:
    """Return when we came to know of something, at the latest at a moment. Law: BBS-4"""
    before = queries.knowledge_of(actor, item) if item is not None else None
    return min(before, at) if before is not None else at


def _note_words(ground: Ground, known_as: str, note: str) -> str:
    """Return an official's note of what was removed before it was kept; of some things only that it was (BBS-10)."""
    with translation.override(settings.LANGUAGE_CODE):
        head = _("Nödåtgärd. Grund: %(ground)s. Det gällde: %(where)s") % {"ground": ground.title, "where": known_as}
    return head if ground.no_capture or not note.strip() else f"{head}\n\n{note.strip()}"


def _block(actor: Actor, measure: Measure, version: Version, days: int) -> None:
    Block.objects.create(
        authority_id=actor.authority_id, measure=measure, channel_id=measure.channel_id,
        author_remote_id=version.author_remote_id, author_handle=version.author_handle,
        until_at=now() + timedelta(days=days),
        review_at=min(now() + rules.REVIEW_AFTER, now() + timedelta(days=days)),
    )  # fmt: skip


def _tell_registrar(actor: Actor, item: Item, kind: Kind, ground: Ground) -> None:
    if rules.asks_registrar(kind, ground):
        calendar = core.calendar_for(core.authority_of(actor))
        with translation.override(settings.LANGUAGE_CODE):
            why = f"{kind.label}: {ground.title}" if kind is Kind.BLOCK else str(ground.title)
        records.queue_for_registrar(
            actor=actor, item=item, why=why, due_at=calendar.end_of_next_working_day(now()),
            whole_thread=not ground.no_capture,
        )  # fmt: skip


def _tell_author(actor: Actor, item: Item, decided: Decided) -> None:
    measure = decided.measure
    if not measure.notice:
        audit.note(actor, "moderation.waive_notice", measure, why=measure.notice_waived_why)
        return
    text = measure.notice.replace("{klaga}", queries.way_to_complain(actor, decided.code))
    Measure.objects.of(actor).filter(pk=measure.pk).update(notice=text)
    if channel_rules.is_by_hand(item.channel.platform, item.channel.remote_id):
        return  # whoever carries out the measure there sends the words too
    publication = publishing.publish_answer(actor=actor, item=item, text=text, to_author_only=True, asks_approval=False)
    Measure.objects.of(actor).filter(pk=measure.pk).update(notice_publication=publication)
    measure.notice_publication = publication
    audit.note(actor, "moderation.tell_author", measure, publication=publication.uid)


def _raise_alarm(actor: Actor, measure: Measure, ground: Ground) -> None:
    """Tell whoever leads at once, on the page and by letter: the letter stays when the platform has said yes."""
    path = f"/moderering/{measure.uid}/"
    waiting.put(
        actor,
        [
            waiting.Wait(
                place=PLACE, subject_kind=KIND, subject_id=measure.pk, title=_("Borttaget innan det var bevarat"),
                link=path, due_at=now(), role=Role.COMMUNICATIONS_LEAD.value,
            )
        ],
    )  # fmt: skip
    notes = []
    for person in core.people_with(actor, Role.COMMUNICATIONS_LEAD):
        if actor.is_person(person):
            continue
        with translation.override(person.language):
            body = _(
                "%(who)s har beslutat att ta bort något som inte hann bevaras. Grund: %(ground)s.\n\n"
                "Läs beslutet och se efter att inget fattas:\n%(link)s"
            ) % {"who": actor.name, "ground": ground.title, "link": f"{settings.OPTIONS.base_url.rstrip('/')}{path}"}
            subject = str(_("Borttaget innan det var bevarat"))
        notes.append(
            letters.Note(
                kind="moderation.emergency", once_key=f"moderation.emergency:{measure.uid}:{person.pk}",
                subject=subject, body=body, to_person_id=person.pk,
            )
        )  # fmt: skip
    letters.write(actor, notes)


def new_code() -> str:
    """Return a code that is easy to read aloud and hard to guess: ten letters, fifty bits."""
    letters = "".join(secrets.choice(_ALPHABET) for _place in range(CODE_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def hashed(code: str) -> str:
    """Return what is stored of a code: however it was typed."""
    return sha256("".join(filter(str.isalnum, code.upper())).encode()).hexdigest()
