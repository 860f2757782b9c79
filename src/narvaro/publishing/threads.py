"""A text as the posts of a thread: divided by hand, or where it is too long; never inside a link or a sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from narvaro.connectors.bluesky import first_signs
from narvaro.connectors.port import Limits
from narvaro.core.types import Invalid
from narvaro.publishing import rules

MOST_PARTS = 25
BY_HAND = "\n---\n"
"""What stands between the posts of a thread, where a person divides it."""

_DIVIDED = re.compile(r"^[ \t]*---[ \t]*$", re.MULTILINE)
_WORD = re.compile(r"\s*\S+")
_SENTENCE_ENDS = re.compile(r"[.!?…][\"'”’)\]]*$")
_WELL_FILLED = 0.4  # a break in meaning is taken when so much of the room is in use


def is_divided(text: str) -> bool:
    """Whether a person has divided a text into posts."""
    return len(_divided(text)) > 1


def parts_of(text: str, limits: Limits, *, may_split: bool = False, is_numbered: bool = False) -> list[str]:
    """
    Return the posts that a text becomes, in order; a single one where it fits. Nothing but space is left out.

    A line of `---` always divides. What is too long for the platform is divided only where `may_split`: after a
    paragraph, else a sentence, else a word; within a word only when it is no link and longer than a post.

    Args:
        is_numbered: Each post of several ends with its number, as in "2/5".

    Returns:
        The posts as they go out, with their numbers. One that is too long is returned so, where it may not be split.

    Raises:
        Invalid: They are more than anybody reads, or a link alone is longer than a post.
    """
    sections = _divided(text) or [""]
    if len(sections) == 1 and (not may_split or not rules.too_long_by(sections[0], limits, taken=0)):
        return sections
    found = sections
    for digits in (1, 2) if may_split else ():
        taken = len(_number(10**digits - 1, 10**digits - 1)) if is_numbered else 0
        found = [part for each in sections for part in _split(each, limits, taken)]
        if len(found) < 10**digits:
            break
    if len(found) > MOST_PARTS:
        raise Invalid(
            _("Det blir %(n)d delar, och en tråd får ha högst %(most)d. Korta texten.")
            % {"n": len(found), "most": MOST_PARTS}, field="text",
        )  # fmt: skip
    if is_numbered and len(found) > 1:
        return [part + _number(place, len(found)) for place, part in enumerate(found, 1)]
    return found


def _number(place: int, count: int) -> str:
    return f" {place}/{count}"


def _divided(text: str) -> list[str]:
    return [each for part in _DIVIDED.split(text) if (each := part.strip())]


def _split(text: str, limits: Limits, taken: int) -> Iterator[str]:
    """Yield a text in pieces that leave room for what is taken; whole where nothing sets an end."""
    if limits.max_length is None:
        yield text
        return
    room = max(limits.max_length - taken, 1)
    while _is_longer(text, limits, room):
        end = _end_of_piece(text, limits, room)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
        if not text:
            return
    yield text


def _is_longer(text: str, limits: Limits, room: int) -> bool:
    """Whether a text is longer than the room; its beginning is counted first, so that much costs little."""
    return rules.length_of(text[: 4 * room], limits) > room or rules.length_of(text, limits) > room


def _end_of_piece(text: str, limits: Limits, room: int) -> int:
    """Return where the first piece of a text ends that is too long for the room."""
    ends: list[int] = []
    length = 0
    for word in _WORD.finditer(text):
        length += rules.length_of(word[0], limits)
        if length > room:
            break
        ends.append(word.end())
    while ends and rules.length_of(text[: ends[-1]], limits) > room:
        ends.pop()
    if not ends:
        return _within_word(text, limits, room)
    least = room * _WELL_FILLED
    for is_break in (_is_paragraph, _is_line, _is_sentence):
        for end in reversed(ends):
            if is_break(text, end) and rules.length_of(text[:end], limits) >= least:
                return end
    return ends[-1]


def _is_paragraph(text: str, end: int) -> bool:
    return re.match(r"[ \t]*\n[ \t]*\n", text[end : end + 200]) is not None


def _is_line(text: str, end: int) -> bool:
    return re.match(r"[ \t]*\n", text[end : end + 200]) is not None


def _is_sentence(text: str, end: int) -> bool:
    return _SENTENCE_ENDS.search(text[max(0, end - 8) : end]) is not None


def _within_word(text: str, limits: Limits, room: int) -> int:
    """Return where a single word longer than a post is cut: between two signs as readers see them."""
    word = _WORD.match(text)
    if word is None or "://" in word[0]:
        raise Invalid(_("En länk är för lång för att få plats i ett inlägg. Använd en kortare."), field="text")
    signs = first_signs(text[: word.end()], room)
    # Where some signs weigh two, as many as surely fit.
    return len(signs if rules.length_of(signs, limits) <= room else first_signs(signs, max(room // 2, 1)))
