"""Looks: a class that a page gives is known to a style sheet or a script, and no sheet keeps what nobody wears."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import pytest

from tests.architecture.source import PACKAGE, Module, listed, product, templates

WITHOUT_LOOKS = {"checkbox-group", "radio-button-group", "place", "entry__link"}
"""
What the design system calls its groups of choices, how the handbook marks a link that it makes into another, and what
an entry of the calendar leads by.
"""

ANYTHING = "\0"  # where a template or a program fills something in
_BRANCH = "\1"
_WORN = re.compile(r"""(?<![\w-])class="((?:[^"{]|\{(?![{%#])|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\})*)\"""", re.DOTALL)
_CODE = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)
_SELECTOR = re.compile(r"([^{};]+)\{")
_CLASS = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
_QUOTED = re.compile(r"""["'`](.*?)["'`]""")


def named(css: str) -> set[str]:
    """Return the classes that a style sheet speaks of."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return {name for each in _SELECTOR.findall(css) for name in _CLASS.findall(re.sub(r'"[^"]*"', "", each))}


def worn(html: str) -> set[str]:
    """Return the classes that HTML gives: each that a template chooses between, ANYTHING for what it fills in."""
    return {word for value in _WORN.findall(html) for word in _words(value)}


def _words(value: str) -> Iterator[str]:
    value = re.sub(r"\{\{.*?\}\}", ANYTHING, value, flags=re.DOTALL)
    value = re.sub(r"\{[%#].*?[%#]\}", _BRANCH, value, flags=re.DOTALL)
    for word in value.split():
        first, *others = word.split(_BRANCH)
        if not others:
            yield word
        elif first or others[-1]:  # badge--{% if … %}warning{% else %}info{% endif %}-inverted
            yield first + ANYTHING + others[-1]
        else:
            yield from filter(None, others)


def fits(word: str, names: Iterable[str]) -> bool:
    """Whether a class, or one of those that it may become, is among these."""
    if ANYTHING not in word:
        return word in names
    if not word.strip(ANYTHING):
        return True
    wanted = re.compile(".*".join(map(re.escape, word.split(ANYTHING))))
    return any(wanted.fullmatch(name) for name in names)


@lru_cache(maxsize=1)
def sheets() -> dict[str, set[str]]:
    return {path.relative_to(PACKAGE).as_posix(): named(path.read_text("utf-8")) for path in PACKAGE.rglob("*.css")}


@lru_cache(maxsize=1)
def scripts() -> dict[str, str]:
    """Return our own scripts by name."""
    found = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in PACKAGE.rglob("*.js")}
    return {name: text for name, text in found.items() if "/vendor/" not in name}


def asked_for(script: str) -> set[str]:
    """Return the classes by which a script finds what it works with."""
    return {name for each in _QUOTED.findall(script) for name in _CLASS.findall(each)}


def given_by_script(script: str) -> set[str]:
    in_code = [value for lists in re.findall(r"classList\.\w+\(([^)]*)\)|className\s*\+?=([^;]*);", script)
               for part in lists for value in _QUOTED.findall(part)]  # fmt: skip
    return {word for value in in_code for word in value.split()} | worn(script)


def texts_of(module: Module) -> Iterator[str]:
    """Yield the strings of a program, with ANYTHING where it fills something in."""
    for node in module.nodes:
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else ANYTHING for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def given_by_program(module: Module) -> set[str]:
    """Return the classes in a program's HTML, and those that it gives the controls of a form."""
    if "class" not in module.text:
        return set()
    found = {word for text in texts_of(module) if "class=" in text for word in worn(text) if word != "{}"}
    for node in module.nodes:
        if isinstance(node, ast.Dict):
            found |= {
                word
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "class" and isinstance(value, ast.Constant)
                for word in str(value.value).split()
                if "." not in word  # a class of Python, in a setting
            }
    return found


def test_every_class_that_a_page_gives_is_known_to_a_style_sheet_or_a_script():
    known = set().union(*sheets().values(), *map(asked_for, scripts().values()), WITHOUT_LOOKS)
    given = {str(each): worn(each.text) for each in templates() if each.name.endswith(".html")}
    given |= {str(module): given_by_program(module) for module in product()}
    given |= {name: given_by_script(text) for name, text in scripts().items()}
    problems = [
        f"{where}: {word.replace(ANYTHING, '…')}"
        for where, words in given.items()
        for word in sorted(words)
        if not fits(word, known)
    ]

    assert not problems, listed(problems)


def test_no_style_sheet_of_ours_keeps_what_nobody_wears():
    theirs = set().union(*(names for name, names in sheets().items() if "/vendor/" in name))
    words = [word for each in templates() for word in worn(each.text)]
    words += [word for each in templates() for word in re.split(r"[\s\"'<>={}%]+", each.text) if "--" in word]
    words += [word for each in templates() for code in _CODE.findall(each.text) for text in _QUOTED.findall(code)
              for word in text.split()]  # fmt: skip
    words += [word for module in product() for text in texts_of(module) if len(text) < 500
              for word in re.split(r"[\s\"'<>=]+", text)]  # fmt: skip
    words += [word for text in scripts().values() for word in re.split(r"[^\w-]+", text)]
    used = {word.strip(ANYTHING) for word in words}
    patterns = {word for word in words if ANYTHING in word and "--" in word}
    problems = [
        f"{sheet}: .{name}"
        for sheet, names in sheets().items()
        if "/vendor/" not in sheet
        for name in sorted(names - used - theirs)
        if not any(fits(pattern, {name}) for pattern in patterns)
    ]

    assert not problems, listed(problems)


@pytest.mark.parametrize(
    ("html", "classes"),
    [
        ('<p class="a b">', {"a", "b"}),
        ('<p class="a{% if x == "y" %} b{% endif %}">', {"a" + ANYTHING, "b" + ANYTHING}),
        ('<p class="{% if x %}a{% else %}b{% endif %}">', {"a", "b"}),
        ('<p class="m m--{{ kind|default:"info" }}">', {"m", "m--" + ANYTHING}),
        ('<p class="m--{% if x %}y{% else %}z{% endif %}-big">', {"m--" + ANYTHING + "-big"}),
        ('<p data-class="a" css_class="b">', set()),
    ],
)
def test_classes_are_seen(html, classes):
    assert worn(html) == classes


def test_what_no_sheet_names_is_seen():
    names = named("/* .x{} */ .a, .b--c:hover > li { } @media print { .d { background: url(e.f) } }")

    assert names == {"a", "b--c", "d"}
    assert fits("a", names)
    assert fits("b--" + ANYTHING, names)
    assert not fits("x", names)
    assert not fits("c--" + ANYTHING, names)
