"""Threads behind the port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from narvaro.connectors.client import Json, count, part, parts, word
from narvaro.connectors.films import refuse_unfit
from narvaro.connectors.meta import publishing, reading
from narvaro.connectors.meta.connecting import Connected
from narvaro.connectors.meta.graph import Graph, Site, is_missing, safe_id
from narvaro.connectors.meta.publishing import CannotBe, Effect
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    Film,
    Item,
    Limits,
    Misconfigured,
    Outgoing,
    Profile,
    Transient,
)
from narvaro.connectors.threads import items

SITE = Site("Threads", "https://graph.threads.net", "v1.0", renewal="th_refresh_token", key_in_query=True)
LIMITS = Limits(
    max_length=500, counted="characters", max_pictures=20, max_picture_bytes=8_000_000, max_alt_length=1000,
    max_film_bytes=1_000_000_000, max_film_seconds=300,
)  # fmt: skip
FILM_KINDS = ("video/mp4", "video/quicktime")
KINDS = ("image/jpeg", "image/png")
LACKS = (
    "Threads lämnar inte ut citat av våra inlägg, svar från konton som inte är öppna, antal gillanden, eller det som "
    "togs bort innan Närvaro läste."
)
NO_BLOCKING = "Threads låter inte andra program blockera. Öppna personens sida på Threads och blockera där."
NO_SEARCH = "Threads låter inte myndighetens app söka utan särskild granskning. Sök på Threads."
HIDE_BY_HAND = (
    "Threads döljer bara svar direkt på inlägget, och då med allt under. Öppna tråden på Threads och dölj svaret där."
)


class Threads(Connected):
    """See `Connected`."""

    site = SITE
    bounds = LIMITS
    post_fields = items.FIELDS
    no_search = NO_SEARCH
    no_blocking = NO_BLOCKING

    def profile(self, account: Account) -> Profile:
        """See `Connector.profile`."""
        with Graph(account, SITE) as graph:
            reply = graph.read("me", {"fields": "id,username,name,threads_biography"})
        found = reply.document()
        name = word(found, "username")
        return Profile(
            remote_id=word(found, "id"),
            handle=name,
            display_name=word(found, "name"),
            about=word(found, "threads_biography"),
            url=f"https://www.threads.com/@{name}" if name else "",
            raw=reply.body,
        )

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Try reading posts, answers and the quota of publishing, none of which changes anything (P8).

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Graph(account, SITE) as graph:
            graph.read("me", {"fields": "id"})
            reads = graph.trouble(f"{graph.me}/threads", {"fields": "id", "limit": "1"})
            answers = graph.trouble(f"{graph.me}/replies", {"fields": "id", "limit": "1"})
            posts = graph.trouble(f"{graph.me}/threads_publishing_limit", {"fields": "quota_usage"})
        return (
            CapabilityStatus(Capability.READ, not (reads or answers), reads or answers),
            CapabilityStatus(Capability.PUBLISH, not posts, posts),
            CapabilityStatus(Capability.PUBLISH_IMAGE, not posts, posts),
            CapabilityStatus(Capability.HIDE, not answers, answers or HIDE_BY_HAND),
            CapabilityStatus(Capability.REMOVE_OWN, not posts, posts),
            CapabilityStatus(Capability.BLOCK, False, NO_BLOCKING),
            CapabilityStatus(Capability.READ_PRIVATE, False, "Threads har inga meddelanden att läsa."),
        )

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """See `Connector.is_hidden`."""
        with Graph(account, SITE) as graph:
            reply = graph.read_if_there(safe_id(remote_id), {"fields": "id,hide_status"})
            return reply is None or word(reply.document(), "hide_status") in items.UNSEEN

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        """Remove what is ours; hide another's answer."""
        with Graph(account, SITE) as graph:
            if is_own:
                _remove(graph, remote_id)
            else:
                _hide(graph, remote_id, wanted=True)

    def _plan(self, graph: Graph) -> reading.Plan:
        return _plan(graph)

    def _posts(self, graph: Graph) -> reading.Maker:
        return _made(graph)

    def _one(self, graph: Graph, remote_id: str) -> Item | None:
        reply = graph.read_if_there(safe_id(remote_id), {"fields": items.FIELDS})
        return None if reply is None else items.item_of(reply.document(), reply.body, graph.me, graph.account.handle)

    def _own_since(self, graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
        path = "replies" if post.parent_remote_id else "threads"
        return reading.own_since(graph, f"{graph.me}/{path}", {"fields": items.FIELDS}, since, _made(graph))

    def _hide(self, graph: Graph, remote_id: str, *, wanted: bool) -> None:
        _hide(graph, remote_id, wanted=wanted)

    def _remove(self, graph: Graph, remote_id: str) -> None:
        _remove(graph, remote_id)

    def _prepared(self, graph: Graph, post: Outgoing) -> Effect:
        """Make the container that nobody sees, and return the one call that is seen."""
        publishing.refuse_unfit(
            post, "Threads", most_signs=LIMITS.max_length or 0, most_pictures=LIMITS.max_pictures,
            most_alt=LIMITS.max_alt_length,
        )  # fmt: skip
        if items.length_of(post.text) > (LIMITS.max_length or 0):
            raise CannotBe("Threads tar högst 500 tecken, och räknar en emoji som flera.")
        if post.film is not None:
            _of_film(post.film)
        _refuse_spent(graph, is_answer=bool(post.parent_remote_id))
        if post.parent_remote_id and graph.read_if_there(safe_id(post.parent_remote_id), {"fields": "id"}) is None:
            raise CannotBe("Det som ska besvaras finns inte kvar på Threads. Inget är publicerat.")
        container = _container(graph, self._form(graph, post))
        is_film = post.film is not None
        publishing.made_ready(graph, container, "status", wait_seconds=self._wait_seconds, is_film=is_film)
        return Effect(f"{graph.me}/threads_publish", {"creation_id": container})

    def _form(self, graph: Graph, post: Outgoing) -> dict[str, str]:
        form = {"text": post.text} if post.text else {}
        if post.parent_remote_id:
            form["reply_to_id"] = safe_id(post.parent_remote_id)
        if post.film is not None:
            return {**_of_film(post.film), **form}
        if not post.pictures:
            link = {"link_attachment": post.card.url} if post.card else {}
            return {"media_type": "TEXT", **form, **link}
        shown = []
        for picture in post.pictures:
            one = {"media_type": "IMAGE", "image_url": publishing.public_address(picture, "Threads", KINDS)}
            shown.append({**one, **({"alt_text": picture.alt} if picture.alt else {})})
        if len(shown) == 1:
            return {**shown[0], **form}
        made = [_container(graph, {**each, "is_carousel_item": "true"}) for each in shown]
        for child in made:
            publishing.made_ready(graph, child, "status", wait_seconds=self._wait_seconds)
        return {"media_type": "CAROUSEL", "children": ",".join(made), **form}


def _of_film(film: Film) -> dict[str, str]:
    """Return how a film is asked for: the platform fetches it, and keeps no captions of it."""
    refuse_unfit(film, "Threads", LIMITS, FILM_KINDS)
    if len(film.alt) > LIMITS.max_alt_length:
        raise CannotBe(f"Threads tar högst {LIMITS.max_alt_length} tecken i en alternativtext.")
    form = {"media_type": "VIDEO", "video_url": publishing.public_address(film, "Threads", FILM_KINDS)}
    return {**form, **({"alt_text": film.alt} if film.alt else {})}


def _made(graph: Graph, *, names_us: bool = False) -> reading.Maker:
    def made(post: Json, raw: bytes) -> list[Item]:
        item = items.item_of(post, raw, graph.me, graph.account.handle, names_us=names_us)
        return [] if item is None else [item]

    return made


def _plan(graph: Graph) -> reading.Plan:
    def answers(entry: Json, raw: bytes, root: str) -> list[Item]:
        item = items.item_of(entry, raw, graph.me, graph.account.handle, root=root)
        return [] if item is None else [item]

    # No count is told, so the newest that have answers are read beneath each time.
    own = reading.Stream(
        "threads", f"{graph.me}/threads", {"fields": items.FIELDS}, _made(graph),
        lambda entry: f"{entry.get('has_replies')}", lambda entry: entry.get("has_replies") is True,
        newest_again=reading.NEWEST_AGAIN,
    )  # fmt: skip
    ours = reading.Stream("replies", f"{graph.me}/replies", {"fields": items.FIELDS}, _made(graph))
    mentions = reading.Stream(
        "mentions", f"{graph.me}/mentions", {"fields": items.FIELDS}, _made(graph, names_us=True),
        may_lack="inlägg där andra nämner kontot",
    )  # fmt: skip
    query = {"fields": items.REPLY_FIELDS, "reverse": "true"}
    return reading.Plan((own, ours, mentions), "conversation", query, answers, LACKS)


def _container(graph: Graph, form: Mapping[str, str]) -> str:
    made = word(graph.demand(graph.post(f"{graph.me}/threads", form)).document(), "id")
    if not made:
        raise CannotBe("Threads tog emot inlägget men gav det ingen beteckning. Inget är publicerat.")
    return made


def _refuse_spent(graph: Graph, *, is_answer: bool) -> None:
    before = "reply_" if is_answer else ""
    usage, config = f"{before}quota_usage", "reply_config" if is_answer else "config"
    reply = graph.read(f"{graph.me}/threads_publishing_limit", {"fields": f"{usage},{config}"})
    for row in parts(reply.document(), "data")[:1]:
        total = count(part(row, config), "quota_total")
        if total and count(row, usage) >= total:
            what = "svar" if is_answer else "inlägg"
            raise Transient(
                f"Threads tar högst {total} {what} på ett dygn, och de är förbrukade.", retry_after_seconds=3600
            )


def _hide(graph: Graph, remote_id: str, *, wanted: bool) -> None:
    reply = graph.post(f"{safe_id(remote_id)}/manage_reply", {"hide": "true" if wanted else "false"})
    if is_missing(reply) and graph.read_if_there(safe_id(remote_id), {"fields": "id"}) is None:
        return
    error = graph.refusal(reply)
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {HIDE_BY_HAND}")
    if error is not None:
        raise error


def _remove(graph: Graph, remote_id: str) -> None:
    """Remove a post of ours. Twice is once."""
    reply = graph.delete(safe_id(remote_id))
    if is_missing(reply) and graph.read_if_there(safe_id(remote_id), {"fields": "id"}) is None:
        return
    error = graph.refusal(reply)
    if error is not None:
        raise error
