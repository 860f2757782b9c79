"""Moments are written for people in one place: no page, letter or answer spells out a time of day itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, Template, listed, product, templates

HOME = "narvaro.core.moments"

# What machines read, and what a terminal says in UTC, is ISO 8601: the date first, or the value of a time field.
ISO = re.compile(r"^(at )?%Y-%m-%d[T ]%H:%M")
OF_FIELDS = re.compile(r"^%H:%M$")
HOUR = re.compile(r"%-?[HI]")

SHOWS_TIME = {"G", "H", "g", "h", "i", "P", "A", "a", "f"}
TEMPLATE_FORMAT = re.compile(r"""\|\s*(?P<filter>date|time)\b(?::(?P<literal>"[^"]*"|'[^']*'))?""")


def times_spelt_out(module: Module) -> Iterator[str]:
    """Yield every literal of a module that says how a time of day is written."""
    if module.name == HOME:
        return
    for node in module.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if HOUR.search(node.value) and not ISO.match(node.value) and not OF_FIELDS.match(node.value):
                yield f"{module}:{node.lineno} {node.value}"
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("date_format", "time_format"):
                yield from (f"{module}:{node.lineno} {each}" for each in _words_of(node) if _shows_time(each))


def _words_of(call: ast.Call) -> list[str]:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return [node.value for each in given for node in ast.walk(each) if isinstance(node, ast.Constant)
            and isinstance(node.value, str)]  # fmt: skip


def _shows_time(letters: str) -> bool:
    return bool(SHOWS_TIME & set(re.sub(r"\\.", "", letters)))


def times_in_template(template: Template) -> Iterator[str]:
    """Yield every filter of a template that says how a time of day is written."""
    for found in TEMPLATE_FORMAT.finditer(template.text):
        literal = (found["literal"] or "").strip("\"'")
        if found["filter"] == "time" or _shows_time(literal):
            yield f"{template}: {found.group()}"


def test_no_view_letter_or_query_spells_out_a_time_of_day():
    problems = [each for module in product() for each in times_spelt_out(module)]

    assert not problems, listed(problems) + "\nUse narvaro.core.moments."


def test_no_template_spells_out_a_time_of_day():
    problems = [each for template in templates() for each in times_in_template(template)]

    assert not problems, listed(problems) + "\nUse the filters clock_time and full_time of the kit."


@pytest.mark.parametrize(
    "line",
    [
        'x = f"{at:%H.%M}"',
        'x = at.strftime("%d %B %H:%M")',
        'x = date_format(at, "j F H.i")',
        'x = formats.time_format(at, "H:i")',
        'SHORT = "%H.%M"',
    ],
)
def test_a_time_spelt_out_in_python_is_seen(line):
    assert list(times_spelt_out(Module("narvaro.inbox.views", line)))


@pytest.mark.parametrize(
    "line", ['x = f"{at:%Y-%m-%d %H:%M} UTC"', 'x = date_format(at, "j F Y")', 'F = "%Y-%m-%dT%H:%M"', 'W = "%H:%M"']
)
def test_what_machines_read_is_let_be(line):
    assert not list(times_spelt_out(Module("narvaro.inbox.views", line)))


@pytest.mark.parametrize(
    "text", ['{{ at|date:"H.i" }}', '{{ at|time:"H:i" }}', "{{ at|time }}", '{{ at|date:"j F H.i" }}']
)
def test_a_time_spelt_out_in_a_template_is_seen(text):
    assert list(times_in_template(Template("core", "core/x.html", text)))


@pytest.mark.parametrize("text", ['{{ on|date:"j F Y" }}', "{{ at|full_time }}", "{{ at|clock_time }}"])
def test_dates_alone_are_let_be(text):
    assert not list(times_in_template(Template("core", "core/x.html", text)))
