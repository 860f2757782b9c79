"""One real browser for a whole run: a plugin of pytest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium in the form that has no screen: the same pages for three quarters of the work."""
    from playwright.sync_api import sync_playwright  # most runs need no browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the browser; each journey opens contexts of its own in it."""
    with chromium() as started:
        # The browser's loop runs in this thread from now on, beside the tables.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield started
