"""The product with the plainly fictional town in it: taken in once a run through the page, and copied from then on."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from narvaro.testing import tables
from tests.journeys.browser import Visitor
from tests.journeys.colleague import added
from tests.journeys.product import Product, made_once

ROLES = ("registrar", "archivist", "dpo", "auditor", "employee")
_STATE = "state.json"


class Demo(Product):
    """
    A copy of the fictional town, running.

    `state` is what the browser of the one who took it in remembers; `known` the sorts of pages already judged.
    """

    def __init__(self, common: Path, folder: Path, browser: Browser) -> None:
        kept = made_once(common / "demo", partial(_take_in, browser))
        super().__init__(folder / "data", begins_from=kept / "data")
        self.state: Any = json.loads((kept / _STATE).read_text())
        self.known: set[str] = set()


def _take_in(browser: Browser, folder: Path) -> None:
    """Begin from nothing, as somebody does who tries the product, and add a colleague of every role."""
    folder.mkdir()
    tables.begin_from_them(folder / "data" / "narvaro.sqlite3")
    with Product(folder / "data", begins_from=None) as running:
        visitor = Visitor(browser, running.url)
        visitor.open("/")
        visitor.look(name="set-up")
        visitor.press("Prova med Storköping")
        visitor.page.wait_for_url("**/att-gora/")
        visitor.satisfied()
        visitor.context.storage_state(path=folder / _STATE)
        visitor.go_home()
        running.commands(*(added(folder, f"{role}@storkoping.example", role.title(), role) for role in ROLES))
