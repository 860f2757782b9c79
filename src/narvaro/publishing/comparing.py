"""What the platform shows, compared with what was approved: on plain values, of what readers see."""

from __future__ import annotations

import re
import unicodedata

from narvaro.connectors.port import Film, Item, MediaKind, Outgoing, Visibility
from narvaro.publishing.types.afterwards import Differs

Difference = dict[str, str]
"""What differs (a value of `Differs`), as it was approved and as it is shown."""

MOST_SHOWN = 2000
_SCHEME = re.compile(r"^https?://(www\.)?", re.IGNORECASE)
_AROUND = [Visibility.PUBLIC, Visibility.UNLISTED, Visibility.FOLLOWERS, Visibility.PRIVATE]


def differences(approved: Outgoing, shown: Item | None, *, tells_film_alt: bool = True) -> list[Difference]:
    """
    Return in what a post differs from what was approved; [] when readers see just that.

    Space, how a link begins and whom an answer names first are the platform's; each other sign is ours. An answer may
    be seen by fewer than was asked for, as what it answers is; never by more. A language counts where it is told.

    Args:
        tells_film_alt: Whether the platform has descriptions of films; where it has none, nothing is missed.

    Law: DOS-2 (alternative texts, captions); P24
    """
    if shown is None:
        return [_difference(Differs.GONE, approved.text, "")]
    found = []
    wanted = said(approved)
    if not same_words(wanted, shown.text):
        found.append(_difference(Differs.TEXT, wanted, shown.text))
    found += _pictures(approved, shown) if approved.film is None else _film(approved.film, shown, tells_film_alt)
    if _is_seen_by_others(approved, shown):
        found.append(_difference(Differs.VISIBILITY, approved.visibility, shown.visibility))
    if approved.language and shown.language and _tongue(approved.language) != _tongue(shown.language):
        found.append(_difference(Differs.LANGUAGE, approved.language, shown.language))
    return found


def said(post: Outgoing) -> str:
    """Return all the words of a post as readers meet them: the warning, the text, the choices of a poll."""
    choices = "\n".join(f"– {each}" for each in post.poll.options) if post.poll else ""
    return "\n\n".join(piece for piece in (post.warning, post.text, choices) if piece)


def same_words(approved: str, shown: str) -> bool:
    """Whether a text is shown as it was approved, but for what is the platform's own."""
    wanted, there = _words(approved), _words(shown)
    while len(there) > len(wanted) and there[0].startswith("@"):
        there = there[1:]
    return wanted == there


def _pictures(approved: Outgoing, shown: Item) -> list[Difference]:
    pictures = [each for each in shown.media if each.kind is MediaKind.IMAGE]
    if len(pictures) != len(approved.pictures):
        return [_difference(Differs.PICTURES, str(len(approved.pictures)), str(len(pictures)))]
    return [
        _difference(Differs.ALT, wanted.alt, there.alt)
        for wanted, there in zip(approved.pictures, pictures, strict=True)
        if _plain(wanted.alt) != _plain(there.alt)
    ]


def _film(approved: Film, shown: Item, tells_alt: bool) -> list[Difference]:
    """
    Return in what a film differs; its description only where the platform tells one, for most have none.

    Captions are missed where the platform tells which it has, and lacks some that were approved.
    """
    there = next((each for each in shown.media if each.kind is MediaKind.VIDEO), None)
    if there is None:
        return [_difference(Differs.FILM, approved.alt, "")]
    differs = (there.alt or tells_alt) and _plain(approved.alt) != _plain(there.alt)
    found = [_difference(Differs.FILM_ALT, approved.alt, there.alt)] if differs else []
    wanted = [each.language for each in approved.captions]
    if there.captions is not None and not {*map(_tongue, wanted)} <= {*map(_tongue, there.captions)}:
        found.append(_difference(Differs.CAPTIONS, ", ".join(wanted), ", ".join(there.captions)))
    return found


def _is_seen_by_others(approved: Outgoing, shown: Item) -> bool:
    wanted, there = _AROUND.index(approved.visibility), _AROUND.index(shown.visibility)
    return there < wanted or (there > wanted and not approved.parent_remote_id)


def _words(text: str) -> list[str]:
    return [_word(each) for each in unicodedata.normalize("NFC", text).split()]


def _word(word: str) -> str:
    if word.startswith("@"):
        return "@" + word[1:].partition("@")[0].casefold()
    return _SCHEME.sub("", word).rstrip("/") if _SCHEME.match(word) else word


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _tongue(language: str) -> str:
    return language.partition("-")[0].casefold()


def _difference(what: Differs, approved: str, shown: str) -> Difference:
    return {"what": what.value, "approved": approved[:MOST_SHOWN], "shown": shown[:MOST_SHOWN]}
