"""House rules, what an author is told under each ground, and own words: every write of them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.core import audit
from narvaro.core.rules import refuse_stale
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Stale
from narvaro.policy import queries, rules
from narvaro.policy.models import HouseRule, NoticeTemplate, OwnWords
from narvaro.policy.types import Measure

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

_CODE_LENGTH = 32


@transaction.atomic
def take_starting_rules(*, actor: Actor) -> list[HouseRule]:
    """
    Let an authority begin with the house rules that ship; once, and not when it has decided about rules before.

    So a lawful default is there from the first day, open to everybody, and each rule can be changed or ended.

    Returns:
        The rules begun; [] when the authority has had rules before.

    Raises:
        NotPermitted: The actor does not decide about rules.

    Law: BBS-8, RF-1
    """
    if not (actor.is_system or rules.may_change_rules(actor)):
        raise NotPermitted
    if queries.has_chosen_rules(actor):
        return []
    rows = [
        HouseRule(
            authority_id=actor.authority_id, code=each.code, title=each.title, text=each.text, title_en=each.title_en,
            text_en=each.text_en, first=each.first, remove_first=each.remove_first, place=place,
            decided_by_id=actor.person_id,
        )
        for place, each in enumerate(rules.STARTING_RULES)
    ]  # fmt: skip
    try:
        with transaction.atomic():
            HouseRule.objects.bulk_create(rows)
    except IntegrityError:
        return []  # somebody else was first
    audit.note(actor, "policy.take_starting_rules", codes=[row.code for row in rows])
    return rows


@transaction.atomic
def add_rule(
    *,
    actor: Actor,
    title: str,
    text: str,
    title_en: str = "",
    text_en: str = "",
    first: str = Measure.WARN,
    remove_first: bool = False,
    channel: Channel | None = None,
) -> HouseRule:
    """
    Add a house rule, for the whole authority or for one channel; it stands last and applies from now.

    Raises:
        NotPermitted: The actor does not decide about rules.
        Invalid: Title or text is empty, the first measure cannot begin a rule, or the list is full.

    Law: BBS-8, RF-1, FL-1
    """
    _refuse_others(actor)
    wording = _wording(title, text, title_en, text_en, first, remove_first)
    there = queries.own_rules(actor, channel.pk if channel else None)
    if len(there) >= rules.MOST_RULES:
        raise Invalid(_("Fler regler än 40 läser ingen. Slå ihop några i stället."), field="title")
    rule = _begun(
        actor, wording, code=_new_code(actor, wording["title"]), channel_id=channel.pk if channel else None,
        place=max((each.place for each in there), default=-1) + 1, at=now(),
    )  # fmt: skip
    audit.note(actor, "policy.add_rule", rule, code=rule.code, channel=channel.uid if channel else None)
    return rule


@transaction.atomic
def change_rule(
    *,
    actor: Actor,
    uid: UUID | str,
    title: str,
    text: str,
    title_en: str = "",
    text_en: str = "",
    first: str = Measure.WARN,
    remove_first: bool = False,
) -> HouseRule:
    """
    Change a house rule: the old wording ends and a new one with the same code begins.

    Sent unchanged, nothing ends.

    Returns:
        The wording in force.

    Raises:
        NotFound: No such rule in the authority.
        NotPermitted, Invalid: As `add_rule`.
        Stale: The wording that the person saw has ended.

    Law: SM-03 (every wording is kept), BBS-8
    """
    _refuse_others(actor)
    rule = _locked(actor, uid)
    wording = _wording(title, text, title_en, text_en, first, remove_first)
    if all(getattr(rule, name) == value for name, value in wording.items()):
        return rule
    moment = now()
    HouseRule.objects.of(actor).filter(pk=rule.pk).update(ended_at=moment)
    new = _begun(actor, wording, code=rule.code, channel_id=rule.channel_id, place=rule.place, at=moment)
    audit.note(actor, "policy.change_rule", new, code=rule.code, before=rule.uid)
    return new


@transaction.atomic
def end_rule(*, actor: Actor, uid: UUID | str) -> HouseRule:
    """
    End a house rule: it can no longer be given as a ground. What was decided under it stands.

    Raises:
        NotFound, NotPermitted, Stale: As `change_rule`.

    Law: SM-03
    """
    _refuse_others(actor)
    rule = _locked(actor, uid)
    rule.ended_at = now()
    HouseRule.objects.of(actor).filter(pk=rule.pk).update(ended_at=rule.ended_at)
    audit.note(actor, "policy.end_rule", rule, code=rule.code)
    return rule


@transaction.atomic
def move_rule(*, actor: Actor, uid: UUID | str, direction: Literal["up", "down"]) -> None:
    """
    Move a rule one step in its list; at the end of the list nothing happens. The order is no part of what it says.

    Raises:
        NotFound, NotPermitted, Stale: As `change_rule`.

    Law: none; the order in which rules are read.
    """
    _refuse_others(actor)
    rule = _locked(actor, uid)
    rows = HouseRule.objects.of(actor).filter(queries.in_list(rule.channel_id)).select_for_update()
    order = list(rows.order_by("place", "pk"))
    at = next(number for number, each in enumerate(order) if each.pk == rule.pk)
    to = at - 1 if direction == "up" else at + 1
    if not 0 <= to < len(order):
        return
    order[at], order[to] = order[to], order[at]
    for place, each in enumerate(order):
        if each.place != place:
            HouseRule.objects.of(actor).filter(pk=each.pk).update(place=place)
    audit.note(actor, "policy.move_rule", rule, code=rule.code, direction=direction)


@transaction.atomic
def change_notice(*, actor: Actor, ground: str, text: str, seen_version: int | None = None) -> NoticeTemplate:
    """
    Let authors be told an own text under a ground, instead of the one that ships.

    Args:
        ground: Code of a ground of the authority or of any of its channels.
        seen_version: The version the person saw; 0 when there was no own text.

    Raises:
        NotFound: No such ground.
        NotPermitted: The actor does not decide about notices.
        Invalid: The text is empty or too long, or a placeholder is misspelt.
        Stale: Somebody changed it in between.

    Law: FL-1, FL-3
    """
    _refuse_others(actor)
    found = queries.any_ground_for(actor, ground)
    problem = rules.problem_with_notice(text)
    if problem:
        raise Invalid(problem, field="text")
    notice = _store_notice(actor, found.code, text.strip(), seen_version)
    audit.note(actor, "policy.change_notice", notice, ground=found.code)
    return notice


@transaction.atomic
def restore_notice(*, actor: Actor, ground: str, seen_version: int | None = None) -> None:
    """
    Use the text that ships again under a ground.

    Raises:
        NotFound, NotPermitted, Stale: As `change_notice`.
    """
    _refuse_others(actor)
    found = queries.any_ground_for(actor, ground)
    template = queries.notice_template(actor, found.code)
    if template is None or not template.text:
        return
    notice = _store_notice(actor, found.code, "", seen_version)
    audit.note(actor, "policy.restore_notice", notice, ground=found.code)


@transaction.atomic
def add_words(
    *, actor: Actor, name: str, words: str = "", patterns: str = "", house_rule: str = "", heard_in: str = "incoming",
    asks: bool = False,
) -> OwnWords:  # fmt: skip
    """
    Add a list of own words that screening shall lift up, in comments, in what we are about to publish, or both.

    `asks`: whoever writes is asked once before a text of ours with the words goes out; else it is one quiet line. A
    list stands switched off until somebody has seen what it finds.

    Raises:
        NotPermitted: The actor does not decide about rules.
        Invalid: It cannot be used, or has the name of another; `field` says what.

    Law: RF-2
    """
    _refuse_others(actor)
    if len(queries.own_words(actor)) >= rules.MOST_LISTS:
        raise Invalid(_("Fler listor än 100 håller ingen reda på. Slå ihop några i stället."), field="name")
    row = OwnWords(
        authority_id=actor.authority_id, name=name.strip(), words=words, patterns=patterns, house_rule=house_rule,
        heard_in=heard_in, asks=asks, changed_by_id=actor.person_id,
    )  # fmt: skip
    _refuse_words(actor, row)
    row.save(force_insert=True)
    audit.note(actor, "policy.add_words", row, name=row.name)
    return row


@transaction.atomic
def change_words(
    *, actor: Actor, uid: UUID | str, name: str, words: str = "", patterns: str = "", house_rule: str = "",
    heard_in: str = "incoming", asks: bool = False, seen_version: int | None = None,
) -> OwnWords:  # fmt: skip
    """
    Change a list of own words. It is switched off until somebody has seen what it finds now.

    Raises:
        NotFound: No such list.
        NotPermitted, Invalid: As `add_words`.
        Stale: Somebody else has changed it.

    Law: RF-2
    """
    _refuse_others(actor)
    row = _locked_words(actor, uid, seen_version)
    row.name, row.words, row.patterns, row.house_rule, row.is_on = name.strip(), words, patterns, house_rule, False
    row.heard_in, row.asks = heard_in, asks
    _refuse_words(actor, row)
    _store_words(actor, row)
    audit.note(actor, "policy.change_words", row, name=row.name)
    return row


@transaction.atomic
def switch_words(*, actor: Actor, uid: UUID | str, on: bool, seen_version: int | None = None) -> OwnWords:
    """
    Switch a list of own words on or off; what is written from now on is read with it, or without.

    Raises:
        NotFound, NotPermitted, Stale: As `change_words`.
    """
    _refuse_others(actor)
    row = _locked_words(actor, uid, seen_version)
    if row.is_on != on:
        row.is_on = on
        _store_words(actor, row)
        audit.note(actor, "policy.switch_words", row, name=row.name, on=on)
    return row


@transaction.atomic
def end_words(*, actor: Actor, uid: UUID | str) -> None:
    """Take a list of own words away; what it has lifted up stands. Raises NotFound, NotPermitted."""
    _refuse_others(actor)
    row = _locked_words(actor, uid, None)
    row.is_on, row.ended_at = False, now()
    _store_words(actor, row)
    audit.note(actor, "policy.end_words", row, name=row.name)


def _locked_words(actor: Actor, uid: UUID | str, seen_version: int | None) -> OwnWords:
    row = OwnWords.objects.of(actor).select_for_update().filter(uid=uid, ended_at=None).first()
    if row is None:
        raise NotFound
    refuse_stale(seen_version, row.version)
    return row


def _refuse_words(actor: Actor, row: OwnWords) -> None:
    problem, field = rules.problem_with_words(queries.listed(row))
    if problem:
        raise Invalid(problem, field=field)
    if row.house_rule and row.house_rule not in {rule.code for rule in queries.every_house_rule(actor)}:
        raise Invalid(_("Den regeln finns inte längre. Välj en annan."), field="house_rule")
    if OwnWords.objects.of(actor).filter(name=row.name, ended_at=None).exclude(uid=row.uid).exists():
        raise Invalid(_("Det finns redan en lista med det namnet."), field="name")


def _store_words(actor: Actor, row: OwnWords) -> None:
    row.version += 1
    row.changed_by_id, row.changed_at = actor.person_id, now()
    row.save()


def _refuse_others(actor: Actor) -> None:
    if not rules.may_change_rules(actor):
        raise NotPermitted


def _locked(actor: Actor, uid: UUID | str) -> HouseRule:
    """Return the wording in force that the person saw, locked. Raises NotFound, Stale."""
    rule = queries.any_rule_for(actor, uid)
    found: HouseRule = HouseRule.objects.of(actor).select_for_update().get(pk=rule.pk)
    if found.ended_at is not None:
        raise Stale
    return found


def _wording(title: str, text: str, title_en: str, text_en: str, first: str, remove_first: bool) -> dict[str, Any]:
    problem, field = rules.problem_with_rule(title, text, first)
    if problem:
        raise Invalid(problem, field=field)
    return {
        "title": " ".join(title.split())[:120], "text": " ".join(text.split())[:600],
        "title_en": " ".join(title_en.split())[:120], "text_en": " ".join(text_en.split())[:600],
        # Junk is taken away at once: a milder beginning would contradict it.
        "first": str(Measure.REMOVE if remove_first else Measure(first)), "remove_first": remove_first,
    }  # fmt: skip


def _begun(
    actor: Actor, wording: dict[str, Any], *, code: str, channel_id: int | None, place: int, at: datetime
) -> HouseRule:
    rule = HouseRule(
        authority_id=actor.authority_id, decided_by_id=actor.person_id, code=code, channel_id=channel_id, place=place,
        from_at=at,
    )  # fmt: skip
    for name, value in wording.items():
        setattr(rule, name, value)
    rule.save(force_insert=True)
    return rule


def _new_code(actor: Actor, title: str) -> str:
    base = slugify(title).replace("-", "_")[:_CODE_LENGTH].strip("_") or "regel"
    code, number = base, 1
    while queries.is_code_taken(actor, code):
        number += 1
        code = f"{base}_{number}"
    return code


def _store_notice(actor: Actor, code: str, text: str, seen_version: int | None) -> NoticeTemplate:
    rows = NoticeTemplate.objects.of(actor).filter(ground=code).select_for_update()
    template: NoticeTemplate | None = rows.first()
    refuse_stale(seen_version, template.version if template else 0)
    if template is None:
        try:
            with transaction.atomic():
                created: NoticeTemplate = NoticeTemplate.objects.create(
                    authority_id=actor.authority_id, ground=code, text=text, changed_by_id=actor.person_id
                )
        except IntegrityError:
            raise Stale from None
        return created
    template.text, template.version = text, template.version + 1
    template.changed_by_id, template.changed_at = actor.person_id, now()
    template.save(update_fields=["text", "version", "changed_by", "changed_at"])
    return template
