"""Promises of the kit's template words: times as people say them, fields that readers can use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from narvaro.base import clock
from narvaro.core.templatetags import kit

TEMPLATES = Path(__file__).parents[1] / "templates" / "core"

# A Tuesday, 13.10 in Sweden.
NOW = datetime(2026, 11, 24, 12, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    # Nothing is collected for a unit test, so addresses carry no digest.
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(autouse=True)
def a_tuesday_in_swedish():
    with clock.frozen(NOW), translation.override("sv"):
        yield


def at(day: int, hour: int, minute: int = 0, month: int = 11, year: int = 2026) -> datetime:
    """Return a Swedish time of day, given in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=clock.STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (at(24, 15, 30), "svara före 15.30"),
        (at(25, 14, 10), "i morgon 14.10"),
        (at(27, 16), "på fredag 16.00"),
        (at(3, 9, month=12), "den 3 december 09.00"),
        (at(4, 9, month=1, year=2027), "den 4 januari 2027 09.00"),
        (at(24, 12), "försenad sedan 12.00"),
        (at(23, 16), "försenad sedan i går 16.00"),
        (at(20, 16), "försenad sedan i fredags 16.00"),
        (at(3, 16), "försenad sedan den 3 november"),
        (None, ""),
    ],
)
def test_a_deadline_is_said_as_people_say_it(due, words):
    assert kit.deadline_words(due) == words


def test_a_deadline_just_after_midnight_in_sweden_is_tomorrow():
    assert kit.deadline_words(datetime(2026, 11, 24, 23, 30, tzinfo=UTC)) == "i morgon 00.30"


def test_a_deadline_says_what_is_to_be_done():
    assert kit.deadline_words(at(24, 15, 30), "beslutas") == "beslutas före 15.30"


def test_a_naive_time_is_refused():
    naive = NOW.replace(tzinfo=None)

    with pytest.raises(ValueError):
        kit.deadline_words(naive)
    with pytest.raises(ValueError):
        kit.age_words(naive)


@pytest.mark.parametrize(
    ("due", "state"),
    [(at(24, 15, 10), "soon"), (at(24, 15, 11), "later"), (at(24, 13, 9), "late"), (None, "none")],
)
def test_a_deadline_is_soon_within_two_hours(due, state):
    assert kit.deadline_state(due) == state


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "nyss"),
        (at(24, 13, 7), "3 min"),
        (at(24, 11), "2 tim"),
        (at(23, 22), "i går"),
        (at(21, 12), "3 dagar"),
        (at(3, 12), "3 nov"),
        (at(3, 12, year=2025), "3 nov 2025"),
        (at(24, 13, 20), "nyss"),
        (None, ""),
    ],
)
def test_an_age_is_said_shortly(moment, words):
    assert kit.age_words(moment).removesuffix(".") == words


def test_a_deadline_part_shows_words_and_a_machines_time():
    html = render_to_string("core/deadline.html", {"due": at(24, 15, 30)})

    assert "svara före 15.30" in html
    assert 'datetime="2026-11-24T15:30+01:00"' in html


class AForm(forms.Form):
    """One of each kind of control."""

    name = forms.CharField(label="Namn", help_text="Som invånarna ser det.")
    why = forms.CharField(label="Skäl", widget=forms.Textarea)
    kind = forms.ChoiceField(label="Slag", choices=[("a", "A")])
    who = forms.ChoiceField(label="Vem", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    days = forms.MultipleChoiceField(label="Dagar", choices=[("1", "Måndag")], widget=forms.CheckboxSelectMultiple)
    picture = forms.FileField(label="Bild")
    read = forms.BooleanField(label="Läst")
    version = forms.CharField(widget=forms.HiddenInput)


def test_each_kind_of_control_is_recognised():
    form = AForm()

    kinds = [kit.field_kind(form[name]) for name in ("name", "why", "kind", "who", "days", "picture", "read")]

    assert kinds == ["text", "textarea", "select", "radio", "checkboxes", "file", "checkbox"]


def test_every_control_is_tied_to_its_hint_and_its_error():
    form = AForm({})

    html = render_to_string("core/form_fields.html", {"form": form})

    for name in ("name", "why", "kind", "who", "days", "picture", "read"):
        assert f'id="id_{name}_error"' in html
        assert html.count(f"id_{name}_error") >= 2, name
    assert 'aria-describedby="id_name_helptext id_name_error"' in html


def test_the_error_summary_leads_to_each_field_and_counts():
    form = AForm({})

    html = render_to_string("core/error_summary.html", {"form": form})

    assert "8 saker att rätta" in html
    assert 'href="#id_name"' in html
    assert 'href="#id_who_0"' in html
    assert 'href="#id_version"' not in html


def test_a_counter_and_a_draft_are_declared_on_the_control():
    html = render_to_string("core/field.html", {"field": AForm()["why"], "limit": 300, "draft": "reply-1"})

    assert 'data-limit="300"' in html
    assert 'data-draft="reply-1"' in html
    assert "Högst 300 tecken" in html


def test_a_mark_without_kind_or_icon_still_shows_its_words():
    html = render_to_string("core/marks.html", {"marks": [{"label": "Fråga"}]})

    assert "Fråga" in html


def test_what_people_wrote_is_escaped():
    html = Template('{% load kit %}{% include "core/avatar.html" with name=name %}').render(Context({"name": "<b x"}))

    assert "<b" not in html
    assert kit.initials("Åsa-Lena från Berg") == "ÅB"


def test_bars_are_in_proportion_and_nothing_is_divided_by_zero():
    bars = kit.chart_bars("k", "t", "s", [("A", 4, "4"), ("B", 1, "1")], ["x", "y"])["bars"]
    empty = kit.chart_bars("k", "t", "s", [("A", 0, "0")], ["x", "y"])["bars"]

    assert [bar["percent"] for bar in bars] == ["100.0", "25.0"]
    assert empty[0]["percent"] == "0.0"


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_no_part_has_inline_style_or_script(path):
    text = path.read_text()

    assert " style=" not in text
    assert "<style" not in text
    assert "hx-on" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("code", [403, 404, 409, 422, 429, 500, 503])
def test_an_error_page_stands_without_any_context(code):
    html = render_to_string(f"core/errors/{code}.html")

    assert "<h1>" in html
    assert 'class="kept"' in html
