"""Every page that a link leads to, for every role, in both languages, in light, in the dark and on a phone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from narvaro.testing import turns
from narvaro.testing.axe import OF_WORDS, ready, violations
from tests.journeys.browser import NARROW, Visitor
from tests.journeys.colleague import Colleague
from tests.journeys.demo import ROLES

pytestmark = pytest.mark.journey
IN_SWEDISH, THE_REST = (pytest.mark.xdist_group(f"every_page_{part}") for part in (1, 2))
"""Each in one process; those of a group share what they have looked at."""

MOST_PAGES = 350
OF_ONE_SORT = re.compile(
    r"^(/kanaler/plattformar/|/administration/kommentarsregler/besked/|/utbildning/(?:fall|kurser|krav)/"
    r"|/policy/utkast/[^/]+/avsnitt/)(?!nytt/|ny/|eget/)[^/]+(?=/)"
)
"""The beginning of addresses under which there are many pages of one sort, each with a name of its own."""
A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AN_ARTICLE = "/handbok/inkorgen/"
# What everybody sees in their own way, with fewer things to do.
IN_THEIR_WAY = {
    "/att-gora/",
    "/inkorg/",
    "/inkorg/*/",
    "/publicerat/",
    "/handlingar/diarium/",
    "/kanaler/*/",
    "/moderering/",
}


def kind_of(path: str) -> str:
    """Return what sort of page a path leads to: two threads are the same sort, and so are two laws."""
    if path.startswith("/handbok/lag/") and path != "/handbok/lag/":
        return "/handbok/lag/*/"
    path = OF_ONE_SORT.sub(r"\1*", path)
    words = ["*" if len(word) > 20 or word.isdigit() or A_DAY.fullmatch(word) else word for word in path.split("/")]
    return "/".join(words)


def is_an_article(kind: str) -> bool:
    """Whether a sort of page is one of the handbook's many articles, which are made alike; one stands for them."""
    return kind.startswith("/handbok/") and kind.count("/") == 3 and kind not in ("/handbok/lag/", AN_ARTICLE)


def everything(_kind):
    return True


def whose_turn_it_is(kind):
    """Whether a page is judged in Swedish and whole this time; the next but one it is judged in English."""
    return turns.comes_round(kind)


def whose_turn_it_was(kind):
    return turns.comes_round(kind, later=2)


def walk(visitor, known, *, whole, judged=everything, weighs=False, rules=(), articles=True):
    """Follow every link, and judge one page of each sort that is not known already; returns the sorts."""
    base = visitor.base_url
    ready(visitor.context)
    if not whole:
        visitor.turn("light", NARROW)
    queue, seen, visited = ["/att-gora/"], {"/att-gora/"}, set()
    while queue and len(visited) < MOST_PAGES:
        path = queue.pop(0)
        kind = kind_of(urlsplit(path).path)
        if kind in visited or kind in known or (is_an_article(kind) and not articles):
            continue
        if not judged(kind):
            asked = visitor.fetch(path)
        elif answer := (visitor.weigh if weighs else visitor.visit)(path):
            asked = answer.status, visitor.links()
        else:
            asked = None
        if asked is None:
            continue
        status, hrefs = asked
        if status != 200:
            visitor.complaints.append(f"{path} answers {status}")
            continue
        visited.add(kind)
        if judged(kind):
            visitor.look(name=kind, everything=whole and not is_an_article(kind), rules=rules)
        for href in hrefs:
            parts = urlsplit(href)
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = href.startswith(base) and "/logout" not in found and not parts.path.startswith("/static/")
            if is_ours and found not in seen and kind_of(parts.path) not in visited:
                seen.add(found)
                queue.append(found)
    if len(visited) >= MOST_PAGES:
        visitor.complaints.append(f"the walk ended at {MOST_PAGES} sorts of pages, with {len(queue)} links left")
    return visited


@pytest.mark.parametrize(
    "language", [pytest.param("sv", marks=IN_SWEDISH), pytest.param("en", marks=THE_REST)]
)  # fmt: skip
def test_every_page_can_be_read_by_everyone_is_light_and_asks_no_strangers(demo, browser, language):
    visitor = Visitor(browser, demo.url, language=language, storage_state=demo.state)

    # In English, what another language may change.
    first = {"whole": True, "weighs": True, "judged": whose_turn_it_is}
    again = {"whole": False, "rules": OF_WORDS, "articles": False, "judged": whose_turn_it_was}

    visited = walk(visitor, set(), **(first if language == "sv" else again))

    demo.known |= visited
    assert len(visited) > 60
    visitor.satisfied()


@THE_REST
@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_every_role_can_be_read_by_everyone(demo, browser, role):
    visitor = Colleague(browser, demo.url).sign_in(f"{role}@storkoping.example")

    visited = walk(visitor, demo.known - IN_THEIR_WAY, whole=False)

    assert "/att-gora/" in visited
    visitor.satisfied()


@THE_REST
def test_pages_of_trouble_can_be_read_by_everyone_and_lead_back(demo, browser):
    visitor = Visitor(browser, demo.url, storage_state=demo.state)
    page = visitor.page
    visitor.open("/inkorg/?lista=alla")
    with page.expect_navigation():
        page.locator("[data-row-link]").first.click()
    take = page.locator("#thread-actions form[action*='/steg/ta/']")
    stale = take.locator("[name=seen_version]").input_value()
    with page.expect_navigation():
        take.locator("button").click()
    # Somebody else's step, taken with what the page showed before.
    page.locator("#thread-actions form[action*='/steg/inget-svar/'] [name=seen_version]").evaluate(
        "(field, stale) => { field.value = stale }", stale
    )
    with page.expect_response(lambda answer: answer.status == 409), page.expect_navigation():
        page.locator("#thread-actions form[action*='/steg/inget-svar/'] button").click()
    visitor.look(name="409")
    assert page.locator("main a[href*='/inkorg/']").count() == 1

    for path, status in (
        ("/inkorg/?lista=finns-inte", 422), ("/inkorg/00000000-0000-4000-8000-000000000000/", 404),
        ("/fraga/en-lank-som-aldrig-fanns/", 404),
    ):  # fmt: skip
        answer = page.goto(demo.url + path)
        assert answer.status == status
        visitor.look(name=path)
    refused = Colleague(browser, demo.url).sign_in("employee@storkoping.example")
    assert refused.page.goto(demo.url + "/inkorg/").status == 403
    refused.look(name="403")
    refused.satisfied()
    visitor.satisfied()


def test_the_same_letters_on_the_same_ground_are_judged_once_and_others_always(browser):
    page, known = browser.new_page(), set()

    def judged(style):
        page.set_content(f"<html lang=sv><title>x</title><main><h1>Läs</h1><p style='{style}'>Läs det här</p></main>")
        return [each["id"] for each in violations(page, ("color-contrast",), known)]

    first = judged("color: #222")
    there = set(known)
    again, unreadable, still = judged("color: #222"), judged("color: #ddd"), judged("color: #ddd")
    darker = judged("color: #222; background: #333")

    assert first == again == []
    assert known == there
    assert len(there) == 2  # the heading's letters, and the text's
    assert unreadable == still == darker == ["color-contrast"]
