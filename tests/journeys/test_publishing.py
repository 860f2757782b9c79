"""
A post's whole way, by two people: written, returned with reasons, mended, approved, changed so that the approval is
gone, approved again, published, commented, answered and evaluated. By mouse, by keys alone, and on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from narvaro.base import clock
from tests.journeys.browser import NARROW
from tests.journeys.colleague import Colleague, until
from tests.journeys.hands import Finger, Keys, Mouse
from tests.journeys.library import LEAD, MANAGER, Library

pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.xdist_group("publishing")]

FOUR_EYES = "/publicerat/fyra-ogon/"
WHY, WANTED, LEARNED = "Skriv när det börjar.", "Fler ska komma.", "Tiden i första raden gav färre frågor."


@dataclass
class Office:
    """Where two people work: the library with four eyes on, and what their browsers remember of signing in."""

    library: Library
    remembers: dict[str, Any] = field(default_factory=dict)

    def person(self, kind: type, browser: Browser, email: str) -> Any:
        """Return somebody who is signed in already."""
        return kind(browser, self.library.url, storage_state=self.remembers[email])


@pytest.fixture(scope="module")
def office(library: Library, browser: Browser) -> Iterator[Office]:
    made = Office(library)
    for email in (LEAD, MANAGER):
        person = Colleague(browser, library.url).sign_in(email)
        made.remembers[email] = person.context.storage_state()
        if email == LEAD:
            with_four_eyes(person, "on")
        person.go_home()
    yield made
    last = made.person(Colleague, browser, LEAD)  # others of this run share the library
    with_four_eyes(last, "")
    last.go_home()


def with_four_eyes(lead: Colleague, wanted: str) -> None:
    lead.open(FOUR_EYES)
    lead.fill(everywhere=wanted)
    lead.send()


def in_days(days: int) -> str:
    return f"{clock.now().astimezone(clock.STOCKHOLM).date() + timedelta(days=days)}"


@dataclass
class Pair:
    """Two people with the same hands, and the post that goes between them."""

    author: Any
    approver: Any
    words: str
    library: Library
    page: str = ""

    @property
    def comment(self) -> str:
        return f"Vad kostar {self.words.lower()}?"

    # --- Steps, in the order they are taken ---------------------------------------------------------------------------

    def is_written(self) -> None:
        self.author.open("/publicerat/nytt/")
        writes(self.author, self.words, day=in_days(1))
        self.author.shows("Väntar på godkännande")
        self.page = self.author.page.url.split("#")[0]
        self.author.look(name="what waits", everything=False)

    def is_returned(self) -> None:
        self.opens_what_waits(self.approver)
        self.approver.look(name="to decide", everything=isinstance(self.approver, Mouse))
        self.approver.press_on("details.more:has([name=why]) > summary", leads=False)
        self.approver.write_in("[name=why]", WHY)
        self.approver.press_on("form[action$='/tillbaka/'] button")

    def is_mended(self) -> None:
        self.opens_what_waits(self.author)
        self.author.shows(WHY)
        self.author.press_on("a[href$='/andra/']")
        self.author.write_in("[name=text]", f"{self.words} klockan tio.")
        self.author.press_on("main form button.button--primary")
        self.author.shows("Väntar på godkännande")

    def is_approved(self, then: str = "Planerat") -> None:
        self.opens_what_waits(self.approver)
        self.approver.press_on("form[action$='/godkann/'] button")
        self.approver.shows(then)

    def is_approved_anew(self) -> None:
        self.is_approved("På väg ut")

    def is_changed(self) -> None:
        """Whoever wrote it lets it go out today and with other words: what was approved is approved no more."""
        self.author.open(self.page)
        self.author.press_on("a[href$='/andra/']")
        self.author.shows("godkännandet gäller inte längre")
        self.author.write_in("[name=text]", f"{self.words} klockan elva.")
        self.author.empties("[name=day]", "[name=clock]")
        self.author.press_on("main form button.button--primary")
        self.author.shows("Väntar på godkännande")
        assert self.said("klockan") == 0

    def is_published(self) -> None:
        until(lambda: self.said("klockan elva") == 1, f"“{self.words}” to be out")
        assert self.said("klockan tio") == 0
        (ours,) = [each for each in self.library.office.statuses() if f"{self.words} klockan" in each["content"]]
        self.library.ask(self.comment, answers=ours["id"])

    def is_answered(self) -> None:
        if isinstance(self.author, Keys):
            self.author.go_to(self.comment)
        else:
            self.author.open_thread(self.comment, within="alla")
        self.author.write_in("#composer textarea[name=text]", f"{self.words} är gratis.")
        self.author.press_on("#composer .composer__foot > button.only-answer.button--primary")

    def is_evaluated(self) -> None:
        until(lambda: self.said("är gratis") == 1, "the answer to be out")
        self.author.open(self.page)
        self.author.shows("1 kommentar har kommit. 1 är besvarad")
        self.author.press_on("details.more:has([name=went]) > summary", leads=False)
        self.author.write_in("[name=wanted]", WANTED)
        self.author.pick("went", "as_wanted")
        self.author.write_in("[name=learned]", LEARNED)
        self.author.look(name="evaluating", everything=isinstance(self.author, Mouse))
        self.author.press_on("form[action$='/utvardera/'] button")
        self.author.shows(LEARNED)

    def is_listed(self) -> None:
        self.author.open("/publicerat/utkast/")
        self.author.press_on("a[href$='/utvarderingar/']")
        self.author.shows(self.words)
        self.author.look(name="evaluated", everything=False)
        for person in (self.author, self.approver):
            person.go_home()

    # --- What the steps share -----------------------------------------------------------------------------------------

    def opens_what_waits(self, person: Any) -> None:
        """From what is to be done today to the message."""
        person.open("/att-gora/")
        expect(person.page.locator("#waits")).to_contain_text(self.words)
        person.press_on(f"#waits a[href$='{self.page.removeprefix(self.library.url)}']")

    def said(self, words: str) -> int:
        return self.library.said(f"{self.words} {words}")


def writes(author: Any, words: str, *, day: str) -> None:
    """Fill in a new post that is planned for a day, and send it."""
    for box in author.page.locator("main [name=channels]").all():
        author.pick("channels", box.get_attribute("value"))
    author.write_in("[name=text]", words)
    author.press_on("details.more:has([name=day]) > summary", leads=False)
    author.write_in("[name=day]", day)
    author.write_in("[name=clock]", "09:30")
    author.press_on("main form button.button--primary")


MOST_PRESSES = ((22, 8), (150, 70), (22, 8))
"""Clicks, keys beside those that write, and taps that the whole way takes: of the author, and of the approver."""

STEPS = (
    Pair.is_written, Pair.is_returned, Pair.is_mended, Pair.is_approved, Pair.is_changed, Pair.is_approved_anew,
    Pair.is_published, Pair.is_answered, Pair.is_evaluated, Pair.is_listed,
)  # fmt: skip


def test_from_a_rejected_draft_to_what_was_learned_by_mouse_by_keys_and_on_a_phone(office, browser):
    """The three go side by side, so that they wait for the platform together."""
    pairs = [
        Pair(*(office.person(hand, browser, email) for email in (LEAD, MANAGER)), words, office.library)
        for hand, words in ((Mouse, "Sagostund"), (Keys, "Läxhjälp"), (Finger, "Skrivarstuga"))
    ]

    for step in STEPS:
        for pair in pairs:
            step(pair)

    for pair, (by_author, by_approver) in zip(pairs, MOST_PRESSES, strict=True):
        assert pair.author.presses <= by_author, pair.author.presses
        assert pair.approver.presses <= by_approver, pair.approver.presses


def top_of(part):
    return part.bounding_box()["y"]


def test_what_is_planned_is_dragged_to_another_day_and_moved_on_with_keys(office, browser):
    """Moved when it is approved, it asks first and is approved no more; what waits is moved at once."""
    author, approver = (office.person(Mouse, browser, email) for email in (LEAD, MANAGER))
    keys = office.person(Keys, browser, LEAD)
    month = (clock.now().astimezone(clock.STOCKHOLM).replace(day=1) + timedelta(days=40)).strftime("%Y-%m")
    author.open("/publicerat/nytt/")
    writes(author, "Skördefest", day=f"{month}-10")
    message = author.page.url
    approver.open(message)
    approver.press_on("form[action$='/godkann/'] button")
    approver.shows("Planerat")
    entry = f"[data-entry='{message.rstrip('/').rsplit('/', 1)[1]}']"

    author.open(f"/publicerat/kalender/?manad={month}")
    author.drags(f"[data-spot='{month}-10'] {entry}", f"[data-spot='{month}-12']")
    author.shows("Flytta inlägget")
    author.look(name="move", everything=False)
    author.pick("agreed")
    author.press_on("main form button.button--primary")
    expect(author.page.locator(f"[data-spot='{month}-12'] {entry}")).to_be_visible()
    assert author.page.locator(entry).count() == 1
    author.look(name="calendar")
    approver.open(message)
    approver.shows("Väntar på godkännande")

    keys.open(f"/publicerat/kalender/?manad={month}")
    keys.tab_to(f"{entry} .entry__link")
    keys.key("m", "ArrowRight", "Escape")
    expect(keys.page.locator(f"[data-spot='{month}-12'] {entry}")).to_be_visible()
    keys.key("m", "ArrowRight", "ArrowDown")
    keys.leads_on("Enter")
    expect(keys.page.locator(f"[data-spot='{month}-20'] {entry}")).to_be_visible()
    expect(keys.page.locator("main")).to_contain_text("Flytta tillbaka")

    keys.turn("light", NARROW)  # a week on a phone is a list: each day's heading, and under it what is planned
    keys.open(f"/publicerat/kalender/?vy=vecka&dag={month}-20")
    days = [top_of(each) for each in keys.page.locator(".calendar--week thead th").all()]
    own = datetime.fromisoformat(f"{month}-20").weekday()
    assert days == sorted(set(days))
    assert days[own] < top_of(keys.page.locator(entry)) < [*days, float("inf")][own + 1]
    for person in (author, approver, keys):
        person.go_home()
