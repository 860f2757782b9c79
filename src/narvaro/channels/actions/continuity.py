"""When somebody leaves, is away or moves: the manager is told, and a channel gets new people in one press."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base.clock import now, today
from narvaro.channels.actions.register import change_channel
from narvaro.channels.models import Channel, MonthlyLetter, Vacancy
from narvaro.channels.queries import channels_by_id, lacks, people_who_left
from narvaro.channels.queries import continuity as reads
from narvaro.channels.queries.incidents import open_incidents
from narvaro.channels.rules import Lack, continuity, may_register
from narvaro.core import audit, letters, waiting
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted, Role

if TYPE_CHECKING:
    from narvaro.core.models import Authority, Person

PLACE = "continuity"
_KIND = "channels.vacancy"
_A_MONTH = timedelta(days=31)
_MOST_TOLD = 5
Words = Callable[[], tuple[str, str]]


@transaction.atomic
def hand_over_channels(
    *, actor: Actor, person: Person, channels: Sequence[Channel], to: Person | None = None
) -> list[Channel]:
    """
    Let somebody else have a person's place in channels: `to`, or (None) the deputy where the person is responsible.

    A deputy who becomes responsible leaves the deputy's place empty. Where the person is deputy and nobody is named,
    the place is left empty.

    Args:
        channels: Those to hand over; the person is responsible or deputy in each.

    Raises:
        NotPermitted: The actor does not say who answers for one of them.
        Invalid: None is chosen; the person is not in one; there is no deputy; `to` has the other place already.

    Law: SEC-2, FL-2
    """
    if not channels:
        raise Invalid(_("Välj minst en kanal."), field="channels")
    if to is not None and to.pk == person.pk:
        raise Invalid(_("Välj någon annan än den som lämnar över."), field="to")
    changed = []
    for channel in channels:
        if not may_register(actor, channel.unit_id):
            raise NotPermitted
        changed.append(change_channel(actor=actor, channel=channel, **_places(channel, person, to)))
    _fill(actor, [channel.pk for channel in changed], person.pk)
    audit.note(
        actor, "channels.hand_over_channels", person, channels=sorted(channel.pk for channel in changed),
        to=to.pk if to else None,
    )  # fmt: skip
    return changed


def _places(channel: Channel, person: Person, to: Person | None) -> dict[str, Any]:
    """Return who has which place after a hand-over."""
    is_responsible = channel.responsible_id == person.pk
    if not is_responsible and channel.deputy_id != person.pk:
        raise Invalid(_("%(channel)s har redan någon annan.") % {"channel": channel.name}, field="channels")
    if not is_responsible:
        return {"deputy": None if to is not None and to.pk == channel.responsible_id else to}
    if to is None and channel.deputy is None:
        sentence = _("%(channel)s har ingen ersättare. Välj vem som ska ta över.")
        raise Invalid(sentence % {"channel": channel.name}, field="to")
    if to is None or to.pk == channel.deputy_id:
        return {"responsible": channel.deputy, "deputy": None}
    return {"responsible": to}


@transaction.atomic
def follow_people(*, authority: Authority) -> int:
    """
    Find places in channels that stand empty, tell the nearest manager by letter, and forget those that are filled.

    Where nobody else answers for the channel it waits for the manager too. Returns how many were found anew.

    Law: SEC-2, FL-2
    """
    actor = Actor.system(authority, "follow people")
    found = {(empty.channel_id, empty.person_id): empty for empty in reads.empty_places(actor)}
    known = {(row.channel_id, row.person_id): row for row in reads.vacancies(actor)}
    over = [row for key, row in known.items() if key not in found or _is_other(row, found[key])]
    _close(actor, over)
    new = [empty for key, empty in found.items() if key not in known or _is_other(known[key], empty)]
    channels = channels_by_id(actor, {empty.channel_id for empty in new})
    people = core.people_named(actor, {empty.person_id for empty in new})
    told: dict[tuple[int, int, continuity.Why], tuple[Person, list[Vacancy]]] = {}
    for empty in new:
        channel = channels[empty.channel_id]
        try:
            with transaction.atomic():
                row: Vacancy = Vacancy.objects.create(
                    authority_id=authority.pk, channel=channel, person=people[empty.person_id], why=empty.why.value,
                    is_orphaned=empty.is_orphaned,
                )  # fmt: skip
        except IntegrityError:  # another worker found it in between
            continue
        manager = _manager(actor, channel, empty.person_id)
        _wait(actor, row, manager)
        audit.note(actor, "channels.find_vacancy", channel, person=empty.person_id, reason=empty.why.value)
        if manager is not None:
            told.setdefault((manager.pk, empty.person_id, empty.why), (manager, []))[1].append(row)
    if not authority.is_demo:
        for manager, rows in told.values():
            _write(
                actor, manager, _vacancy_words(rows), kind="channels.vacancy",
                once_key=f"channels.vacancy:{rows[0].pk}:{manager.pk}",
            )  # fmt: skip
    return len(new)


@transaction.atomic
def choose_monthly_letter(*, actor: Actor, is_wanted: bool) -> None:
    """Say whether one wants the letter each month about the channels of one's units. Raises NotPermitted."""
    if actor.person_id is None:
        raise NotPermitted
    rows = MonthlyLetter.objects.of(actor).filter(person_id=actor.person_id)
    if is_wanted:
        rows.delete()
    elif not rows.exists():
        MonthlyLetter.objects.create(authority_id=actor.authority_id, person_id=actor.person_id)
    audit.note(actor, "channels.choose_monthly_letter", wanted=is_wanted)


def write_monthly_letters(*, authority: Authority) -> int:
    """
    Write to each who leads a unit about the unit's channels, their people and what is left to do; once a month.

    Returns how many were written to. Law: SEC-2
    """
    actor = Actor.system(authority, "monthly letter")
    month = f"{today():%Y-%m}"
    receivers = reads.receivers_of_monthly_letter(actor)
    for person in receivers:
        led = core.actor_for(person, authority.pk)
        if led is not None and (channels := reads.channels_looked_after(led)):
            _write(
                actor, person, _monthly_words(led, channels), kind="channels.monthly",
                once_key=f"channels.monthly:{month}:{person.pk}",
            )  # fmt: skip
    return len(receivers)


def write_yearly_letters(*, authority: Authority) -> int:
    """
    Write to each who leads a unit about what would stand bare if somebody left tomorrow; once a year.

    Returns how many were written to. Law: SEC-2
    """
    actor = Actor.system(authority, "yearly letter")
    leaders = core.people_with(actor, Role.UNIT_MANAGER)
    for person in leaders:
        led = core.actor_for(person, authority.pk)
        units = reads.if_somebody_left(led, reads.units_led(led)) if led is not None else []
        if units:
            _write(
                actor, person, _yearly_words(units), kind="channels.yearly",
                once_key=f"channels.yearly:{today().year}:{person.pk}",
            )  # fmt: skip
    return len(leaders)


def _is_other(row: Vacancy, empty: continuity.Empty) -> bool:
    return row.why != empty.why.value or row.is_orphaned != empty.is_orphaned


def _fill(actor: Actor, channel_ids: list[int], person_id: int) -> None:
    rows = Vacancy.objects.of(actor).filter(channel__in=channel_ids, person_id=person_id, filled_at=None)
    _close(actor, list(rows))


def _close(actor: Actor, rows: Sequence[Vacancy]) -> None:
    keys = [row.pk for row in rows]
    Vacancy.objects.of(actor).filter(pk__in=keys).update(filled_at=now())
    waiting.settle(actor, PLACE, _KIND, keys)


def _manager(actor: Actor, channel: Channel, person_id: int) -> Person | None:
    """Return the nearest manager of a channel who is not the person that it is about."""
    near = core.nearest_manager(actor, channel.unit_id)
    if near is None or near.pk != person_id:
        return near
    above = core.nearest_manager(actor, channel.unit.parent_id)
    return above if above is None or above.pk != person_id else None


def _wait(actor: Actor, row: Vacancy, manager: Person | None) -> None:
    if not row.is_orphaned and row.why == continuity.Why.AWAY.value:
        return  # the deputy has it, and somebody comes back
    title = (
        _("Ingen svarar för %(channel)s nu. Utse någon.") if row.is_orphaned
        else _("%(channel)s behöver en person till.")
    )  # fmt: skip
    waiting.put(actor, [
        waiting.Wait(
            place=PLACE, subject_kind=_KIND, subject_id=row.pk, title=title % {"channel": row.channel.name},
            link=_page(row), person_id=manager.pk if manager else None,
            role="" if manager else Role.COMMUNICATIONS_LEAD.value,
        )
    ])  # fmt: skip


def _write(actor: Actor, person: Person, words: Words, *, kind: str, once_key: str) -> None:
    with translation.override(person.language):
        subject, body = words()
    letters.write(actor, [letters.Note(kind, once_key, subject, body, to_person_id=person.pk)])


def _vacancy_words(rows: Sequence[Vacancy]) -> Words:
    def words() -> tuple[str, str]:
        first = rows[0]
        name = {"name": first.person.name}
        subject = {
            continuity.Why.LEFT.value: _("%(name)s har slutat och svarade för kanaler hos er"),
            continuity.Why.MOVED.value: _("%(name)s har bytt enhet och svarade för kanaler hos er"),
            continuity.Why.AWAY.value: _("%(name)s är borta och svarar för kanaler hos er"),
        }[first.why] % name
        lines = [
            f"- {row.channel.name}" + (f": {_('ingen annan svarar för kanalen')}" if row.is_orphaned else "")
            for row in rows
        ]
        body = _("Det gäller:\n\n%(lines)s\n\nSe vad som ska lämnas över, och utse någon med ett tryck:\n\n%(link)s")
        return subject, body % {"lines": "\n".join(lines), "link": _address(_page(first))}

    return words


def _monthly_words(led: Actor, channels: Sequence[Channel]) -> Words:
    def words() -> tuple[str, str]:
        left, gone = lacks(led, channels), people_who_left(led, channels)
        troubled = {incident.channel_id for incident in open_incidents(led, channels)}
        lines, unit = [], ""
        for channel in channels:
            if channel.unit.name != unit:
                unit = channel.unit.name
                lines += ["", unit]
            lines.append(f"- {channel.name}: {_people_line(channel, gone)}")
            if channel.pk in troubled:
                lines.append(f"  {_('En incident är öppen.')}")
            lines += _left_lines(left.get(channel.pk, []))
        body = _(
            "Så står det till med era kanaler. Det här är påminnelser; inget hindrar någon från att svara.\n%(lines)s"
            "\n\nSe allt, eller slå av det här brevet:\n\n%(link)s"
        )
        link = _address(reverse("channels:mine"))
        return _("Era kanaler den här månaden"), body % {"lines": "\n".join(lines), "link": link}

    return words


def _people_line(channel: Channel, gone: frozenset[int]) -> str:
    named = [
        (_("ansvarig"), channel.responsible), (_("ersättare"), channel.deputy),
    ]  # fmt: skip
    return ", ".join(
        f"{place} {person.name if person is not None and person.pk not in gone else _('saknas')}"
        for place, person in named
    )


def _left_lines(found: Sequence[Lack]) -> list[str]:
    """Tell what is due within the month, the most urgent first, and how much there is besides."""
    soon = [lack for lack in found if lack.due <= today() + _A_MONTH][:_MOST_TOLD]
    lines = [f"  {_('Senast %(day)s') % {'day': date_format(lack.due, 'j F Y')}}: {lack.text}" for lack in soon]
    if later := len(found) - len(soon):
        lines.append("  " + ngettext("En sak till återstår.", "%(n)s saker till återstår.", later) % {"n": later})
    return lines


def _yearly_words(units: Sequence[reads.UnitStands]) -> Words:
    def words() -> tuple[str, str]:
        lines: list[str] = []
        for each in units:
            lines += ["", each.unit.name]
            lines += [f"- {stand.channel.name}: {continuity.exposed(stand.exposure)}" for stand in each.bare]
            if not each.bare:
                lines.append(f"- {_('Alla kanaler klarar att någon slutar.')}")
        body = _(
            "Om någon slutade i morgon: det här är vad era kanaler skulle stå utan. Det gäller platser, inte hur någon "
            "arbetar.\n%(lines)s\n\nHela rapporten:\n\n%(link)s"
        )
        link = _address(reverse("channels:tomorrow"))
        return _("Om någon slutade i morgon"), body % {"lines": "\n".join(lines), "link": link}

    return words


def _page(row: Vacancy) -> str:
    return reverse("channels:hand_over", args=[row.person.uid])


def _address(path: str) -> str:
    return f"{settings.OPTIONS.base_url.rstrip('/')}{path}"
