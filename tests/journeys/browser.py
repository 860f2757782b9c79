"""A real browser that looks at every page as a careful visitor: axe, weight, whose servers, what the console says."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from narvaro.testing.axe import OF_SIZE, violations

MOST_BYTES = 150_000
MOST_REQUESTS = 10
ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "src/narvaro/web/static/web/handbook"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 780}


class _Links(HTMLParser):
    """Where the links of a page lead, as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hrefs += [value for name, value in attrs if tag == "a" and name == "href" and value]


@contextmanager
def _noting(page: Page, answers: list[Response]) -> Iterator[None]:
    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    try:
        yield
    finally:
        page.remove_listener("response", note)


class Visitor:
    """
    One person at one browser.

    Everything the browser complains of is collected in `complaints`; `look` judges the page that is open.
    """

    def __init__(self, browser: Browser, base_url: str, *, language: str = "sv", **context: Any) -> None:
        self.base_url = base_url
        self.language = language
        self.context: BrowserContext = browser.new_context(
            viewport=WIDE, locale="sv-SE", reduced_motion="reduce", **context
        )
        self.context.set_default_timeout(60_000)
        self.context.add_cookies([{"name": "narvaro_language", "value": language, "url": base_url}])
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self._seen: set[str] = set()
        self._scheme = "light"
        self._looks: set[str] = set()  # letters and grounds whose contrast is enough
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))

    def open(self, path: str) -> Page:
        """Go to a path of the product."""
        self.page.goto(path if "://" in path else self.base_url + path)
        return self.page

    def visit(self, path: str) -> Response | None:
        """Go to a path of the product; returns what it answered, None where that is no page but something to keep."""
        try:
            answer = self.page.goto(self.base_url + path)
        except Error as problem:
            if "Download is starting" in problem.message or "net::ERR_ABORTED" in problem.message:
                return None
            raise
        return answer if answer is not None and "html" in answer.headers.get("content-type", "") else None

    def say(self, swedish: str, english: str) -> str:
        """Return the words to look for, in this visitor's language."""
        return english if self.language == "en" else swedish

    def fetch(self, path: str) -> tuple[int, list[str]] | None:
        """
        Ask for a page without showing it; returns what it answers and where its links lead.

        None where that is no page but something to keep.
        """
        answer = self.context.request.get(self.base_url + path)
        try:
            if "html" not in answer.headers.get("content-type", ""):
                return None
            found = _Links()
            found.feed(answer.text())
            return answer.status, [urljoin(answer.url, href) for href in found.hrefs]
        finally:
            answer.dispose()

    def links(self) -> list[str]:
        """Return where the links of the open page lead."""
        hrefs: list[str] = self.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        return hrefs

    def press(self, swedish: str, english: str = "", *, role: str = "button", exact: bool = True) -> None:
        """Press the button or link with these words, and wait for what it leads to."""
        name = self.say(swedish, english or swedish)
        self.page.get_by_role(role, name=name, exact=exact).first.click()  # type: ignore[arg-type]
        self.page.wait_for_load_state()

    def look(self, *, name: str = "", everything: bool = True, rules: tuple[str, ...] = ()) -> None:
        """
        Judge the open page: axe wide in light and narrow in the dark; nothing sideways; title, heading, language.

        A page of the same `name` is judged once.

        Args:
            everything: Not only light and narrow.
            rules: Only these of axe's, where the page has been judged whole in another language.
        """
        if name and name in self._seen:
            return
        self._seen.add(name)
        self._judge_markup()
        # A page that is judged whole when wide has the same markup when narrow, and the same colours.
        whole = [("light", WIDE, ()), ("dark", NARROW, OF_SIZE)]
        before = self._scheme, self.page.viewport_size or WIDE
        for scheme, size, asked in whole if everything else [("light", NARROW, rules)]:
            self.turn(scheme, size)
            self._judge_with_axe(f"{name or self.page.url} {scheme} {size['width']}", asked)
        sideways = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 1:
            self.complaints.append(f"{self.page.url} runs {sideways} px over at 360 px")
        self.turn(*before)

    def turn(self, scheme: str, size: Any) -> None:
        """Look in light or in the dark from now on, at a window of this size."""
        if scheme != self._scheme:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            self._scheme = scheme
        if size != self.page.viewport_size:
            self.page.set_viewport_size(size)

    def weigh(self, path: str) -> Response | None:
        """Visit a page as if nothing had been fetched before; judge its weight and where it came from."""
        cache = self.context.new_cdp_session(self.page)
        cache.send("Network.setCacheDisabled", {"cacheDisabled": True})
        answers: list[Response] = []
        with _noting(self.page, answers):
            page = self.visit(path)
        cache.detach()
        if page is None:
            return None
        sizes = [answer.request.sizes() for answer in answers]
        total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
        if len(answers) > MOST_REQUESTS or total > MOST_BYTES:
            self.complaints.append(f"{path} weighs {total} bytes in {len(answers)} requests")
        strangers = {a.url for a in answers if not a.url.startswith((self.base_url, "data:"))}
        if strangers:
            self.complaints.append(f"{path} asks strangers: {sorted(strangers)}")
        return page

    def shoot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture for the handbook, when pictures are wanted."""
        if not os.environ.get("NARVARO_TEST_PICTURES"):
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        with Image.open(io.BytesIO(self.page.screenshot(full_page=full))) as picture:
            small = picture.convert("RGB").resize((960, picture.height * 960 // picture.width))
            small.quantize(96).save(PICTURES / f"{name}.{self.language}.png", optimize=True)

    def satisfied(self) -> None:
        """Fail with everything that was complained of."""
        assert not self.complaints, "\n".join(self.complaints)

    def go_home(self) -> None:
        """Close everything that is open, content with all of it: an open page goes on asking for news."""
        self.satisfied()
        self.context.close()

    def _judge_markup(self) -> None:
        title, language, headings = self.page.evaluate(
            """() => [document.title, document.documentElement.lang,
                [...document.querySelectorAll("h1")].filter(each => each.checkVisibility()).length]"""
        )
        if not title:
            self.complaints.append(f"{self.page.url} has no title")
        if language != self.language:
            self.complaints.append(f"{self.page.url} is not marked as {self.language}")
        if headings != 1:
            self.complaints.append(f"{self.page.url} has {headings} main headings")

    def _judge_with_axe(self, where: str, rules: tuple[str, ...]) -> None:
        for violation in violations(self.page, rules, self._looks):
            nodes = "; ".join(str(node["target"]) for node in violation["nodes"][:3])
            self.complaints.append(f"axe {violation['id']} at {where}: {violation['help']} ({nodes})")

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text and "status of 204" not in message.text:
            self.complaints.append(f"console at {self.page.url}: {message.text[:300]}")
