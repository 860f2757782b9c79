"""House rules, notices and own words: every read of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Max, Q
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import queries as core
from narvaro.core.types import Actor, NotFound
from narvaro.policy import rules
from narvaro.policy.models import HouseRule, NoticeTemplate, OwnWords
from narvaro.policy.types import Catalogue, Ground, Heard, Measure
from narvaro.records import queries as records
from narvaro.screening import OwnRules

_GENERAL_FIRST = (F("channel_id").asc(nulls_first=True), "place", "pk")


@dataclass(frozen=True, slots=True)
class ChannelWithRules:
    """A channel that has rules of its own, and how many."""

    channel_id: int
    uid: UUID
    name: str
    count: int


def house_rules(actor: Actor, channel_id: int | None = None) -> list[HouseRule]:
    """Return the rules in force for the authority, then those of one channel when given, each in their order."""
    rows = HouseRule.objects.of(actor).filter(ended_at=None)
    rows = rows.filter(Q(channel=None) | Q(channel_id=channel_id)) if channel_id else rows.filter(channel=None)
    return list(rows.order_by(*_GENERAL_FIRST))


def own_rules(actor: Actor, channel_id: int | None = None) -> list[HouseRule]:
    """Return the rules in force of the authority alone, or of one channel alone, in their order."""
    return list(HouseRule.objects.of(actor).filter(in_list(channel_id)).order_by("place", "pk"))


def in_list(channel_id: int | None) -> Q:
    """Return what narrows rules to those in force in one list: the authority's own, or one channel's."""
    return Q(ended_at=None, channel=None) if channel_id is None else Q(ended_at=None, channel_id=channel_id)


def channels_with_rules(actor: Actor, *, after: int = 0, limit: int = 50) -> list[ChannelWithRules]:
    """Return the channels that have rules of their own, by key, from the one after `after`."""
    rows = HouseRule.objects.of(actor).filter(ended_at=None, channel_id__gt=after).order_by("channel_id")
    named = rows.values_list("channel_id", "channel__uid", "channel__name").annotate(count=Count("pk"))
    return [ChannelWithRules(*row) for row in named[:limit]]


def every_house_rule(actor: Actor) -> list[HouseRule]:
    """Return the rules in force for the authority and for each of its channels."""
    rows = HouseRule.objects.of(actor).filter(ended_at=None).select_related("channel")
    return list(rows.order_by(*_GENERAL_FIRST))


def house_rule_for(actor: Actor, uid: UUID | str) -> HouseRule:
    """Return one rule in force. Raises NotFound."""
    found: HouseRule | None = (
        HouseRule.objects.of(actor).filter(uid=uid, ended_at=None).select_related("channel").first()
    )
    if found is None:
        raise NotFound
    return found


def any_rule_for(actor: Actor, uid: UUID | str) -> HouseRule:
    """Return one rule, in force or ended. Raises NotFound."""
    found: HouseRule | None = HouseRule.objects.of(actor).filter(uid=uid).select_related("channel").first()
    if found is None:
        raise NotFound
    return found


def wordings(actor: Actor, rule: HouseRule) -> list[HouseRule]:
    """Return every wording a rule has had, newest first. Law: SM-03"""
    rows = HouseRule.objects.of(actor).filter(code=rule.code)
    return list(rows.select_related("decided_by").order_by("-pk")[:100])


def in_force_since(actor: Actor, channel_id: int | None = None) -> datetime | None:
    """Return when the rules last became what they are, for the authority or with one channel's; None without any."""
    rows = HouseRule.objects.of(actor)
    rows = rows.filter(Q(channel=None) | Q(channel_id=channel_id)) if channel_id else rows.filter(channel=None)
    found = rows.aggregate(begun=Max("from_at"), ended=Max("ended_at"))
    return max((at for at in found.values() if at is not None), default=None)


def is_code_taken(actor: Actor, code: str) -> bool:
    """Whether a code means something already, or has: figures over the years must not mix two rules."""
    shipped = {ground.code for ground in (*rules.CRIMES, *rules.SECRECY)}
    return code in shipped or bool(HouseRule.objects.of(actor).filter(code=code).exists())


def has_chosen_rules(actor: Actor) -> bool:
    """Whether the authority has ever decided about its house rules; until then the starting ones are offered."""
    return bool(HouseRule.objects.of(actor).exists())


def grounds(actor: Actor, channel_id: int | None = None) -> list[Ground]:
    """
    Return every ground that a moderator may give in a channel: crimes, the house rules in force, secrecy.

    Law: BBS-5, BBS-8, OSL-4, RF-2
    """
    house = [ground_of_rule(rule) for rule in house_rules(actor, channel_id)]
    return [*rules.CRIMES, *house, *rules.SECRECY]


def ground_for(actor: Actor, code: str, channel_id: int | None = None) -> Ground:
    """Return one ground by its code. Raises NotFound."""
    found = next((ground for ground in grounds(actor, channel_id) if ground.code == code), None)
    if found is None:
        raise NotFound
    return found


def every_ground(actor: Actor) -> list[Ground]:
    """Return every ground of the authority, those of each channel's own rules too."""
    return [*rules.CRIMES, *map(ground_of_rule, every_house_rule(actor)), *rules.SECRECY]


def any_ground_for(actor: Actor, code: str) -> Ground:
    """Return one ground of the authority or of any of its channels, or what stands for blocking. Raises NotFound."""
    found = next((ground for ground in (*every_ground(actor), rules.BLOCKING) if ground.code == code), None)
    if found is None:
        raise NotFound
    return found


def ground_of_rule(rule: HouseRule) -> Ground:
    """Return a house rule as a ground."""
    return Ground(
        code=rule.code, catalogue=Catalogue.HOUSE, title=rule.title, text=rule.text, law=rules.HOUSE_RULES_LAW,
        first=Measure(rule.first), remove_first=rule.remove_first, rule_id=rule.pk,
    )  # fmt: skip


def notice_for(actor: Actor, ground: Ground) -> str:
    """
    Return what an author is told under a ground: the authority's own text, else the one that ships.

    In Swedish whoever asks: it is written to a resident, in the language of the authority.

    Law: SL-1
    """
    own = NoticeTemplate.objects.of(actor).filter(ground=ground.code).values_list("text", flat=True).first()
    return own or shipped_notice(ground)


def shipped_notice(ground: Ground) -> str:
    """Return the text that ships for a ground, in Swedish whoever asks."""
    with translation.override(settings.LANGUAGE_CODE):
        return rules.starting_notice(ground)


def notice_template(actor: Actor, code: str) -> NoticeTemplate | None:
    """Return the authority's own text for a ground, or None; its text is "" when the one that ships is used again."""
    found: NoticeTemplate | None = NoticeTemplate.objects.of(actor).filter(ground=code).first()
    return found


def own_notices(actor: Actor) -> frozenset[str]:
    """Return the codes of the grounds for which the authority has a text of its own."""
    return frozenset(NoticeTemplate.objects.of(actor).exclude(text="").values_list("ground", flat=True))


def filled_notice(actor: Actor, ground: Ground, reasons: str, contact: str = "") -> str:
    """
    Return what an author is told under a ground, with everything but {klaga} filled in, in Swedish.

    Args:
        reasons: The moderator's own words; "" leaves no gap.
        contact: A safe way to go on; "" takes the authority's own.

    Law: FL-1, FL-3, GDPR-7
    """
    return _filled(notice_for(actor, ground), ground, reasons, contact or contact_of(actor))


def filled_block_notice(actor: Actor, ground: Ground, reasons: str, until: datetime) -> str:
    """
    Return what somebody is told who is blocked on a ground, with everything but {klaga} filled in, in Swedish.

    Law: FL-1, FL-3, RF-5
    """
    return _filled(notice_for(actor, rules.BLOCKING), ground, reasons, contact_of(actor), until)


def example_notice(actor: Actor, ground: Ground, text: str) -> str:
    """Return a text for a ground as it may read when it is sent, {klaga} filled in too: for a preview."""
    authority = core.authority_of(actor)
    with translation.override(settings.LANGUAGE_CODE):
        reasons = _("Kommentaren innehåller skällsord om en namngiven person.")
    about, until = (ground, None) if ground != rules.BLOCKING else (rules.CRIMES[0], now() + timedelta(days=30))
    partly = _filled(text, about, reasons, contact_of(actor), until)
    way = f"{settings.OPTIONS.base_url}/{authority.slug}/klaga/, kod ABCDE-FGHJK"
    return rules.filled(partly, {"klaga": way})


def contact_of(actor: Actor) -> str:
    """Return how a resident reaches the authority outside social media, in Swedish: what the authority has stated."""
    authority = core.authority_of(actor)
    stated = [authority.phone, authority.communications_email or authority.registrar_email]
    with translation.override(settings.LANGUAGE_CODE):
        return ", ".join(filter(None, stated)) or authority.website or _("ring vår växel")


def _filled(text: str, ground: Ground, reasons: str, contact: str, until: datetime | None = None) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        day = date_format(until.astimezone(STOCKHOLM), "j F Y") if until is not None else ""
        return rules.filled(text, {"skäl": reasons, "regel": str(ground.title), "kontakt": contact, "till": day})


# --- Own words -----------------------------------------------------------------------------------------------------

READ_FOR_A_TRIAL = 10_000
SHOWN_OF_A_TRIAL = 20
_ORIGINS = {screening.Direction.INCOMING: "received", screening.Direction.OUTGOING: "drawn_up"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that own words would have hit: nothing of who wrote it (RF-3, GDPR-6)."""

    uid: UUID
    text: str
    channel_name: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class WordsTrial:
    """What own words would have hit: how many of the latest texts that were read, and the newest of them."""

    direction: screening.Direction
    read: int
    count: int
    shown: tuple[Hit, ...]


def own_words(actor: Actor) -> list[OwnWords]:
    """Return the authority's lists of own words, by name."""
    return list(OwnWords.objects.of(actor).filter(ended_at=None).order_by("name", "pk"))


def own_words_for(actor: Actor, uid: UUID | str) -> OwnWords:
    """Return one list of own words. Raises NotFound."""
    found = OwnWords.objects.of(actor).filter(uid=uid, ended_at=None).select_related("changed_by").first()
    if found is None:
        raise NotFound
    return found


def words_listened_for(authority_id: int) -> OwnRules | None:
    """Return the own words that are listened for in comments, as screening takes them; None when there are none."""
    rows = OwnWords.objects.everywhere("screen").filter(authority_id=authority_id, ended_at=None, is_on=True)
    lists = tuple(listed(row) for row in rows.exclude(heard_in=Heard.OUTGOING).order_by("pk"))
    return rules.compiled(lists) if lists else None


def words_minded(actor: Actor) -> OwnRules | None:
    """Return the own words that are listened for in what the authority is about to publish; None for none."""
    rows = OwnWords.objects.of(actor).filter(ended_at=None, is_on=True).exclude(heard_in=Heard.INCOMING)
    lists = tuple(listed(row) for row in rows.order_by("pk"))
    return rules.compiled(lists, screening.Direction.OUTGOING) if lists else None


def listed(row: OwnWords) -> rules.WordList:
    """Return a list of own words as rules read it."""
    return rules.WordList(
        row.uid.hex, row.name, row.words, row.patterns, row.house_rule, str(row.heard_in), row.asks
    )  # fmt: skip


def words_trials(actor: Actor, row: OwnWords) -> tuple[WordsTrial, ...]:
    """
    Return what a list would have hit of the latest texts that the actor may read: comments, what we wrote, or both.

    Nothing is kept, and nothing is told of those who wrote: words are tried on texts, never on people.

    Law: RF-2, RF-3, GDPR-6
    """
    origins = {way: _ORIGINS[way] for way in rules.directions_of(listed(row))}
    texts = records.latest_texts(actor, limit=READ_FOR_A_TRIAL, origins=tuple(origins.values()))
    tried = {
        way: screening.tried(rules.as_own_rule(listed(row), way), texts[origin]) for way, origin in origins.items()
    }
    newest = {way: [each.key for each in trial.flagged[:SHOWN_OF_A_TRIAL]] for way, trial in tried.items()}
    items = records.items_by_id(actor, [key for keys in newest.values() for key in keys])
    shown = {
        each.item.pk: Hit(each.item.uid, each.text, each.item.channel.name, each.item.published_at)
        for each in records.shown(actor, list(items.values()))
    }
    return tuple(
        WordsTrial(way, trial.read, len(trial.flagged), tuple(shown[key] for key in newest[way] if key in shown))
        for way, trial in tried.items()
    )
