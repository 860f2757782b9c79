"""What the journeys share: one browser, one of each real server, and the product with demo data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from narvaro.testing.servers.fixtures import bluesky_network
from narvaro.testing.servers.snac import Snac
from tests.journeys.demo import Demo
from tests.journeys.library import Library, a_library
from tests.journeys.product import Product

__all__ = ["bluesky_network"]


LONGEST_FIRST = (
    "test_every_page.py", "test_the_days_loop.py", "test_publishing.py", "test_by_keyboard.py", "test_moderation.py",
    "test_two_people.py", "test_other_ways.py", "test_unclear_outcome.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest stories, so that no worker is left alone with one."""
    items.sort(key=lambda item: (*LONGEST_FIRST, item.path.name).index(item.path.name))


@pytest.fixture(autouse=True, scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder that all processes of the run share; installations begin from what a first start leaves there."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    Product.template = folder / "template"
    return folder


@pytest.fixture(scope="session")
def demo(common: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Demo]:
    """Give the fictional town as its own process has it, for those who look at it and leave it as it is."""
    with Demo(common, tmp_path_factory.mktemp("demo"), browser) as running:
        yield running


@pytest.fixture(autouse=True)
def pages_are_closed(browser: Browser) -> Iterator[None]:
    """Close what a journey leaves open: an open page goes on asking for news."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture(scope="session")
def snac() -> Iterator[Snac]:
    with Snac() as server:
        yield server


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with a_library(tmp_path_factory.mktemp("library")) as running:
        yield running


@pytest.fixture
def product(tmp_path: object, request: pytest.FixtureRequest) -> Iterator[Product]:
    """Give a fresh installation; what it wrote is shown when a test fails."""
    with Product(tmp_path / "data") as running:  # type: ignore[operator]
        yield running
        print(running.log())  # noqa: T201 - pytest shows it with a failure only
