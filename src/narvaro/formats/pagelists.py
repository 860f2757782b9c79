"""Which of a page's links a person means: those under a heading or with some words; where there is none, why."""

from __future__ import annotations

import re
from typing import Final

from narvaro.formats.pages import Link, NotAPage, Page

_WORD: Final = re.compile(r"[^\W_]+")


def matching(page: Page, *, holds: tuple[str, ...] = (), heading: str = "") -> list[Link]:
    """
    Return the links that stand under a heading and whose words or address hold one of `holds`.

    Without a heading, what stands in menus, feet and beside is left out, unless nothing else holds what is asked for.

    Raises:
        NotAPage: There is none: says what may be wrong.
    """
    if not page.links:
        raise NotAPage(
            "Sidan har inga länkar som går att läsa. Den ritas troligen av skript i läsarens webbläsare. Be den som "
            "sköter sidan om ett flöde (RSS) eller om annonsernas JSON, och läs det i stället."
        )
    wanted = _said(heading)
    if wanted and not any(_is_under(each, wanted) for each in page.headings):
        seen = ", ".join(f"”{each[:50]}”" for each in page.headings[:5])
        raise NotAPage(
            f"Rubriken ”{heading[:80]}” finns inte på sidan. {f'Där finns: {seen}.' if seen else 'Där finns ingen.'}"
        )
    links = list(page.links)
    if wanted:
        links = [each for each in links if any(_is_under(one, wanted) for one in each.section)]
    asked = [each.casefold() for each in holds if each.strip()]
    links = [each for each in links if not asked or _holds(each, asked)]
    if not wanted:
        content = [each for each in links if not each.is_aside]
        in_main = [each for each in content if each.in_main]
        links = in_main or content or (links if asked else [])
    if not links:
        raise NotAPage(
            f"Ingen av sidans {len(page.links)} länkar stämmer med det ni har angett. Är sidan ombyggd, ändra orden "
            "eller rubriken. Är listan bara tom just nu behöver ni inte göra något."
        )
    return links


def _holds(link: Link, asked: list[str]) -> bool:
    said = f"{link.title}\n{link.address}".casefold()
    return any(each in said for each in asked)


def _said(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _is_under(heading: str, wanted: str) -> bool:
    return f"{_said(heading)} ".startswith(f"{wanted} ")
