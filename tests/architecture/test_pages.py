"""Pages: nothing inline, parts from below, and a word at every door about who may enter."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.architecture import django_ready
from tests.architecture.source import Module, Template, floors, listed, may_lean_on, product, templates

ENTRANCES = {"public", "open", "person", "member", "setup", "link", "fault"}
# Pages of others, each with its own doorkeeper: allauth asks for a session where one is needed.
OTHERS_PAGES = ("allauth.", "django.views.static", "django.views.i18n")

TEMPLATE_CODE = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<([a-zA-Z][\w-]*)((?:\s+[^<>]*?)?)\s*/?>", re.DOTALL)
INLINE_ATTRIBUTE = re.compile(r"""(?:^|\s)(style|on[a-z]+|hx-on[\w:.-]*)\s*=""", re.IGNORECASE)
INLINE_VALUE = re.compile(r"""=\s*["']?\s*(javascript:|js:)""", re.IGNORECASE)


# --- Nothing inline ---------------------------------------------------------------------------


def inline_code(html: str) -> list[str]:
    """Return the inline scripts and styles of a page; `<script src>` is what is left."""
    plain = TEMPLATE_CODE.sub(" ", html)
    found = []
    for tag, attributes in TAG.findall(plain):
        if tag.lower() == "style" or (tag.lower() == "script" and not re.search(r"\ssrc\s*=", attributes)):
            found.append(f"<{tag}{attributes}>")
        found += [f"{attribute}= in <{tag}>" for attribute in INLINE_ATTRIBUTE.findall(attributes)]
        found += [f"{value} in <{tag}>" for value in INLINE_VALUE.findall(attributes)]
    return found


def test_no_template_holds_inline_code():
    problems = [
        f"{each}: {found}" for each in templates() if each.name.endswith(".html") for found in inline_code(each.text)
    ]

    assert not problems, listed(problems)


def test_no_python_writes_inline_code():
    problems = [
        f"{module}:{node.lineno}: {found}"
        for module in product()
        for node in module.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "<" in node.value
        for found in inline_code(node.value)
    ]

    assert not problems, listed(problems)


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<style>p {}</style>",
        '<p style="color: red">',
        '<button class="x" onclick="go()">',
        '<p {% if a %}onmouseover="x()"{% endif %}>',
        '<form hx-on:submit="x()">',
        '<form\n  hx-on::after-request="x()">',
        '<a href="javascript:go()">',
        "<div hx-vals='js:{a: 1}'>",
    ],
)
def test_inline_code_is_seen(html):
    assert inline_code(html)


@pytest.mark.parametrize(
    "html",
    [
        '<script src="{% static "x.js" %}" defer></script>',
        '<p class="style" data-on="x">{{ value|default:"<style>" }}</p>',
        "<p>on = 1, style=2</p>",
        '{# <p style="x"> #}',
    ],
)
def test_what_is_not_inline_is_let_be(html):
    assert not inline_code(html)


# --- Parts from below -------------------------------------------------------------------------


def parts(template: Template) -> list[str]:
    """Return the templates that this one names literally."""
    return re.findall(r"""\{%\s*(?:extends|include)\s+["']([^"']+)["']""", template.text)


def parts_from_above(template: Template, owners: dict[str, str]) -> list[str]:
    return [
        f"{template} takes {part} from {owners[part]}, which stands higher or aside"
        for part in parts(template)
        if part in owners and not may_lean_on(template.capability, owners[part])
    ]


def test_templates_take_parts_from_below_only():
    owners = {template.name: template.capability for template in templates() if template.capability in floors()}
    problems = [problem for template in templates() for problem in parts_from_above(template, owners)]

    assert not problems, listed(problems)


def test_a_part_from_above_is_seen():
    template = Template("core", "core/page.html", '{% include "inbox/count.html" %}')

    assert parts_from_above(template, {"inbox/count.html": "inbox"})
    assert not parts_from_above(template, {"inbox/count.html": "core"})


def test_every_template_and_every_part_it_names_can_be_loaded():
    django_ready.loaded()
    from django.template import TemplateDoesNotExist, TemplateSyntaxError
    from django.template.loader import get_template

    problems = []
    for template in templates():
        for name in (template.name, *parts(template)):
            try:
                get_template(name)
            except (TemplateDoesNotExist, TemplateSyntaxError) as error:
                problems.append(f"{template}: {name}: {type(error).__name__} {error}")

    assert templates()
    assert not problems, listed(problems)


# --- Who may enter ----------------------------------------------------------------------------


def doors(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (address, view) of every page below these patterns."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from doors(pattern.url_patterns, address)
        else:
            yield address, pattern.callback


def unguarded(address: str, view: Any) -> list[str]:
    owner = getattr(getattr(view, "view_class", view), "__module__", "")
    if owner.startswith(OTHERS_PAGES) or getattr(view, "access", None) in ENTRANCES:
        return []
    return [f"/{address} ({owner}) does not say who may enter; put @access(...) on its view"]


def test_every_page_says_who_may_enter():
    django_ready.loaded()
    from django.urls import get_resolver

    found = list(doors(get_resolver().url_patterns))
    problems = [problem for address, view in found for problem in unguarded(address, view)]

    assert len(found) > 100
    assert not problems, listed(problems)


def test_an_open_door_is_seen():
    def view() -> None: ...

    inner = SimpleNamespace(pattern="b/", callback=view)
    ((address, found),) = doors([SimpleNamespace(pattern="a/", url_patterns=[inner])])

    assert address == "a/b/"
    assert unguarded(address, found)
    view.access = "member"  # type: ignore[attr-defined]
    assert not unguarded(address, found)


# --- Words stay with the page -----------------------------------------------------------------


def undocumented(module: Module) -> list[str]:
    """Return the public functions of the rooms that carry the domain and do not say what they do."""
    if module.room not in ("rules", "actions", "queries"):
        return []
    return [
        f"{module}:{node.lineno} {node.name} has no docstring"
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]


def test_every_rule_query_and_action_is_documented():
    problems = [problem for module in product() for problem in undocumented(module)]

    assert not problems, listed(problems)


def test_an_undocumented_rule_is_seen():
    assert undocumented(Module("narvaro.inbox.rules", "def may_hide():\n    return True\n"))
