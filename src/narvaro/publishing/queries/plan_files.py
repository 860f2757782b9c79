"""Every read of plans in spreadsheets: what each row would become, and what the calendar holds as such rows."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from narvaro import screening
from narvaro.base.clock import STOCKHOLM, now
from narvaro.core import queries as core
from narvaro.core.types import ANSWERS, Actor, Invalid, NotFound
from narvaro.formats import tables
from narvaro.publishing import rules
from narvaro.publishing.models import BroughtIn, Label, Message, PlanFile, WebsitePage
from narvaro.publishing.queries.calendar import calendar_list, entries
from narvaro.publishing.queries.checks import Checks, reader_of
from narvaro.publishing.queries.hints import CONFIRM, election_words, elections_in
from narvaro.publishing.queries.known import Known, Only, known
from narvaro.publishing.queries.library import labels, marks_of_all
from narvaro.publishing.queries.messages import channels_of_all, readable, rooms
from narvaro.publishing.queries.publications import channels_to_post_in
from narvaro.publishing.rules import plan_rows
from narvaro.publishing.rules.plan_rows import CHANNELS, CLOCK, COLUMNS, DAY, LABELS, PAGE, TEXT, WARNING, Fate
from narvaro.publishing.rules.repeats import why_not_page
from narvaro.publishing.types import Extras, MessageState

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

MOST_TAKEN_OUT = 5000
_AT_ONCE = 500


@dataclass(slots=True)
class Judged:
    """A row understood: what it would become, why it cannot, and what a person is to read once before it goes out."""

    number: int
    cells: Mapping[str, str]
    fate: Fate = Fate.READY
    channels: list[Channel] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    day: date | None = None
    clock: time | None = None
    faults: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    digest: str = ""

    @property
    def text(self) -> str:
        return self.cells[TEXT]

    @property
    def why(self) -> str:
        """What is said of the row, in sentences."""
        return " ".join(self.faults or self.asks)


def plan_file(actor: Actor, uid: UUID | str, *, lock: bool = False) -> PlanFile:
    """Return a plan on its way in, or that was brought in; only one's own. Raises NotFound."""
    rows = PlanFile.objects.of(actor).filter(uid=uid)
    found: PlanFile | None = None
    if actor.person_id is not None and actor.has_anywhere(*ANSWERS):
        rows = rows.filter(by_id=actor.person_id)
        found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def plan_files(actor: Actor) -> list[PlanFile]:
    """Return the actor's latest plans, newest first, without what they hold."""
    rows = PlanFile.objects.of(actor).filter(by_id=actor.person_id).defer("content", "fates")
    return list(rows.order_by("-at", "-pk")[:10])


def table_of(file: PlanFile) -> tables.Table:
    """Return the table that a file holds."""
    return plan_rows.read(gzip.decompress(bytes(file.content)))


def judged(actor: Actor, table: tables.Table) -> list[Judged]:
    """
    Return what would become of each row, in the file's order. A few statements however many rows.

    Law: GDPR-7, SEC-3
    """
    judge = _Judge(actor)
    where = plan_rows.columns_of(table)
    found = [judge.row(row, where) for row in table.rows]
    marks = [each.digest for each in found if each.digest]
    rows = BroughtIn.objects.of(actor).filter(digest__in=marks).exclude(message__state=MessageState.THROWN)
    there = set(rows.values_list("digest", flat=True))
    seen: dict[str, int] = {}
    for each in found:
        if each.fate is not Fate.READY:
            continue
        first = seen.setdefault(each.digest, each.number)
        if each.digest in there:
            each.fate, each.faults = Fate.SAME, [_("Raden är redan inläst.")]
        elif first != each.number:
            each.fate, each.faults = Fate.SAME, [_("Samma som rad %(number)d.") % {"number": first}]
    return found


def taken_out(actor: Actor, first: date, only: Only) -> Iterator[list[str]]:
    """Yield the calendar's list from a day on as rows of a plan, each with how it stands; of at most 5 000 posts."""
    keys = [key for _at, key in calendar_list(actor, first, only, limit=MOST_TAKEN_OUT)]
    what = known(actor)
    for begin in range(0, len(keys), _AT_ONCE):
        yield from _rows_of(actor, keys[begin : begin + _AT_ONCE], what)


def _rows_of(actor: Actor, keys: Sequence[int], what: Known) -> Iterator[list[str]]:
    stand = entries(actor, keys, what)
    by_key = {each.pk: each for each in readable(actor).filter(pk__in=keys)}
    found = [by_key[key] for key in keys if key in by_key]
    parts, marks = channels_of_all(actor, found), marks_of_all(actor, found)
    pages = dict(WebsitePage.objects.of(actor).filter(message__in=keys).values_list("message_id", "url"))
    for each in found:
        by_text: dict[str, list[str]] = {} if parts.get(each.pk) else {each.text: []}
        for part in parts.get(each.pk, ()):  # what a channel says in words of its own is a row of its own
            by_text.setdefault(part.text or each.text, []).append(part.channel.name)
        for text, names in by_text.items():
            yield [
                text, "; ".join(names), *_when(each), "; ".join(mark.name for mark in marks.get(each.pk, ())),
                each.warning, pages.get(each.pk, ""), stand[each.pk].label if each.pk in stand else "",
            ]  # fmt: skip


def _when(message: Message) -> tuple[str, str]:
    if message.shows_at is None:
        return "", ""
    local = message.shows_at.astimezone(STOCKHOLM)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


class _Judge:
    """What the house knows, asked for once, and how it judges a row."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._channels: dict[str, list[Channel]] = {}
        for channel in channels_to_post_in(actor):
            for name in {plan_rows.name_key(each) for each in (channel.name, channel.handle, channel.url) if each}:
                self._channels.setdefault(name, []).append(channel)
        self._labels: dict[str, list[Label]] = {}
        for label in labels(actor):
            self._labels.setdefault(plan_rows.name_key(label.name), []).append(label)
        self._website = core.authority_of(actor).website
        self._read = reader_of(actor, kind=screening.Kind.POST)
        self._known = known(actor)

    def row(self, row: tables.Row, where: Mapping[str, int]) -> Judged:
        cells = {key: row.cells[where[key]] if key in where else "" for key in COLUMNS}
        found = Judged(row.number, cells)
        formulas = {at for key, at in where.items() if at in row.formulas and key in (TEXT, CHANNELS, PAGE)}
        if formulas:
            found.faults.append(_("En cell är en formel. Skriv texten i stället."))
        self._say_where(found)
        self._say_when(found)
        self._say_more(found)
        self._say_text(found)
        if found.faults:
            found.fate = Fate.REFUSED
        else:
            found.digest = plan_rows.digest_of(
                found.text, [str(each.uid) for each in found.channels], found.day, found.clock,
                [str(each.uid) for each in found.labels], cells[WARNING], cells[PAGE],
            )  # fmt: skip
        return found

    def _say_where(self, found: Judged) -> None:
        found.channels, unknown, several = plan_rows.named_in(found.cells[CHANNELS], self._channels)
        for name in unknown:
            found.faults.append(_("Kanalen ”%(name)s” finns inte, eller är inte din att skriva i.") % {"name": name})
        for name in several:
            found.faults.append(_("Flera kanaler heter ”%(name)s”. Skriv kontots adress.") % {"name": name})
        if not (found.channels or unknown or several):
            found.faults.append(_("Skriv minst en kanal."))

    def _say_when(self, found: Judged) -> None:
        try:
            found.day, found.clock = plan_rows.when(found.cells[DAY], found.cells[CLOCK])
            if found.day and found.clock and rules.moment_of(found.day, found.clock) <= now():
                raise Invalid(_("Tiden har passerat."))
        except Invalid as error:
            found.faults.append(str(error))
            return
        if found.day is not None and self._known.decided.get("election_posts", CONFIRM) == CONFIRM:
            found.asks += [election_words(each) for each in elections_in(self._known, found.day, found.day)[:1]]

    def _say_more(self, found: Judged) -> None:
        found.labels, unknown, several = plan_rows.named_in(found.cells[LABELS], self._labels)
        for name in [*unknown, *several]:
            found.faults.append(_("Etiketten ”%(name)s” finns inte, eller är två.") % {"name": name})
        if len(found.cells[WARNING]) > rules.MOST_WARNING:
            found.faults.append(_("Varningen är för lång. Korta den."))
        if page := found.cells[PAGE]:
            why = why_not_page(page, base_url=settings.OPTIONS.base_url, website=self._website)
            found.faults += [why] if why else []

    def _say_text(self, found: Judged) -> None:
        if not found.text:
            found.faults.append(_("Skriv en text."))
            return
        extras = Extras(warning=" ".join(found.cells[WARNING].split()))
        for room in rooms(self._actor, found.text, [(each, "") for each in found.channels], extras):
            said: dict[str, Any] = {"name": room.channel.name, "n": room.length, "most": room.most, "over": room.over}
            if room.trouble or room.over:
                over = _("%(name)s: texten är %(over)d tecken för lång. Där får den vara %(most)d.")
                found.faults.append(f"{room.channel.name}: {room.trouble}" if room.trouble else over % said)
            elif room.most is not None:
                found.counts.append(_("%(name)s: %(n)d av %(most)d tecken") % said)
            else:
                found.counts.append(_("%(name)s: %(n)d tecken") % said)
        checks: Checks = self._read(found.text)
        found.faults += checks.stops
        found.asks += checks.asks
