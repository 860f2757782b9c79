"""What plain pip installs is what is locked: same packages, versions and hashes."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.architecture.source import ROOT

Pins = dict[str, tuple[str, frozenset[str]]]


def pinned(text: str) -> Pins:
    """Return {name: (version, hashes)} of a requirements file."""
    pins: Pins = {}
    for block in re.split(r"\n(?=\S)", text):
        found = re.match(r"([\w.-]+)==([^\s;\\]+)", block)
        if found:
            pins[found[1]] = (found[2], frozenset(re.findall(r"--hash=(sha256:\w+)", block)))
    return pins


def locked(lock: dict[str, Any], *, extras: set[str], groups: set[str]) -> Pins:
    """Return {name: (version, hashes)} of everything the project needs, with these extras and groups."""
    packages = {package["name"]: package for package in lock["package"]}
    project = packages["narvaro"]
    wanted = list(project.get("dependencies", []))
    wanted += [need for extra in extras for need in project.get("optional-dependencies", {}).get(extra, [])]
    wanted += [need for group in groups for need in project.get("dev-dependencies", {}).get(group, [])]
    seen: set[tuple[str, str]] = set()
    pins: Pins = {}
    while wanted:
        need = wanted.pop()
        package = packages[need["name"]]
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        pins[need["name"]] = (package["version"], frozenset(file["hash"] for file in files))
        for part in ("", *need.get("extra", [])):
            if (need["name"], part) not in seen:
                seen.add((need["name"], part))
                wanted += (
                    package.get("optional-dependencies", {}).get(part, []) if part else package.get("dependencies", [])
                )
    return pins


@pytest.mark.parametrize(
    ("file", "extras", "groups"),
    [
        ("requirements.txt", {"postgres"}, set()),
        ("requirements-ml.txt", {"postgres", "ml"}, set()),
        ("requirements-test.txt", {"postgres", "ml"}, {"dev"}),
    ],
)
def test_requirements_are_the_lock(file, extras, groups):
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))

    pins = pinned((ROOT / file).read_text(encoding="utf-8"))

    assert pins == locked(lock, extras=extras, groups=groups), "run: make lock"


def test_a_difference_from_the_lock_is_seen():
    lock = {
        "package": [
            {"name": "narvaro", "dependencies": [{"name": "a", "extra": ["x"]}]},
            {
                "name": "a",
                "version": "1",
                "wheels": [{"hash": "sha256:aa"}],
                "optional-dependencies": {"x": [{"name": "b"}]},
            },
            {"name": "b", "version": "2", "sdist": {"hash": "sha256:bb"}},
        ]
    }
    whole = "a==1 \\\n    --hash=sha256:aa\nb==2 ; sys_platform == 'linux' \\\n    --hash=sha256:bb\n"

    assert pinned(whole) == locked(lock, extras=set(), groups=set())
    assert pinned(whole.replace("bb", "cc")) != locked(lock, extras=set(), groups=set())
    assert pinned(whole.partition("b==2")[0]) != locked(lock, extras=set(), groups=set())


def test_the_lock_is_of_this_project():
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (entry,) = [package for package in lock["package"] if package["name"] == "narvaro"]
    named = {re.match(r"[\w.-]+", need)[0].lower() for need in project["dependencies"]}

    assert named == {need["name"] for need in entry["dependencies"]}, "run: make lock"
