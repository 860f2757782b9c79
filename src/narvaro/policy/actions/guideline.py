"""
The guideline: written as a draft, adopted by a body, in force from a day, superseded by the next.

From the day it is in force the rest of Närvaro obeys it: floors below are told by their own actions, floors above say
in `obeying` what they do. Nothing of an adopted version is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from narvaro.base.clock import now, today
from narvaro.channels import actions as channel_actions
from narvaro.channels import queries as channels
from narvaro.channels.actions import verifying
from narvaro.channels.queries import checking
from narvaro.core import actions as house
from narvaro.core import audit, waiting
from narvaro.core import queries as core
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotPermitted, Role, Stale
from narvaro.media import actions as media
from narvaro.media.actions import forgetting
from narvaro.policy import guidelines, parameters, queries, rules
from narvaro.policy.actions.activity import obey_activity
from narvaro.policy.actions.archiving import obey_archive_interval
from narvaro.policy.actions.duties import obey_duties
from narvaro.policy.actions.reading import PLACE, REVIEW_KIND, ask_to_read, settle_reading
from narvaro.policy.models import Guideline, GuidelineStep, Minutes, Reviewer
from narvaro.policy.types import GuidelineState, Section, StepKind

if TYPE_CHECKING:
    from narvaro.core.models import Authority

obeying: list[Callable[[Actor, Mapping[str, Any], str], None]] = []
"""What floors above do when a guideline begins to hold: (system actor, its values, the address where it stands)."""


@transaction.atomic
def begin_guideline(*, actor: Actor) -> Guideline:
    """
    Begin a draft: from the text that ships the first time, else from the latest version that was adopted.

    Raises:
        NotPermitted: The actor does not decide about rules.
        Invalid: There is a draft already.

    Law: SM-03, TF-6
    """
    _refuse_others(actor)
    if queries.draft(actor) is not None:
        raise Invalid(_("Det finns redan ett utkast. Skriv vidare på det."))
    every = queries.guidelines_of(actor)
    latest = next((each for each in every if each.state not in (GuidelineState.DRAFT, GuidelineState.DROPPED)), None)
    begun = _copied(latest) if latest else _from_start()
    try:
        with transaction.atomic():
            number = (every[0].number if every else 0) + 1
            row = Guideline(authority_id=actor.authority_id, number=number, started_by_id=actor.person_id)
            for name, value in begun.items():
                setattr(row, name, value)
            row.save(force_insert=True)
    except IntegrityError:  # somebody else was first
        raise Stale from None
    _step(actor, row, StepKind.BEGUN)
    audit.note(actor, "policy.begin_guideline", row, number=row.number, begun_from=latest.number if latest else 0)
    return row


@transaction.atomic
def write_section(
    *, actor: Actor, uid: UUID | str, code: str, number: str, heading: str, text: str, seen_version: int | None = None
) -> Guideline:
    """
    Write a section of the draft.

    Raises:
        NotFound, NotPermitted
        Invalid: The heading is empty, the text too long, or the version is no draft.
        Stale: Somebody wrote in between.

    Law: TF-6 (a draft is no public record)
    """
    row = _draft(actor, uid, seen_version)
    found = queries.sections_of(row)
    place = _place(found, code)
    found[place] = _section(code, number, heading, text)
    return _written(actor, row, "policy.write_section", sections=guidelines.rows(found), about={"section": code})


@transaction.atomic
def add_section(
    *, actor: Actor, uid: UUID | str, number: str, heading: str, text: str, seen_version: int | None = None
) -> Guideline:
    """Add an own section last in the draft. Raises as `write_section`."""
    row = _draft(actor, uid, seen_version)
    found = queries.sections_of(row)
    if len(found) >= guidelines.MOST_SECTIONS:
        raise Invalid(_("Fler avsnitt än 60 läser ingen. Slå ihop några i stället."), field="heading")
    code = guidelines.new_code(heading, [each.code for each in found])
    found.append(_section(code, number or str(len(found) + 1), heading, text))
    return _written(actor, row, "policy.add_section", sections=guidelines.rows(found), about={"section": code})


@transaction.atomic
def remove_section(*, actor: Actor, uid: UUID | str, code: str) -> Guideline:
    """Take a section out of the draft. Raises NotFound, NotPermitted, Invalid."""
    row = _draft(actor, uid, None)
    found = queries.sections_of(row)
    del found[_place(found, code)]
    return _written(actor, row, "policy.remove_section", sections=guidelines.rows(found), about={"section": code})


@transaction.atomic
def move_section(*, actor: Actor, uid: UUID | str, code: str, direction: str) -> Guideline:
    """Move a section one step, "up" or "down"; at the end nothing happens. Raises as `remove_section`."""
    row = _draft(actor, uid, None)
    found = queries.sections_of(row)
    at = _place(found, code)
    to = at - 1 if direction == "up" else at + 1
    if not 0 <= to < len(found):
        return row
    found[at], found[to] = found[to], found[at]
    return _written(actor, row, "policy.move_section", sections=guidelines.rows(found), about={"section": code})


@transaction.atomic
def fill_in(
    *, actor: Actor, uid: UUID | str, title: str, adopting_body: str, revising_body: str,
    values: Mapping[str, Any], seen_version: int | None = None,
) -> Guideline:  # fmt: skip
    """
    Fill in what the draft decides, what it is called, who adopts it and who may revise it.

    Args:
        values: By parameter; what is not given keeps what it has.

    Raises:
        NotFound, NotPermitted, Stale
        Invalid: A value cannot be used; says which.

    Law: SM-03
    """
    row = _draft(actor, uid, seen_version)
    if not title.strip():
        raise Invalid(_("Skriv vad dokumentet heter."), field="title")
    for key, value in values.items():
        problem = parameters.problem_with(key, value)
        if problem:
            raise Invalid(problem, field=key)
    wanted = {**row.values, **values}
    if wanted.get("oversight_rounds_in_crisis", 12) < wanted.get("oversight_rounds_per_day", 1):
        raise Invalid(_("I en kris ses kanalen över minst lika ofta som annars."), field="oversight_rounds_in_crisis")
    return _written(
        actor, row, "policy.fill_in", title=" ".join(title.split())[:200], values=wanted,
        adopting_body=" ".join(adopting_body.split())[:120], revising_body=" ".join(revising_body.split())[:120],
        about={"fields": sorted(key for key, value in values.items() if row.values.get(key) != value)},
    )  # fmt: skip


@transaction.atomic
def decide_retention(
    *, actor: Actor, uid: UUID | str, retention: Mapping[str, Mapping[str, Any]], seen_version: int | None = None
) -> Guideline:
    """
    Fill in what the draft decides about classes of records: preserved, disposed of after months, or as the case.

    Args:
        retention: By class: "disposition", and "keep_months" for what is disposed of. Nothing else is kept.

    Raises:
        NotFound, NotPermitted, Stale
        Invalid: A class or a period cannot be used; says which.

    Law: ARK-4, ARK-6
    """
    row = _draft(actor, uid, seen_version)
    kept: dict[str, dict[str, Any]] = {}
    for code, each in retention.items():
        disposition, months = str(each.get("disposition", "")), each.get("keep_months")
        problem = parameters.problem_with_retention(code, disposition, months)
        if problem:
            raise Invalid(problem, field=code)
        kept[code] = {"disposition": disposition, "keep_months": months}
    return _written(actor, row, "policy.decide_retention", retention=kept, about={"classes": sorted(kept)})


@transaction.atomic
def drop_draft(*, actor: Actor, uid: UUID | str) -> None:
    """Lay a draft aside; it can be read, and another begun. Raises NotFound, NotPermitted, Invalid."""
    row = _draft(actor, uid, None)
    _become(actor, row, GuidelineState.DROPPED)
    _step(actor, row, StepKind.DROPPED)
    audit.note(actor, "policy.drop_draft", row, number=row.number)


@transaction.atomic
def adopt_guideline(
    *, actor: Actor, uid: UUID | str, body: str, decided_on: date, paragraph: str = "", diary_number: str = "",
    in_force_on: date, seen_version: int | None = None,
) -> Guideline:  # fmt: skip
    """
    Enter that a draft is adopted: by which body, when, where in its minutes, and from when it holds.

    What it says is fixed by its hash from now on. It begins to hold on its day; today or earlier, at once.

    Raises:
        NotFound, NotPermitted, Stale
        Invalid: No body, neither paragraph nor diary number, a day that cannot be, a fill-in that is none, or
            another adopted version that still waits for its day.

    Law: SM-03, ARK-9
    """
    row = _draft(actor, uid, seen_version)
    _refuse_decision(body, decided_on, paragraph, diary_number)
    if in_force_on < decided_on:
        raise Invalid(_("Riktlinjen kan inte gälla innan den är antagen."), field="in_force_on")
    unknown = [word for each in queries.sections_of(row) for word in parameters.unknown_places(each.text)]
    if unknown:
        raise Invalid(_("I texten står {%(word)s}, och det finns inget sådant värde.") % {"word": unknown[0]})
    if not row.sections:
        raise Invalid(_("Utkastet har inga avsnitt."))
    if queries.coming(actor) is not None:
        raise Invalid(_("En antagen version väntar på den dag då den börjar gälla. Vänta till dess."))
    _become(
        actor, row, GuidelineState.ADOPTED, in_force_on=in_force_on,
        content_hash=guidelines.content_hash(row.title, row.sections, row.values, row.retention),
    )  # fmt: skip
    _step(
        actor, row, StepKind.ADOPTED, body=body, decided_on=decided_on, paragraph=paragraph, diary_number=diary_number
    )
    audit.note(
        actor, "policy.adopt_guideline", row, number=row.number, decided_on=decided_on.isoformat(),
        in_force_on=in_force_on.isoformat(), hash=row.content_hash,
    )  # fmt: skip
    if in_force_on <= today():
        _bring_into_force(Actor.system(row.authority, "guideline"), row)
    return queries.guideline_for(actor, uid)


@transaction.atomic
def bring_due_into_force(*, authority: Authority) -> bool:
    """Let an adopted version begin to hold whose day has come; whether there was one. Law: SM-03"""
    actor = Actor.system(authority, "guideline")
    row = Guideline.objects.of(actor).select_for_update().filter(state=GuidelineState.ADOPTED).first()
    if row is None or row.in_force_on is None or row.in_force_on > today():
        return False
    _bring_into_force(actor, row)
    return True


@transaction.atomic
def review_guideline(
    *, actor: Actor, body: str, decided_on: date, paragraph: str = "", diary_number: str = "", why: str = ""
) -> None:
    """
    Enter that the version in force was looked over and stands as it is; the next time is counted from that day.

    Raises:
        NotPermitted: The actor neither decides about rules nor is named to look it over.
        Invalid: Nothing is in force, or the particulars are not whole.

    Law: SM-03
    """
    is_named = any(each.person_id == actor.person_id for each in queries.reviewers(actor))
    if not (rules.may_change_rules(actor) or is_named):
        raise NotPermitted
    row = queries.guideline_in_force(actor)
    if row is None:
        raise Invalid(_("Ingen riktlinje gäller än."))
    if not body.strip():
        raise Invalid(_("Skriv vem som har sett över riktlinjen."), field="body")
    if decided_on > today():
        raise Invalid(_("Dagen har inte varit än."), field="decided_on")
    _step(
        actor, row, StepKind.REVIEWED, body=body, decided_on=decided_on, paragraph=paragraph,
        diary_number=diary_number, why=why,
    )  # fmt: skip
    _settle_review(actor)
    audit.note(actor, "policy.review_guideline", row, number=row.number, decided_on=decided_on.isoformat())


@transaction.atomic
def name_reviewer(*, actor: Actor, person_uid: UUID | str) -> None:
    """Name an official who is reminded to look the guideline over. Raises NotFound, NotPermitted. Law: SM-03"""
    _refuse_others(actor)
    person = core.person_for(actor, person_uid)
    try:
        with transaction.atomic():
            row = Reviewer.objects.create(
                authority_id=actor.authority_id, person=person, named_by_id=actor.person_id
            )  # fmt: skip
    except IntegrityError:
        return  # named already
    audit.note(actor, "policy.name_reviewer", row, person=person.uid)


@transaction.atomic
def end_reviewer(*, actor: Actor, person_uid: UUID | str) -> None:
    """End somebody's reminder. Raises NotFound, NotPermitted."""
    _refuse_others(actor)
    person = core.person_for(actor, person_uid)
    if Reviewer.objects.of(actor).filter(person=person, ended_at=None).update(ended_at=now()):
        waiting.settle(actor, PLACE, REVIEW_KIND, [person.pk])
        audit.note(actor, "policy.end_reviewer", person)


@transaction.atomic
def keep_minutes(
    *, actor: Actor, body: str, held_on: date, paragraph: str = "", diary_number: str = "", agreed: str
) -> Minutes:
    """
    Enter the minutes of a meeting about social media: enough for channels to begin where there is no guideline yet.

    Raises:
        NotPermitted: The actor neither decides about rules nor leads a unit.
        Invalid: No body, neither paragraph nor diary number, nothing agreed, or a day still to come.

    Law: SM-03
    """
    if not (rules.may_change_rules(actor) or actor.has_anywhere(Role.UNIT_MANAGER)):
        raise NotPermitted
    _refuse_decision(body, held_on, paragraph, diary_number)
    if not agreed.strip():
        raise Invalid(_("Skriv vad ni kom fram till, i några meningar."), field="agreed")
    row: Minutes = Minutes.objects.create(
        authority_id=actor.authority_id, body=body.strip()[:120], held_on=held_on, paragraph=paragraph.strip()[:40],
        diary_number=diary_number.strip()[:60], agreed=agreed.strip(), by_id=actor.person_id,
    )  # fmt: skip
    audit.note(actor, "policy.keep_minutes", row, held_on=held_on.isoformat())
    channel_actions.set_condition(actor=actor, key="policy", met=True, link=queries.ADDRESS)
    return row


# --- Taking effect ------------------------------------------------------------------------------------------------


def _bring_into_force(actor: Actor, row: Guideline) -> None:
    old = queries.guideline_in_force(actor)
    if old is not None:
        _become(actor, old, GuidelineState.SUPERSEDED)
        _step(actor, old, StepKind.SUPERSEDED)
        settle_reading(actor, old)
    _become(actor, row, GuidelineState.IN_FORCE)
    _step(actor, row, StepKind.IN_FORCE)
    _obey(actor, row.values)
    forgetting.settle_consent_keeping(actor=actor, retention=row.retention, decided_in=queries.ADDRESS)
    channel_actions.set_condition(actor=actor, key="policy", met=True, link=queries.ADDRESS)
    channel_actions.set_condition(actor=actor, key="retention", met=bool(row.retention), link=queries.ADDRESS)
    _settle_review(actor)
    ask_to_read(actor, row)
    audit.note(actor, "policy.bring_into_force", row, number=row.number, hash=row.content_hash)


def _obey(actor: Actor, values: Mapping[str, Any]) -> None:
    """Let the rest of Närvaro do as the guideline says: the floors below by their actions, those above by their own."""
    settled = {"answer_hours": values["reply_target_hours"]} if "reply_target_hours" in values else {}
    house.settle_authority(actor=actor, decided_in=queries.ADDRESS, **settled)
    gate = channels.gate_of(actor)
    channel_actions.change_gate(
        actor=actor, levels={**gate.levels, **parameters.gate_levels(values)}, days_for_live=gate.days_for_live,
        days_for_policy=values.get("acknowledgement_days", gate.days_for_policy),
    )  # fmt: skip
    if "about_text_required_items" in values:
        verifying.change_demands(
            actor=actor, items=parameters.about_items(values["about_text_required_items"]),
            page=checking.demands_of(actor).page,
        )  # fmt: skip
    if "image_consent_child_age" in values:
        media.settle_child_age(actor=actor, age=values["image_consent_child_age"], decided_in=queries.ADDRESS)
    obey_activity(actor, values, anew=True)
    obey_archive_interval(actor, values)
    obey_duties(actor, values)
    for obey in obeying:
        obey(actor, values, queries.ADDRESS)


def _settle_review(actor: Actor) -> None:
    waiting.settle(actor, PLACE, REVIEW_KIND, [0, *(each.person_id for each in queries.reviewers(actor))])


# --- Parts --------------------------------------------------------------------------------------------------------


def _refuse_others(actor: Actor) -> None:
    if not rules.may_change_rules(actor):
        raise NotPermitted


def _refuse_decision(body: str, decided_on: date, paragraph: str, diary_number: str) -> None:
    if not body.strip():
        raise Invalid(_("Skriv vilket organ som beslutade."), field="body")
    if decided_on > today():
        raise Invalid(_("Dagen har inte varit än."), field="held_on")
    if not paragraph.strip() and not diary_number.strip():
        raise Invalid(_("Skriv paragraf eller diarienummer, så att beslutet går att hitta."), field="diary_number")


def _draft(actor: Actor, uid: UUID | str, seen_version: int | None) -> Guideline:
    """Return a draft that the actor writes on, locked. Raises NotFound, NotPermitted, Invalid, Stale."""
    _refuse_others(actor)
    found = queries.guideline_for(actor, uid)
    row: Guideline = Guideline.objects.of(actor).select_for_update(of=("self",)).get(pk=found.pk)
    if row.state != GuidelineState.DRAFT:
        raise Invalid(_("Bara ett utkast går att skriva i. Börja på en ny version i stället."))
    refuse_stale(seen_version, row.version)
    return row


def _written(actor: Actor, row: Guideline, verb: str, *, about: Mapping[str, Any], **values: Any) -> Guideline:
    if all(getattr(row, name) == value for name, value in values.items()):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.version, row.changed_at = row.version + 1, now()
    row.save(update_fields=[*values, "version", "changed_at"])
    audit.note(actor, verb, row, number=row.number, **about)
    return row


def _become(actor: Actor, row: Guideline, state: GuidelineState, **values: Any) -> None:
    row.state = state.value
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    Guideline.objects.of(actor).filter(pk=row.pk).update(state=state.value, version=row.version, **values)


def _step(
    actor: Actor, row: Guideline, kind: StepKind, *, body: str = "", decided_on: date | None = None,
    paragraph: str = "", diary_number: str = "", why: str = "",
) -> None:  # fmt: skip
    GuidelineStep.objects.create(
        authority_id=actor.authority_id, guideline=row, kind=kind.value, body=body.strip()[:120],
        decided_on=decided_on, paragraph=paragraph.strip()[:40], diary_number=diary_number.strip()[:60],
        why=why.strip()[:500], by_id=actor.person_id,
    )  # fmt: skip


def _place(found: Sequence[Section], code: str) -> int:
    place = next((number for number, each in enumerate(found) if each.code == code), None)
    if place is None:
        raise Stale  # somebody took it out in between
    return place


def _section(code: str, number: str, heading: str, text: str) -> Section:
    if not heading.strip():
        raise Invalid(_("Skriv avsnittets rubrik."), field="heading")
    if len(text) > guidelines.MOST_TEXT:
        raise Invalid(_("Texten är för lång. Dela upp den på flera avsnitt."), field="text")
    clean = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    return Section(code, number.strip()[:12], " ".join(heading.split())[:120], clean)


def _from_start() -> dict[str, Any]:
    begun = guidelines.starting()
    return {
        "title": begun.title, "sections": guidelines.rows(begun.sections), "values": parameters.defaults(),
        "retention": parameters.default_retention(),
    }  # fmt: skip


def _copied(latest: Guideline) -> dict[str, Any]:
    return {
        name: getattr(latest, name)
        for name in ("title", "sections", "values", "retention", "adopting_body", "revising_body")
    }
