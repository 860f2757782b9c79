"""Instagram professional accounts behind the port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from narvaro.connectors import private
from narvaro.connectors.client import Json, count, part, parts, word
from narvaro.connectors.films import refuse_unfit
from narvaro.connectors.instagram import items
from narvaro.connectors.meta import conversations, publishing, reading
from narvaro.connectors.meta.conversing import Conversing
from narvaro.connectors.meta.graph import VERSION, Graph, Site, is_missing, safe_id
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
    Picture,
    Profile,
    Transient,
)
from narvaro.connectors.web import web_address

SITE = Site("Instagram", "https://graph.instagram.com", VERSION, renewal="ig_refresh_token")
LIMITS = Limits(
    max_length=2200, counted="characters", max_pictures=10, max_picture_bytes=8_000_000, max_alt_length=1000,
    max_film_bytes=300_000_000, max_film_seconds=900,
)  # fmt: skip
FILM_KINDS = ("video/mp4", "video/quicktime")
LEAST_FILM_SECONDS = 3
MOST_OF_COMMENT = 300
MOST_TAGS = 30
LACKS = (
    "Instagram lämnar inte ut inlägg där andra nämner eller taggar kontot, berättelser (stories) som har försvunnit, "
    "{messages}"
    "kommentarer från konton som är begränsade, tidigare lydelser, eller det som togs bort innan Närvaro läste."
)
NO_REMOVING = "Instagram låter inte andra program ta bort inlägg. Öppna Instagram och ta bort inlägget där."
NO_BLOCKING = "Instagram låter inte andra program blockera. Öppna personens sida i Instagram och blockera där."
NO_SEARCH = "Instagram låter inte myndighetens app söka. Sök i Instagrams egen sökruta."
HIDE_BY_HAND = "Öppna inlägget i Instagram och dölj kommentaren där."


class Instagram(Conversing):
    """See `Connected`."""

    site = SITE
    desk = conversations.INSTAGRAM
    bounds = LIMITS
    post_fields = items.MEDIA_FIELDS
    no_search = NO_SEARCH
    no_blocking = NO_BLOCKING

    def profile(self, account: Account) -> Profile:
        """See `Connector.profile`."""
        with Graph(account, SITE) as graph:
            reply = graph.read("me", {"fields": "user_id,username,name,biography,website"})
        found = reply.document()
        name = word(found, "username")
        return Profile(
            remote_id=word(found, "user_id"),
            handle=name,
            display_name=word(found, "name"),
            about=word(found, "biography"),
            url=f"https://www.instagram.com/{name}/" if name else "",
            raw=reply.body,
            beside=web_address(word(found, "website")),
        )

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Try reading posts, comments and the quota of publishing, none of which changes anything (P8).

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Graph(account, SITE) as graph:
            graph.read("me", {"fields": "user_id"})
            newest = graph.get(f"{graph.me}/media", {"fields": "id", "limit": "1"})
            reads = str(graph.refusal(newest) or "")
            post = next((word(each, "id") for each in parts(newest.document(), "data")), "") if not reads else ""
            comments = graph.trouble(f"{safe_id(post)}/comments", {"limit": "1"}) if post else reads
            posts = graph.trouble(f"{graph.me}/content_publishing_limit", {"fields": "quota_usage"})
            messages = self._able_to_read_private(graph)
        return (
            CapabilityStatus(Capability.READ, not (reads or comments), reads or comments),
            CapabilityStatus(Capability.PUBLISH, not posts, posts or "Ett inlägg på Instagram måste ha en bild."),
            CapabilityStatus(Capability.PUBLISH_IMAGE, not posts, posts),
            CapabilityStatus(Capability.HIDE, not comments, comments),
            CapabilityStatus(Capability.REMOVE_OWN, False, NO_REMOVING),
            CapabilityStatus(Capability.BLOCK, False, NO_BLOCKING),
            messages,
        )

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """See `Connector.is_hidden`."""
        with Graph(account, SITE) as graph:
            reply = graph.read_if_there(safe_id(remote_id), {"fields": "id" if is_own else "id,hidden"})
            return reply is None or reply.document().get("hidden") is True

    def _plan(self, graph: Graph) -> reading.Plan:
        return _plan(graph)

    def _posts(self, graph: Graph) -> reading.Maker:
        return _posts(graph)

    def _one(self, graph: Graph, remote_id: str) -> Item | None:
        reply = graph.read_if_there(safe_id(remote_id), {"fields": items.MEDIA_FIELDS})
        if reply is None:
            return None
        return items.media_item(reply.document(), reply.body, graph.me, graph.account.handle)

    def _reread(self, graph: Graph, post: Outgoing, remote_id: str) -> Item | None:
        if not post.parent_remote_id:
            return self._one(graph, remote_id)
        reply = graph.read_if_there(safe_id(remote_id), {"fields": items.ONE_COMMENT_FIELDS})
        if reply is None:
            return None
        root = post.root_remote_id or word(part(reply.document(), "media"), "id")
        return items.comment_item(reply.document(), reply.body, root, graph.me)

    def _own_since(self, graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
        return _own_since(graph, post, since)

    def _hide(self, graph: Graph, remote_id: str, *, wanted: bool) -> None:
        _hide(graph, remote_id, wanted=wanted)

    def _remove(self, graph: Graph, remote_id: str) -> None:
        _remove(graph, remote_id)

    def _prepared(self, graph: Graph, post: Outgoing) -> Effect:
        """Make the container that nobody sees, and return the one call that is seen."""
        if post.parent_remote_id:
            return _answer(graph, post)
        publishing.refuse_unfit(
            post, "Instagram", most_signs=LIMITS.max_length or 0, most_pictures=LIMITS.max_pictures,
            most_alt=LIMITS.max_alt_length,
        )  # fmt: skip
        if not post.pictures and post.film is None:
            raise CannotBe("Ett inlägg på Instagram måste ha en bild eller en film. Lägg till en.")
        if post.text.count("#") > MOST_TAGS:
            raise CannotBe(f"Instagram tar högst {MOST_TAGS} hashtaggar.")
        shown = None if post.film is None else _of_film(post.film)
        _refuse_spent(graph)
        if shown is not None:
            container = _container(graph, {**shown, "caption": post.text})
        elif len(post.pictures) == 1:
            container = _container(graph, {**_of_picture(post.pictures[0]), "caption": post.text})
        else:
            made = [_container(graph, {**_of_picture(each), "is_carousel_item": "true"}) for each in post.pictures]
            for child in made:
                publishing.made_ready(graph, child, "status_code", wait_seconds=self._wait_seconds)
            form = {"media_type": "CAROUSEL", "children": ",".join(made), "caption": post.text}
            container = _container(graph, form)
        is_film = post.film is not None
        publishing.made_ready(graph, container, "status_code", wait_seconds=self._wait_seconds, is_film=is_film)
        return Effect(f"{graph.me}/media_publish", {"creation_id": container})


def _posts(graph: Graph) -> reading.Maker:
    def made(media: Json, raw: bytes) -> list[Item]:
        item = items.media_item(media, raw, graph.me, graph.account.handle)
        return [] if item is None else [item]

    return made


def _plan(graph: Graph) -> reading.Plan:
    media = reading.Stream(
        "media", f"{graph.me}/media", {"fields": items.MEDIA_FIELDS}, _posts(graph), items.mark_of,
        lambda entry: count(entry, "comments_count") > 0,
    )  # fmt: skip
    return reading.Plan(
        (media,), "comments", {"fields": items.COMMENT_FIELDS, "limit": "50"},
        lambda entry, raw, root: items.comment_items(entry, raw, root, graph.me), private.lacks(LACKS, graph.account),
    )  # fmt: skip


def _of_picture(picture: Picture) -> dict[str, str]:
    form = {"image_url": publishing.public_address(picture, "Instagram", ("image/jpeg",))}
    return {**form, **({"alt_text": picture.alt} if picture.alt else {})}


def _of_film(film: Film) -> dict[str, str]:
    """A film is a reel: the platform fetches it, and keeps neither alternative text nor captions of it."""
    refuse_unfit(film, "Instagram", LIMITS, FILM_KINDS)
    if film.seconds < LEAST_FILM_SECONDS:
        raise CannotBe("Instagram tar filmer som är minst tre sekunder. Inget är publicerat.")
    form = {"media_type": "REELS", "video_url": publishing.public_address(film, "Instagram", FILM_KINDS)}
    if film.cover is not None and film.cover.url and film.cover.media_type == "image/jpeg":
        form["cover_url"] = publishing.public_address(film.cover, "Instagram", ("image/jpeg",))
    return {**form, "share_to_feed": "true"}


def _container(graph: Graph, form: Mapping[str, str]) -> str:
    made = word(graph.demand(graph.post(f"{graph.me}/media", form)).document(), "id")
    if not made:
        raise CannotBe("Instagram tog emot bilden men gav den ingen beteckning. Inget är publicerat.")
    return made


def _refuse_spent(graph: Graph) -> None:
    reply = graph.read(f"{graph.me}/content_publishing_limit", {"fields": "config,quota_usage"})
    for row in parts(reply.document(), "data")[:1]:
        total = count(part(row, "config"), "quota_total")
        if total and count(row, "quota_usage") >= total:
            raise Transient(
                f"Instagram tar högst {total} inlägg på ett dygn, och de är förbrukade.", retry_after_seconds=3600
            )


def _answer(graph: Graph, post: Outgoing) -> Effect:
    """An answer is a comment: on the post, or beneath the first comment of its row."""
    publishing.refuse_unfit(post, "Instagram", most_signs=MOST_OF_COMMENT, most_pictures=0, most_alt=0)
    if post.film is not None:
        raise CannotBe("Ett svar på Instagram är bara text. Inget är publicerat.")
    parent = safe_id(post.parent_remote_id)
    if parent == post.root_remote_id:
        return Effect(f"{parent}/comments", {"message": post.text})
    found = graph.read_if_there(parent, {"fields": "id,hidden,parent_id"})
    if found is None:
        raise CannotBe("Kommentaren som ska besvaras finns inte kvar på Instagram. Inget är publicerat.")
    if found.document().get("hidden") is True:
        raise CannotBe("Instagram låter ingen svara på en dold kommentar. Visa den först.")
    return Effect(f"{parent}/replies", {"message": post.text})


def _own_since(graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
    if not post.parent_remote_id:
        return reading.own_since(graph, f"{graph.me}/media", {"fields": items.MEDIA_FIELDS}, since, _posts(graph))
    root = post.root_remote_id or post.parent_remote_id

    def made(entry: Json, raw: bytes) -> list[Item]:
        found = items.comment_items(entry, raw, root, graph.me)
        return [publishing.as_asked(item, post) for item in found if item.is_own]

    edge = "comments" if post.parent_remote_id == root else "replies"
    fields = items.COMMENT_FIELDS if edge == "comments" else items.ONE_COMMENT_FIELDS
    found, is_all = reading.own_since(
        graph, f"{safe_id(post.parent_remote_id)}/{edge}", {"fields": fields}, since, made
    )
    return found, is_all


def _hide(graph: Graph, remote_id: str, *, wanted: bool) -> None:
    reply = graph.post(safe_id(remote_id), {"hide": "true" if wanted else "false"})
    if is_missing(reply) and graph.read_if_there(safe_id(remote_id), {"fields": "id"}) is None:
        return
    error = graph.refusal(reply)
    if isinstance(error, Misconfigured):
        raise Misconfigured(f"{error} {HIDE_BY_HAND}")
    if error is not None:
        raise error


def _remove(graph: Graph, remote_id: str) -> None:
    """Remove a comment on a post of ours, whoever wrote it; a post can only be removed by hand. Twice is once."""
    post = graph.get(safe_id(remote_id), {"fields": "id,media_type"})
    if not is_missing(post) and post.ok and word(post.document(), "media_type"):
        raise Misconfigured(NO_REMOVING)
    reply = graph.delete(safe_id(remote_id))
    if is_missing(reply) and graph.read_if_there(safe_id(remote_id), {"fields": "id"}) is None:
        return
    error = graph.refusal(reply)
    if error is not None:
        raise error
