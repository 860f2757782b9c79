"""The cases and the courses that ship, read from data. Written for Närvaro; no text is anybody else's."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language

from narvaro.core.types import Role
from narvaro.training.types import Case, Course, Lesson, Question

LANGUAGES = ("sv", "en")


def cases(language: str = "") -> Mapping[str, Case]:
    """Return the cases that ship by code, in their order, in a language (the reader's when none is given)."""
    return _cases(language or _spoken())


def courses(language: str = "") -> Mapping[str, Course]:
    """Return the courses by code, in their order, in a language (the reader's when none is given)."""
    return _courses(language or _spoken())


def _spoken() -> str:
    chosen = (get_language() or LANGUAGES[0]).partition("-")[0]
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


@cache
def _cases(language: str) -> Mapping[str, Case]:
    at = LANGUAGES.index(language)
    content = tomllib.loads((files("narvaro.training") / "cases.toml").read_text(encoding="utf-8"))
    return MappingProxyType({
        code: Case(
            code=code, title=case["title"][at], text=case["text"][at], ask=tuple(each[at] for each in case["ask"]),
            answers=tuple(each[at] for each in case["answers"]), advice=case["advice"][at], law=tuple(case["law"]),
        )
        for code, case in content.items()
    })  # fmt: skip


@cache
def _courses(language: str) -> Mapping[str, Course]:
    folder = files("narvaro.training") / "courses"
    found = {}
    for name in sorted(each.name for each in folder.iterdir() if each.name.endswith(".toml")):
        code = name.removesuffix(".toml").partition("_")[2]
        content = tomllib.loads((folder / name).read_text(encoding="utf-8"))
        found[code] = _course(code, content, LANGUAGES.index(language))
    return MappingProxyType(found)


def _course(code: str, content: dict[str, Any], at: int) -> Course:
    return Course(
        code=code, title=content["title"][at], lead=content["lead"][at],
        roles=tuple(Role(each) for each in content["roles"]), minutes=content["minutes"],
        pass_mark=content["pass_mark"], version=content["version"], feeds_gate=content.get("feeds_gate", False),
        lessons=tuple(
            Lesson(each["title"][at], each["text"][at], tuple(each["law"])) for each in content["lesson"]
        ),
        questions=tuple(
            Question(
                each["ask"][at], tuple(answer[at] for answer in each["answers"]), each["right"], each["why"][at],
                each["law"],
            )
            for each in content["question"]
        ),
    )  # fmt: skip
