"""Somebody who works at the authority and uses Närvaro as everybody does: links, forms and buttons."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator

from tests.journeys.browser import Visitor
from tests.journeys.product import Product

PASSWORD = "en lugn mening att minnas"
PATIENCE = 60.0
_LINK = re.compile(r"http://localhost:\d+/\S+")


def until(ready: Callable[[], bool], what: str, *, seconds: float = PATIENCE, pause: float = 0.25) -> None:
    """Wait, bounded, for what another process does in its own time."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"Waited {seconds:g} s for {what}."
        time.sleep(pause)


class Colleague(Visitor):
    """
    A visitor with an account.

    Forms are filled in by the fields' names and sent by their main button, so that one journey serves every language.
    """

    def __init__(self, browser: Browser, base_url: str, *, language: str = "sv", **context: object) -> None:
        super().__init__(browser, base_url, language=language, **context)
        self.context.set_default_timeout(PATIENCE * 1000)
        self.page.on("response", lambda answer: self._answered(answer.status, answer.url))

    def sign_in(self, email: str, password: str = PASSWORD) -> Colleague:
        """Sign in by address and password, and choose one's language if the pages come in another."""
        self.open("/accounts/login/")
        self.fill(login=email, password=password)
        self.send("form[action*=login]:not([data-passkey])")
        self.page.wait_for_url("**/att-gora/")
        if self.page.locator("html").get_attribute("lang") != self.language:  # an account begins in Swedish
            with self.page.expect_navigation():
                self.page.locator("button[name=language]:visible").first.click()
        return self

    def choose_password(self, letter: str) -> None:
        """Follow the link in an invitation and choose a password."""
        found = _LINK.search(letter)
        assert found, letter
        self.open(found[0])
        self.fill(password1=PASSWORD, password2=PASSWORD)
        self.send("main form")

    def fill(self, within: str = "main", **fields: str) -> None:
        """Fill in fields by name: text as it is, a choice by its value or, after =, by its words."""
        for name, value in fields.items():
            field = self.page.locator(f"{within} [name={name.replace('__', '-')}]")
            kind = field.first.evaluate("field => field.type || field.tagName")
            if kind == "select-one":
                if value.startswith("="):
                    field.select_option(label=value[1:])
                else:
                    field.select_option(value=value)
            elif kind in ("radio", "checkbox"):  # the box itself may be drawn by its label
                box = self.page.locator(f"{within} [name={name.replace('__', '-')}][value='{value}']")
                box = box if kind == "radio" else field
                if box.is_checked() is not bool(value):
                    self.page.locator(f"label[for='{box.get_attribute('id')}']").click()
                assert box.is_checked() is bool(value)
            else:
                field.fill(value)

    def send(self, form: str = "main form") -> None:
        """Send a form by its main button, and wait for the page it leads to."""
        button = self.page.locator(f"{form} button.button--primary:visible").first
        with self.page.expect_navigation():
            button.click()

    def follow(self, href: str) -> None:
        """Follow the first visible link whose address contains `href`."""
        with self.page.expect_navigation():
            self.page.locator(f"main a[href*='{href}']:visible").first.click()

    # --- The inbox ---

    def rows(self, name: str = "") -> Locator:
        """Open one of the inbox's lists (the usual one when not told) and return its rows."""
        self.open("/inkorg/" + (f"?lista={name}" if name else ""))
        return self.page.locator("[data-row]")

    def await_row(self, words: str, *, within: str = "", seconds: float = PATIENCE) -> Locator:
        """Ask for a list until it holds something with these words, and open it."""
        address = f"{self.base_url}/inkorg/" + (f"?lista={within}" if within else "")
        until(lambda: words in self.context.request.get(address).text(), f"“{words}” in the list", seconds=seconds)
        row = self.rows(within).filter(has_text=words)
        assert row.count() > 0, f"“{words}” is on its page, but in no row"
        return row.first

    def open_thread(self, words: str, *, within: str = "") -> None:
        """Open what was written with these words."""
        row = self.await_row(words, within=within)
        with self.page.expect_navigation():
            row.locator("[data-row-link]").click()

    def step(self, name: str) -> None:
        """Choose something under "Fler åtgärder"."""
        self.page.locator("#thread-actions details.menu summary").click()
        with self.page.expect_navigation():
            self.page.locator(f"#thread-actions .menu__panel [href*='/steg/{name}/']").click()

    def answer(self, words: str) -> None:
        """Write an answer in the open thread and publish it."""
        self.page.locator("#composer textarea").fill(words)
        with self.page.expect_navigation():
            self.page.locator("#composer .composer__foot > button.button--primary:visible").click()

    def await_answer(self, words: str, state: str, *, seconds: float = PATIENCE) -> None:
        """Wait until an answer with these words is listed as `state` (success, warning), and open it."""
        row = self.page.locator("li.rows__row", has_text=words).filter(
            has=self.page.locator(f".badge--{state}-inverted")
        )

        def is_so() -> bool:
            self.open("/publicerat/")
            return row.count() > 0

        until(is_so, f"“{words}” to be listed with {state}", seconds=seconds, pause=0.5)
        with self.page.expect_navigation():
            row.first.locator("a").click()

    def open_record(self) -> None:
        """From an answer that has been published to the record of it."""
        kept = self.page.locator("dl.facts a[href*='/handlingar/']")
        until(lambda: bool(self.page.reload()) and kept.count() == 1, "the record of the answer", pause=0.5)
        with self.page.expect_navigation():
            kept.click()

    def shoot_in_both(self, name: str) -> None:
        """Keep a picture of the open page in English and in Swedish, where no journey in English comes by."""
        if not os.environ.get("NARVARO_TEST_PICTURES"):
            return
        for self.language in ("en", "sv"):
            self.context.add_cookies([{"name": "narvaro_language", "value": self.language, "url": self.base_url}])
            self.page.reload()
            self.shoot(name)

    def _answered(self, status: int, url: str) -> None:
        if status >= 500:
            self.complaints.append(f"{url} answered {status}")


def added(folder: Path, email: str, name: str, role: str, unit: str = "") -> list[str]:
    """Return the command that adds a colleague, with the password everybody has."""
    secret = folder / "password"
    secret.write_text(PASSWORD)
    words = ["people", "add", "--email", email, "--name", name, "--role", role, "--password-file", str(secret)]
    return [*words, *(["--unit", unit] if unit else [])]


def add_by_command(product: Product, folder: Path, email: str, name: str, role: str, unit: str = "") -> None:
    """Add a colleague from the command line."""
    product.commands(added(folder, email, name, role, unit))


def town(folder: Path, *, lead: str, server: str, token: str) -> list[tuple[str, ...]]:
    """Return the two commands that set up an authority with one connected channel on a Mastodon-API server."""
    secret, key = folder / "password", folder / "token"
    secret.write_text(PASSWORD)
    key.write_text(token)
    return [
        ("setup", "--authority", "Kommunstyrelsen", "--admin", lead, "--password-file", str(secret)),
        (
            "channel", "add", "--platform", "mastodon", "--url", server, "--token-file", str(key),
            "--unit", "Biblioteket", "--responsible", lead,
        ),
    ]  # fmt: skip


def demo_by_command(product: Product) -> str:
    """Load the demo, and return the password that everybody in it has."""
    done = product.command("demo", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return str(json.loads(done.stdout)["password"])
