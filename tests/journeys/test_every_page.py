"""Every page that a link leads to, for several roles, in both languages, light and dark, wide and narrow."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.journeys.browser import Visitor
from tests.journeys.product import Product

pytestmark = pytest.mark.journey

MOST_PAGES = 90


@pytest.fixture(scope="module")
def demo(tmp_path_factory, browser):
    with Product(tmp_path_factory.mktemp("demo") / "data") as running:
        visitor = Visitor(browser, running.url)
        visitor.open("/")
        visitor.look(name="set-up")
        visitor.press("Prova med Storköping")
        visitor.page.wait_for_url("**/att-gora/")
        visitor.satisfied()
        running.state = visitor.context.storage_state()
        yield running


def kind_of(path: str) -> str:
    """Return what sort of page a path leads to: two threads are the same sort."""
    words = ["*" if len(word) > 20 or word.isdigit() else word for word in path.split("/")]
    return "/".join(words)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_page_can_be_read_by_everyone(demo, browser, language):
    visitor = Visitor(browser, demo.url, language=language, storage_state=demo.state)
    queue, seen, visited = ["/att-gora/"], {"/att-gora/"}, set()
    while queue and len(visited) < MOST_PAGES:
        path = queue.pop(0)
        kind = kind_of(urlsplit(path).path)
        if kind in visited:
            continue
        answer = visitor.context.request.get(demo.url + path)
        if "html" not in answer.headers.get("content-type", "") or "content-disposition" in answer.headers:
            continue
        if answer.status != 200:
            visitor.complaints.append(f"{path} answers {answer.status}")
            continue
        visited.add(kind)
        visitor.page.goto(demo.url + path)
        visitor.look(name=kind, everything=language == "sv")
        hrefs = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
        for href in hrefs:
            parts = urlsplit(href)
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            is_ours = href.startswith(demo.url) and "/logout" not in found and not parts.path.startswith("/static/")
            if is_ours and found not in seen and kind_of(parts.path) not in visited:
                seen.add(found)
                queue.append(found)

    assert len(visited) > 30
    visitor.satisfied()


def test_pages_are_light_and_ask_no_strangers(demo, browser):
    visitor = Visitor(browser, demo.url, storage_state=demo.state)
    for path in ("/att-gora/", "/inkorg/?lista=alla", "/kanaler/", "/handlingar/sok/", "/administration/", "/handbok/"):
        visitor.weigh(path)

    visitor.satisfied()
