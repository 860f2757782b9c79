"""Template words for the calendar: what it shows hundreds of is written here, since a template each takes too long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.core.moments import clock_time
from narvaro.publishing.queries import Choice, Entry

register = template.Library()
MOST_LETTERS = 40
MOST_IN_A_ROW = 90


@register.simple_tag
def options(offered: Iterable[Choice], chosen: str) -> SafeString:
    """Return the options of a list to choose from: a thousand channels in one go and not one by one."""
    rows = [
        f'<option value="{escape(each.uid)}"{" selected" if each.uid == chosen else ""}>{escape(each.name)}</option>'
        for each in offered
    ]
    return mark_safe("".join(rows))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def calendar_entries(context: template.Context, found: Iterable[Entry]) -> SafeString:
    """Return what stands in one place of the calendar, each moved by its link, with a pointer or by keys."""
    return mark_safe(_Writer.of(context).entries(found))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def calendar_week(context: template.Context, week: Iterable[Any]) -> SafeString:
    """Return the days of a week of a month, each with what stands on it, as the cells of a row."""
    writer = _Writer.of(context)
    return mark_safe("".join(writer.day_of_month(each) for each in week))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def calendar_hours(context: template.Context, rows: Iterable[Mapping[str, Any]]) -> SafeString:
    """Return the hours of a week, each with a cell a day, as the rows of a table."""
    writer = _Writer.of(context)
    return mark_safe("".join(writer.hour(each) for each in rows))  # noqa: S308 - every value is escaped


@register.simple_tag(takes_context=True)
def day_rows(context: template.Context, rows: Iterable[Entry]) -> SafeString:
    """Return everything of a day, each as a row of a list."""
    writer = _Writer.of(context)
    return mark_safe("".join(writer.row(each) for each in rows))  # noqa: S308 - every value is escaped


@dataclass
class _Writer:
    """What every entry of a page is written with, looked up once."""

    icons: str
    may_post: bool
    back: str
    query: str
    channel: str
    closed: Collection[int]
    near: Collection[int]
    move: str
    nobody: str
    close: str
    plan: str
    calendar: str
    new_post: str
    labels: dict[str, str] = field(default_factory=dict)
    months: dict[int, str] = field(default_factory=dict)
    weekdays: dict[date, str] = field(default_factory=dict)
    clocks: dict[tuple[int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, context: template.Context) -> _Writer:
        """Return what a page is written with."""
        asked = context.get("asked")
        return cls(
            icons=escape(static("core/icons.svg")), may_post=context["may_post"], back=escape(context["back_query"]),
            query=escape(asked.query()) if asked else "", channel=escape(asked.only.channel) if asked else "",
            closed=context.get("closed") or (), near=context.get("near") or (),
            move=escape(_("Flytta")), nobody=escape(_("ingen kan svara då")), close=escape(_("tätt inpå ett annat")),
            plan=escape(_("Planera ett inlägg")), calendar=reverse("publishing:calendar"),
            new_post=reverse("publishing:new_post"),
        )  # fmt: skip

    # --- Places -----------------------------------------------------------------------------------------------------

    def day_of_month(self, day: Any) -> str:
        """Return a day as a cell of a month."""
        may_plan = self.may_post and day.may_plan
        classes = "calendar__day" + " calendar__day--other" * day.is_other + " calendar__day--today" * day.is_today
        month = f'<span class="calendar__month"> {self.month(day.date)}</span>'
        shown = f"{day.date.day}{month}"
        if may_plan:
            channel = f"&amp;kanal={self.channel}" if self.channel else ""
            link = f"{self.new_post}?dag={day.date}{channel}"
            shown = f'<a href="{link}"><span class="sr-only">{self.plan} </span>{shown}</a>'
        said = "".join(f' <span class="muted">{escape(each)}</span>' for each in (day.free, day.election) if each)
        spot = f' data-spot="{day.date}" data-name="{day.date.day} {self.month(day.date)}"' if may_plan else ""
        return (
            f'<td class="{classes}{"" if day.found else " calendar__day--empty"}"{spot}>'
            f'<p class="calendar__date">{shown}{said}</p>{self.place(day, day.found, day.more)}</td>'
        )

    def hour(self, row: Mapping[str, Any]) -> str:
        """Return an hour of a week as a row."""
        hour = row["clock"][:2]
        return f'<tr><th scope="row">{hour}</th>{"".join(self.cell(each, hour) for each in row["cells"])}</tr>'

    def cell(self, cell: Mapping[str, Any], hour: str) -> str:
        """Return an hour of a day as a cell."""
        day, spot = cell["day"], ""
        if self.may_post and day.may_plan:
            name = self.weekdays.get(day.date) or escape(date_format(day.date, "l j F"))
            self.weekdays[day.date] = name
            spot = f' data-spot="{day.date}" data-hour="{hour}" data-name="{name} {hour}"'
        empty = "" if cell["found"] else " calendar__day--empty"
        return f'<td class="calendar__day{empty}"{spot}>{self.place(day, cell["found"], cell["more"])}</td>'

    def place(self, day: Any, found: Iterable[Entry], more: int) -> str:
        """Return what stands in a cell, and how much more there is."""
        listed = f'<ul class="calendar__list">{self.entries(found)}</ul>' if found else ""
        if not more:
            return listed
        words = escape(ngettext("%(n)s till", "%(n)s till", more) % {"n": more})
        on = f'<span class="sr-only"> {day.date.day} {self.month(day.date)}</span>'
        return f'{listed}<p><a href="{self.calendar}{day.date}/?{self.query}">{words}{on}</a></p>'

    # --- Entries ----------------------------------------------------------------------------------------------------

    def entries(self, found: Iterable[Entry]) -> str:
        """Return what stands in one place."""
        return "".join(map(self.entry, found))

    def entry(self, each: Entry) -> str:
        """Return one of many in a place."""
        words = escape(_cut(each.text, MOST_LETTERS))
        said = [self.label(each), escape(each.where)] if each.channels else [self.label(each)]
        if each.key in self.closed:
            said.append(self.nobody)
        if each.key in self.near:
            said.append(self.close)
        page, at = f"/publicerat/utkast/{each.uid}/", each.at
        held = move = ""
        if self.may_post and each.may_move:
            asks = " data-asks" if each.is_approved else ""
            held = f' data-entry="{each.uid}" data-version="{each.version}" data-clock="{at:%H:%M}"{asks}'
            move = (
                f'<a class="entry__move" href="{page}flytta/?sedan={self.back}" data-move>{self.move}'
                f'<span class="sr-only">: {words}</span></a>'
            )
        return (
            f'<li class="entry entry--{each.standing}"{held}><a class="entry__link" href="{page}">'
            f'<time datetime="{at.isoformat(timespec="minutes")}">{self.clock(at)}</time> {words}'
            f'</a><span class="rows__meta">{self.glyph(each)}{" · ".join(said)}</span>{move}</li>'
        )

    def row(self, each: Entry) -> str:
        """Return one of all that a day holds."""
        page, at = f"/publicerat/utkast/{each.uid}/", each.at
        move = ""
        if self.may_post and each.may_move:
            move = (
                f' · <a href="{page}flytta/?sedan={self.back}">{self.move}'
                f'<span class="sr-only">: {escape(_cut(each.text, MOST_LETTERS))}</span></a>'
            )
        return (
            '<li class="rows__row"><div class="rows__words">'
            f'<a class="rows__title" href="{page}"><time datetime="{at.isoformat(timespec="minutes")}">'
            f"{self.clock(at)}</time> {escape(_cut(each.text, MOST_IN_A_ROW))}</a>"
            f'<p class="rows__meta">{escape(each.where)}{move}</p></div>'
            f'<span class="badge badge--default-inverted">{self.glyph(each)}{self.label(each)}</span></li>'
        )

    # --- Words, looked up once -------------------------------------------------------------------------------------

    def month(self, on: date) -> str:
        """Return the name of a month."""
        return self.months.get(on.month) or self.months.setdefault(on.month, escape(date_format(on, "F")))

    def clock(self, at: datetime) -> str:
        """Return what a clock shows."""
        shown = at.hour, at.minute
        return self.clocks.get(shown) or self.clocks.setdefault(shown, escape(clock_time(at)))

    def label(self, each: Entry) -> str:
        """Return how something stands, in words."""
        return self.labels.get(each.standing) or self.labels.setdefault(each.standing, escape(each.label))

    def glyph(self, each: Entry) -> str:
        """Return how something stands, as a shape."""
        return (
            '<svg class="glyph" aria-hidden="true" focusable="false" width="20" height="20">'
            f'<use href="{self.icons}#{each.icon}"/></svg>'
        )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
