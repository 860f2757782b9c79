"""Swedish stands in the code, whole English in the catalogue, and every text can be found by gettext."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, Module, listed, product

MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
MARKERS |= {"npgettext", "npgettext_lazy"}


def unfindable(module: Module) -> list[str]:
    """Return the marked texts that are put together before they are marked, so that gettext never sees them."""
    problems = []
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in MARKERS:
            continue
        texts = node.args[: 3 if name.startswith("np") else 2 if name.startswith(("ng", "pg")) else 1]
        if not all(isinstance(text, ast.Constant) and isinstance(text.value, str) for text in texts):
            problems.append(f"{module}:{node.lineno}: mark a whole literal text, and fill it in afterwards with %")
    return problems


def test_every_marked_text_is_a_whole_literal():
    # The command line looks texts up by itself; this is where it does so, not where a text stands.
    texts = [module for module in product() if module.name != "narvaro.web.commands.language"]

    problems = [problem for module in texts for problem in unfindable(module)]

    assert not problems, listed(problems)


@pytest.mark.parametrize(
    "line", ['_(f"Hej {name}")', '_("Hej " + name)', '_("Hej %s" % name)', 'gettext("x".format(1))']
)
def test_a_text_that_gettext_cannot_find_is_seen(line):
    assert unfindable(Module("narvaro.inbox.views", line))


def test_a_literal_text_is_let_be():
    assert not unfindable(Module("narvaro.inbox.views", '_("Hej %(name)s") % {"name": name}\nngettext("a", "b", n)'))


def problems_in(package: Path) -> list[str]:
    """Ask the tool that translators use; it runs apart, with settings of its own."""
    if not shutil.which("xgettext"):
        pytest.fail("gettext is missing: sudo apt install gettext, or make tools")
    command = [sys.executable, str(ROOT / "tools" / "translate"), "--check", str(package)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines() if done.returncode else []


def test_the_english_is_whole():
    problems = problems_in(PACKAGE)

    assert not problems, listed([*problems, "Then: make translate"])


def test_missing_english_is_seen(tmp_path):
    package = tmp_path / "narvaro"
    catalogue = package / "web/locale/en/LC_MESSAGES/django.po"
    catalogue.parent.mkdir(parents=True)
    (package / "views.py").write_text('_("Ny text")\n_("Gammal")\n_("Osäker")\n_("Hej %(name)s")\n')
    heading = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    catalogue.write_text(
        heading
        + 'msgid "Gammal"\nmsgstr ""\n\n#, fuzzy\nmsgid "Osäker"\nmsgstr "Unsure"\n\n'
        + 'msgid "Borta"\nmsgstr "Gone"\n\nmsgid "Hej %(name)s"\nmsgstr "Hello"\n'
    )

    problems = problems_in(package)

    for start in ("not collected: 'Ny", "not translated: 'Gam", "fuzzy: 'Os", "no longer shown: 'Bo", "a placeholder"):
        assert any(problem.startswith(start) for problem in problems), (start, problems)
