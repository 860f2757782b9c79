"""Every deed that is written in the audit log has words that a registrar understands."""

from __future__ import annotations

import ast
from importlib import import_module

import pytest

from tests.architecture import django_ready  # noqa: F401 - words need Django
from tests.architecture.source import Module, modules


def verbs_noted(module: Module) -> set[str]:
    """Return the verbs that a module gives `audit.note`, those in a conditional expression too."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.note" and len(node.args) > 1:
            words = (each for each in ast.walk(node.args[1]) if isinstance(each, ast.Constant))
            found |= {str(each.value) for each in words if str(each.value).startswith(f"{module.capability}.")}
    return {verb for verb in found if not verb.endswith((".", "_"))}


def without_words(module: Module) -> list[str]:
    verbs = verbs_noted(module)
    known = getattr(import_module(f"narvaro.{module.capability}.types"), "VERBS", {}) if verbs else {}
    return sorted(f"{module.name}: {verb} has no words in VERBS" for verb in verbs - set(known))


def test_every_deed_has_its_words():
    missing = [line for module in modules() if not module.is_for_tests for line in without_words(module)]

    assert missing == []


@pytest.mark.parametrize(
    "line", ['audit.note(actor, "inbox.dance", row)', 'audit.note(actor, "inbox.dance" if x else "inbox.undo", row)']
)
def test_a_deed_without_words_is_seen(line):
    assert without_words(Module("narvaro.inbox.actions.dancing", line))
    assert not without_words(Module("narvaro.inbox.actions.dancing", 'audit.note(actor, "inbox.undo", row)'))
