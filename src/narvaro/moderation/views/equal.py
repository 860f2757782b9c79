"""Pages of equal treatment: which measures each rule led to, and what was found the same and treated differently."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from narvaro.base.clock import STOCKHOLM, today
from narvaro.channels import queries as channels
from narvaro.core.access import MemberRequest, access
from narvaro.moderation import equal
from narvaro.moderation.equal_forms import EqualFilterForm
from narvaro.policy.types import Measure as Kind

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

DAYS = 365
LINES = 50
PAIRS = 10
DONE_WORDS = {
    "answer": gettext_lazy("besvarad"), "warn": gettext_lazy("påmind"), "hide": gettext_lazy("dold"),
    "remove": gettext_lazy("borttagen"), "block": gettext_lazy("blockerad"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    form: EqualFilterForm
    span: equal.Span
    channels: dict[int, Channel]
    kept: dict[str, str]  # the filter, as the address holds it
    chips: list[dict[str, str]]

    def query(self, **more: Any) -> str:
        return "?" + urlencode({**self.kept, **more})


@access("member", *equal.READERS)
@require_GET
def treatment(request: MemberRequest) -> HttpResponse:
    """Which measures each rule led to, by channel, unit and month, and how it went."""
    actor, asked = request.actor, _asked(request)
    decided, is_cut = equal.decisions(actor, asked.span)
    titles = equal.titles(actor)
    by_ground = sorted(equal.tallied(decided, lambda one: one.ground).items(), key=lambda row: (-row[1].count, row[0]))
    by_place = sorted(
        equal.tallied(decided, lambda one: (one.ground, one.channel_id)).items(),
        key=lambda row: (_title(titles, row[0][0]), -row[1].count, row[0][1]),
    )
    by_month = equal.tallied(decided, lambda one: one.month)
    number = _number(request.GET.get("sida"))
    shown = by_place[(number - 1) * LINES : number * LINES]
    page = {
        **_around(request, asked), "count": len(decided), "is_cut": is_cut,
        "bars": _bars([(_title(titles, code), tally) for code, tally in by_ground]),
        "bars_height": f"{4.25 * len(by_ground):.2f}",
        "kinds": [(kind.value, kind.label) for kind in Kind if any(kind.value in t.kinds for _code, t in by_ground)],
        "grounds": [_line(_title(titles, code), tally) for code, tally in by_ground],
        "places": [
            {**_line(_title(titles, code), tally), "channel": asked.channels.get(channel_id)}
            for (code, channel_id), tally in shown
        ],
        "months": _months(by_month),
        "months_words": _months_words(by_month),
        "months_heads": [_("Månad"), _("Beslut")],
        "newer_url": asked.query(sida=number - 1) + "#places" if number > 1 else "",
        "older_url": asked.query(sida=number + 1) + "#places" if number * LINES < len(by_place) else "",
        "file_url": reverse("moderation:equal_file") + asked.query(),
    }  # fmt: skip
    return render(request, "moderation/equal.html", page)


@access("member", *equal.READERS)
@require_GET
def side_by_side(request: MemberRequest) -> HttpResponse:
    """Comments in which the same was found and which were treated differently, two and two, without who wrote them."""
    actor, asked = request.actor, _asked(request)
    found, titles = equal.comparison(actor, asked.span), equal.titles(actor)
    number = _number(request.GET.get("sida"))
    shown = found.pairs[(number - 1) * PAIRS : number * PAIRS]
    page = {
        **_around(request, asked), "compared": found, "most_found": equal.MOST_FOUND,
        "pairs": [
            {
                "sentence": translated(pair.sentence), "likeness": round(100 * pair.likeness),
                "sides": [
                    {
                        "comment": one, "outcome": _outcome(one.outcome),
                        "done": [
                            (each, _title(titles, each.ground), DONE_WORDS.get(each.kind, each.kind))
                            for each in one.done
                        ],
                    }
                    for one in (pair.first, pair.second)
                ],
            }
            for pair in shown
        ],
        "fared": [(translated(sentence), _fared(outcomes)) for sentence, _ground, outcomes in found.rules],
        "newer_url": asked.query(sida=number - 1) if number > 1 else "",
        "older_url": asked.query(sida=number + 1) if number * PAIRS < len(found.pairs) else "",
    }  # fmt: skip
    return render(request, "moderation/equal_pairs.html", page)


@access("member", *equal.READERS)
@require_GET
def treatment_file(request: MemberRequest) -> HttpResponse:
    """The same figures as a file for a spreadsheet: UTF-8 with a mark, semicolons, no cell that it would run."""
    actor, asked = request.actor, _asked(request)
    decided, _is_cut = equal.decisions(actor, asked.span)
    titles = equal.titles(actor)
    rows = sorted(equal.tallied(decided, lambda one: (one.month, one.ground, one.kind, one.channel_id)).items())
    response = StreamingHttpResponse(_lines(asked, titles, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="likabehandling.csv"'
    return cast("HttpResponse", response)


def _asked(request: MemberRequest) -> Asked:
    known = channels.channels(request.actor, include_closed=True)
    form = EqualFilterForm(request.GET or None, channels=known)
    chosen = {key: value for key, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    last = chosen.get("till", today())
    first = chosen.get("fran", last - timedelta(days=DAYS))
    channel_id = next((one.pk for one in known if str(one.uid) == chosen.get("kanal")), None)
    span = equal.Span(_midnight(first), _midnight(last + timedelta(days=1)), channel_id)
    kept = {key: request.GET[key] for key in chosen}
    return Asked(form, span, {one.pk: one for one in known}, kept, _chips(form, chosen, kept))


def _chips(form: EqualFilterForm, chosen: dict[str, Any], kept: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "label": f"{form.fields[key].label}: {dict(getattr(form.fields[key], 'choices', [])).get(value, value)}",
            "remove_url": f"?{urlencode({k: v for k, v in kept.items() if k != key})}",
        }
        for key, value in chosen.items()
    ]


def _around(request: MemberRequest, asked: Asked) -> dict[str, Any]:
    query = asked.query() if asked.kept else ""
    tabs = [(_("Vad reglerna ledde till"), "moderation:equal"), (_("Sida vid sida"), "moderation:equal_pairs")]
    return {
        "filter": asked.form, "chosen": asked.chips, "since": asked.span.since,
        "until": asked.span.until - timedelta(days=1),
        "tabs": [
            {"label": label, "url": reverse(name) + query, "current": reverse(name) == request.path}
            for label, name in tabs
        ],
    }  # fmt: skip


def _bars(rows: Sequence[tuple[str, equal.Tally]]) -> list[dict[str, Any]]:
    """Return one bar a ground, as long as any other, with a part for each kind of measure: shares are compared."""
    bars: list[dict[str, Any]] = []
    for index, (label, tally) in enumerate(rows):
        parts: list[dict[str, str]] = []
        x = 0.0
        for kind in Kind:
            share = 100 * tally.kinds[kind.value] / tally.count
            if share:
                parts.append({"kind": kind.value, "x": f"{x:.2f}", "width": f"{share:.2f}"})
                x += share
        bars.append({
            "label": label, "words": _kinds_words(tally), "parts": parts, "label_y": f"{4.25 * index + 1:.2f}",
            "words_y": f"{4.25 * index + 2.25:.2f}", "bar_y": f"{4.25 * index + 2.75:.2f}",
        })  # fmt: skip
    return bars


def _kinds_words(tally: equal.Tally) -> str:
    return ", ".join(f"{kind.label}: {tally.kinds[kind.value]}" for kind in Kind if tally.kinds[kind.value])


def _line(title: str, tally: equal.Tally) -> dict[str, Any]:
    return {
        "title": title, "count": tally.count, "kinds": _kinds_words(tally), "undone": tally.undone,
        "known_for": _length(tally.usual_known_for), "carried_in": _length(tally.usual_carried_in),
        "complaints": tally.complaints, "changed": tally.changed,
    }  # fmt: skip


def _length(span: timedelta | None) -> str:
    if span is None:
        return "–"
    minutes = round(span.total_seconds() / 60)
    if minutes < 1:
        return _("under en minut")
    if minutes < 120:
        return _("%(n)s min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)s tim") % {"n": round(minutes / 60)}
    return _("%(n)s dygn") % {"n": round(minutes / 1440)}


def _months(by_month: dict[date, equal.Tally]) -> list[tuple[str, float, str]]:
    """Return every month from the first decision to the last, those without any too."""
    if not by_month:
        return []
    month, last = min(by_month), max(by_month)
    rows: list[tuple[str, float, str]] = []
    while month <= last:
        tally = by_month.get(month)
        words = f"{tally.count} ({_kinds_words(tally)})" if tally else "0"
        rows.append((date_format(month, "F Y"), float(tally.count if tally else 0), words))
        month = (month + timedelta(days=32)).replace(day=1)
    return rows


def _months_words(by_month: dict[date, equal.Tally]) -> str:
    if not by_month:
        return ""
    most = max(by_month, key=lambda month: (by_month[month].count, month))
    said = ngettext(
        "Flest beslut fattades i %(month)s: ett.", "Flest beslut fattades i %(month)s: %(count)d.", by_month[most].count
    )
    return said % {"month": date_format(most, "F Y"), "count": by_month[most].count}


def _outcome(kinds: Sequence[str]) -> str:
    return ", ".join(str(DONE_WORDS.get(kind, kind)) for kind in kinds) or _("ingen åtgärd")


def _fared(outcomes: Counter[tuple[str, ...]]) -> str:
    return ", ".join(f"{_outcome(kinds)}: {count}" for kinds, count in outcomes.most_common())


def _title(titles: dict[str, str], code: str) -> str:
    return titles.get(code) or _("En regel som inte längre gäller (%(code)s)") % {"code": code}


def _lines(
    asked: Asked, titles: dict[str, str], rows: Sequence[tuple[tuple[date, str, str, int], equal.Tally]]
) -> Iterator[str]:
    heads = [
        _("Månad"), _("Grund"), _("Kod"), _("Åtgärd"), _("Kanal"), _("Enhet"), _("Beslut"), _("Hävda"),
        _("Klagomål"), _("Ändrade efter klagomål"), _("Timmar från kännedom till beslut, median"),
        _("Timmar från beslut till utfört, median"),
    ]  # fmt: skip
    yield "\ufeff" + _cells(heads)
    for (month, ground, kind, channel_id), tally in rows:
        channel = asked.channels.get(channel_id)
        yield _cells([
            f"{month:%Y-%m}", _title(titles, ground), ground, str(Kind(kind).label), channel.name if channel else "",
            channel.unit.name if channel else "", str(tally.count), str(tally.undone), str(tally.complaints),
            str(tally.changed), _hours(tally.usual_known_for), _hours(tally.usual_carried_in),
        ])  # fmt: skip


def _hours(span: timedelta | None) -> str:
    return number_format(span.total_seconds() / 3600, decimal_pos=2, use_l10n=True) if span is not None else ""


def _cells(cells: Sequence[str]) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=";", lineterminator="\r\n").writerow([_inert(cell) for cell in cells])
    return file.getvalue()


def _inert(cell: str) -> str:
    """A spreadsheet runs a cell that begins like a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, STOCKHOLM)


def _number(text: str | None) -> int:
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 6 else 1
