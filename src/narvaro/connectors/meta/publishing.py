"""Publishing once on a Graph API, and finding out afterwards by reading only (P1, P3)."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors import films
from narvaro.connectors.client import Unanswered, word
from narvaro.connectors.meta.graph import Graph, error_of, safe_id
from narvaro.connectors.port import (
    Film,
    Item,
    NotThere,
    Outgoing,
    Picture,
    PlatformError,
    Published,
    Refused,
    Transient,
    Unknown,
)

CannotBe = films.CannotBe
SETTLED_AFTER = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(seconds=5)
CONTAINER_TRIES = 30
FILM_TRIES = 300
CONTAINER_WAIT_SECONDS = 2.0
SIMILAR_SHOWN = 5

_NO_LETTERS = re.compile(r"[\W_]+")
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True, slots=True)
class Effect:
    """The one call that people see: its path, its form, and the id where the answer gives no new one."""

    path: str
    form: Mapping[str, str]
    known_id: str = ""


def once(
    graph: Graph, prepare: Callable[[], Effect], read_back: Callable[[str, bytes], Item]
) -> Published | Refused | Unknown:
    """
    Do what has no effect (`prepare`), then make the one call that has, once, whatever happens.

    Args:
        prepare: Returns that call.
        read_back: Given the id and the answer's bytes, reads what is there now.
    """
    try:
        effect = prepare()
    except CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    try:
        reply = graph.post(effect.path, effect.form)
    except Unanswered as error:
        return Unknown(f"Det är oklart om inlägget publicerades. {error}")
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    refused = graph.refusal(reply)
    code = error_of(reply).get("code")
    if refused is not None and (reply.status >= 500 or reply.status in {408, 409, 425} or code in {1, 2}):
        return Unknown(f"Det är oklart om inlägget publicerades. {graph.site.name} svarade med fel {code}.")
    if refused is not None:
        return Refused(f"Inget är publicerat. {refused}", refused)
    try:
        remote_id = effect.known_id or word(reply.document(), "id")
    except PlatformError as unreadable:
        return Unknown(f"Det är oklart om inlägget publicerades. {unreadable}")
    if not remote_id:
        return Unknown(f"Det är oklart om inlägget publicerades. {graph.site.name} gav ingen beteckning tillbaka.")
    return Published(read_back(remote_id, reply.body))


def settled(
    post: Outgoing, attempted_at: datetime, own: Callable[[datetime], tuple[list[Item], bool]]
) -> Published | NotThere | Unknown:
    """Find an attempt among our own posts since then. See `Connector.settle`."""
    try:
        found, is_all = own(attempted_at - CLOCKS_DIFFER)
    except PlatformError as error:
        return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
    for item in found:
        if item.is_own and essence(item.text) == essence(post.text):
            return Published(item)
    if not is_all:
        return Unknown("Plattformen lämnar inte ut alla inlägg sedan försöket. Se efter på plattformen.")
    return NotThere(clock.now() - attempted_at >= SETTLED_AFTER, tuple(found[:SIMILAR_SHOWN]))


def refuse_unfit(post: Outgoing, name: str, *, most_signs: int, most_pictures: int, most_alt: int) -> None:
    """Raise CannotBe for what every Graph API refuses, before anything is sent."""
    if not post.text.strip() and not post.pictures and post.film is None:
        raise CannotBe("Inlägget är tomt. Skriv något först.")
    if post.poll is not None:
        raise CannotBe(f"{name} tar inte emot omröstningar från andra program.")
    if len(post.text) > most_signs:
        raise CannotBe(f"{name} tar högst {most_signs} tecken.")
    if len(post.pictures) > most_pictures:
        raise CannotBe(f"{name} tar högst {most_pictures} bilder i ett inlägg.")
    if any(len(picture.alt) > most_alt for picture in post.pictures):
        raise CannotBe(f"{name} tar högst {most_alt} tecken i en alternativtext.")


def public_address(file: Picture | Film, name: str, kinds: Iterable[str]) -> str:
    """Return where the platform may fetch a picture or a film. Raises CannotBe where it could not."""
    if file.media_type not in kinds:
        words = " eller ".join(kind.partition("/")[2].upper() for kind in kinds)
        raise CannotBe(f"{name} tar bara emot bilder i formatet {words}. Ladda upp bilden så.")
    if not file.url.startswith("https://") and "://127.0.0.1" not in file.url:
        what = "filmer" if isinstance(file, Film) else "bilder"
        raise CannotBe(
            f"{name} hämtar {what} från webben, och Närvaro har ingen adress som nås därifrån. "
            "Be driften sätta Närvaros adress till en som börjar med https://."
        )
    return file.url


def made_ready(
    graph: Graph, container: str, field: str, *, wait_seconds: float = CONTAINER_WAIT_SECONDS, is_film: bool = False
) -> None:
    """Wait until the platform has worked through a container: longer for a film. Raises CannotBe when it never will."""
    tries = FILM_TRIES if is_film else CONTAINER_TRIES
    for attempt in range(tries):
        reply = graph.read(
            safe_id(container), {"fields": f"id,{field},{'status' if field != 'status' else 'error_message'}"}
        )
        found = reply.document()
        status = word(found, field)
        if status in {"FINISHED", "PUBLISHED"}:
            return
        if status == "EXPIRED":
            raise Transient(f"{graph.site.name} hann glömma inlägget innan det publicerades.")
        if status == "ERROR":
            why = word(found, "error_message") or word(found, "status")
            raise CannotBe(f"{graph.site.name} kunde inte ta emot inlägget: {' '.join(why.split())[:200]}")
        if attempt < tries - 1:
            time.sleep(wait_seconds)
    raise Transient(f"{graph.site.name} blev inte klar med inlägget i tid.")


def refuse_other_alt(graph: Graph, remote_id: str, field: str, alt: str) -> None:
    """See that an alternative text arrived as it was approved (P24)."""
    reply = graph.read(safe_id(remote_id), {"fields": f"id,{field}"})
    if squeezed(word(reply.document(), field)) != squeezed(alt):
        raise CannotBe(f"{graph.site.name} sparade inte bildens alternativtext. Inget är publicerat.")


def essence(text: str) -> str:
    """Return a text without what platforms rewrite: marks, space and case."""
    return _NO_LETTERS.sub("", unicodedata.normalize("NFKC", text)).casefold() or squeezed(text)


def squeezed(text: str) -> str:
    """Return a text without its space."""
    return "".join(unicodedata.normalize("NFC", text).split())


def as_asked(item: Item, post: Outgoing) -> Item:
    """Fill in what we know and an answer does not say: that it is ours, and in which thread."""
    parent = item.parent_remote_id or post.parent_remote_id
    root = post.root_remote_id or item.root_remote_id or parent or item.remote_id
    return replace(item, is_own=True, parent_remote_id=parent, root_remote_id=root)
