"""What the documents say is there: places, commands, tests and each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from narvaro.web.command import commands

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "narvaro"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def anchors(document: Path) -> set[str]:
    """Return the anchors that a document's headings get where it is read."""
    found = HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def broken_links(text: str, folder: Path) -> Iterator[str]:
    """Yield links that lead to no file, or to no heading in it."""
    for link in LINK.findall(text):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (folder / name).resolve()
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document):
    assert list(broken_links(document.read_text(encoding="utf-8"), document.parent)) == []


@pytest.mark.parametrize("link", ["nowhere.md", "map.md#no-such-heading"])
def test_a_link_that_leads_nowhere_is_seen(link):
    assert list(broken_links(f"[there]({link})", ROOT / "docs")) == [link]
    assert not list(broken_links("[there](operations.md#restore)", ROOT / "docs"))


def test_the_map_names_every_capability_and_fits_on_a_page():
    capabilities = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - {"testing"}

    assert {name for name in capabilities if f"`{name}`" not in text_of("docs/map.md")} == set()
    assert len(text_of("docs/map.md").splitlines()) <= 60


def test_every_promise_of_the_architecture_is_listed_for_who_contributes():
    ours = {path.name for path in Path(__file__).parent.glob("test_*.py")}

    assert {name for name in ours if name not in text_of("CONTRIBUTING.md")} == set()


def test_operations_describe_every_command():
    described = set(re.findall(r"narvaro (\w+)", text_of("docs/operations.md")))

    assert set(commands()) <= described
