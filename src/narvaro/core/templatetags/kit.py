"""Template words of the design kit: icons, form controls, times as people say them, bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField, BoundWidget
from django.templatetags.static import static
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from narvaro.base import clock
from narvaro.core import law_words, moments

register = template.Library()

SOON_SECONDS = 2 * 3600
_MINUTE, _HOUR, _WEEK_DAYS = 60, 3600, 7


@register.simple_tag
@lru_cache(maxsize=512)  # a page shows dozens, and they never change while the product runs
def icon(name: str, css_class: str = "") -> SafeString:
    """Return a decorative icon of the sprite; the words beside it carry the meaning."""
    classes = f"glyph {css_class}".strip()
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false" width="20" height="20"><use href="{}#{}"/></svg>',
        classes, static("core/icons.svg"), name,
    )  # fmt: skip


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """Return the kind of a field's control: text, textarea, select, radio, checkbox, checkboxes or file."""
    widget = field.field.widget
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radio"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.Select, "select"),
    )
    return next((kind for widget_type, kind in kinds if isinstance(widget, widget_type)), "text")


@register.simple_tag
def control(field: BoundField, css_class: str, limit: int | str | None = None, draft: str | None = None) -> SafeString:
    """
    Return the field's control with the kit's class.

    `limit` (graphemes) turns on the counter, `draft` keeps typed text in the tab until it is sent.
    Django itself ties hint and errors to the control by aria-describedby and aria-invalid.
    """
    attributes: dict[str, Any] = {"class": f"{css_class} {field.field.widget.attrs.get('class', '')}".strip()}
    if limit:
        attributes["data-limit"] = str(limit)
    if draft:
        attributes["data-draft"] = draft
    return field.as_widget(attrs=attributes)


@register.simple_tag
def choice_control(choice: BoundWidget, css_class: str) -> SafeString:
    """Return one radio button or check box of a group with the kit's class."""
    attributes = {key: value for key, value in choice.data["attrs"].items() if not key.startswith("aria-describedby")}
    choice.data["attrs"] = attributes | {"class": css_class}
    return choice.tag()


@register.simple_tag
def field_described(field: BoundField) -> SafeString:
    """Return the aria-describedby attribute of a group: its hint and its errors, or nothing."""
    ids = [f"{field.auto_id}_helptext"] if field.help_text else []
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return format_html(' aria-describedby="{}"', " ".join(ids)) if ids else mark_safe("")


@register.filter
def field_anchor(field: BoundField) -> str:
    """Return the id that a link to the field leads to; for a group its first choice."""
    if field_kind(field) in {"radio", "checkboxes"}:
        return f"{field.auto_id}_0"
    return str(field.id_for_label or field.auto_id)


@register.filter
def error_count(errors: dict[str, Sequence[str]]) -> int:
    """Return how many things there are to put right in a form."""
    return sum(len(of_field) for of_field in errors.values())


@register.filter
def moment(at: datetime | None) -> str:
    """Return a moment in ISO 8601 with its offset, for the datetime attribute; nothing gives nothing."""
    return moments.local(at).isoformat(timespec="minutes") if at else ""


@register.filter
def full_time(at: datetime | None) -> str:
    """Return a moment with day, month, year and time, as read in Sweden; nothing gives nothing."""
    return "" if at is None else moments.full_time(at)


@register.filter
def clock_time(at: datetime | time | None) -> str:
    """Return the time of day of a moment, or of opening hours, as a clock shows it; nothing gives nothing."""
    return "" if at is None else moments.clock_time(at)


@register.filter
def deadline_state(due: datetime | None) -> str:
    """Return "late", "soon" (within two hours), "later", or "none" without a deadline."""
    if due is None:
        return "none"
    left = (moments.local(due) - clock.now()).total_seconds()
    if left < 0:
        return "late"
    return "soon" if left <= SOON_SECONDS else "later"


@register.filter
def deadline_words(due: datetime | None, verb: str = "") -> str:
    """
    Return a deadline as people say it, in Swedish time.

    "svara före 15.30" the same day, then "i morgon 14.10", "på fredag 16.00", "den 3 december 09.00", and when it
    has passed "försenad sedan i går 16.00". `verb` replaces "svara". No deadline gives an empty string.

    Raises:
        ValueError: The moment is naive.

    Law: none; only how a deadline is shown.
    """
    if due is None:
        return ""
    local, today = moments.local(due), clock.today()
    days, at_time = (local.date() - today).days, moments.clock_time(local)
    if local < clock.now():
        return _("försenad sedan %(when)s") % {"when": _past(local, days)}
    if days == 0:
        return _("%(verb)s före %(time)s") % {"verb": verb or _("svara"), "time": at_time}
    if days == 1:
        return _("i morgon %(time)s") % {"time": at_time}
    if days < _WEEK_DAYS:
        return f"{_coming_days()[local.weekday()]} {at_time}"
    return _("den %(date)s %(time)s") % {"date": _date(local, today.year), "time": at_time}


@register.filter
def age_words(at: datetime | None) -> str:
    """
    Return how long ago something was: "nyss", "3 min", "2 tim", "i går", "4 dagar", "3 nov", "3 nov 2025".

    Raises:
        ValueError: The moment is naive.
    """
    if at is None:
        return ""
    local = moments.local(at)
    seconds = (clock.now() - local).total_seconds()
    days = (clock.today() - local.date()).days
    if seconds < _MINUTE:
        return _("nyss")
    if seconds < _HOUR:
        return _("%(n)d min") % {"n": seconds // _MINUTE}
    if days == 0 or seconds < 6 * _HOUR:
        return _("%(n)d tim") % {"n": seconds // _HOUR}
    if days == 1:
        return _("i går")
    if days < _WEEK_DAYS:
        return ngettext("%(n)d dag", "%(n)d dagar", days) % {"n": days}
    return date_format(local, "j b" if local.year == clock.today().year else "j b Y")


@register.filter
def initials(name: str) -> str:
    """Return at most two letters that stand for a name without a picture."""
    words = [word for word in str(name or "").split() if word[:1].isalnum()]
    chosen = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "·"


@register.inclusion_tag("core/law_help.html")
def law_help(id: str, is_linked: bool = True) -> dict[str, Any]:
    """
    Show a provision folded: its name, and when opened what it says, where it stands and how sure we are.

    Args:
        id: As in the law catalogue; a template that names another fails.
        is_linked: False on a page that is open to anybody, who cannot open the handbook.
    """
    return {"law": law_words.told(id), "is_linked": is_linked}


@register.inclusion_tag("core/chart_bars.html")
def chart_bars(
    key: str, title: str, sentence: str, rows: Iterable[tuple[str, float, str]], heads: Sequence[str]
) -> dict[str, Any]:
    """
    Show figures as a sentence, bars, and a table one click away.

    Args:
        key: Unique on the page, for ids.
        sentence: What the figures say, for everyone; also the description of the picture.
        rows: (label, value >= 0, value in words), in the order they are shown.
        heads: The two headings of the table.
    """
    listed = list(rows)
    most = max((value for _label, value, _words in listed), default=0) or 1
    bars = [
        {
            "label": label, "words": words, "percent": f"{100 * max(value, 0) / most:.1f}",
            "text_y": f"{2.75 * index + 1:.3f}", "bar_y": f"{2.75 * index + 1.375:.3f}",
        }
        for index, (label, value, words) in enumerate(listed)
    ]  # fmt: skip
    return {
        "key": key, "title": title, "sentence": sentence, "bars": bars, "height": f"{2.75 * len(listed):.2f}",
        "heads": heads, "rows": [(label, words) for label, _value, words in listed], "numeric": [1],
    }  # fmt: skip


def _date(local: datetime, this_year: int) -> str:
    return date_format(local, "j F" if local.year == this_year else "j F Y")


def _past(local: datetime, days: int) -> str:
    at_time = moments.clock_time(local)
    if days == 0:
        return at_time
    if days == -1:
        return _("i går %(time)s") % {"time": at_time}
    if days > -_WEEK_DAYS:
        return f"{_past_days()[local.weekday()]} {at_time}"
    return _("den %(date)s") % {"date": _date(local, clock.today().year)}


def _coming_days() -> list[str]:
    return [
        _("på måndag"), _("på tisdag"), _("på onsdag"), _("på torsdag"), _("på fredag"), _("på lördag"),
        _("på söndag"),
    ]  # fmt: skip


def _past_days() -> list[str]:
    return [
        _("i måndags"), _("i tisdags"), _("i onsdags"), _("i torsdags"), _("i fredags"), _("i lördags"),
        _("i söndags"),
    ]  # fmt: skip
