"""Facebook pages behind the port."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from narvaro.base import clock
from narvaro.connectors.client import Json, parts, word
from narvaro.connectors.facebook import items, moderating
from narvaro.connectors.mastodon.statuses import web_address
from narvaro.connectors.meta import files, publishing, reading
from narvaro.connectors.meta.graph import VERSION, Graph, Site, safe_id
from narvaro.connectors.meta.publishing import CannotBe
from narvaro.connectors.port import (
    Account,
    Author,
    Capability,
    CapabilityStatus,
    FoundAccount,
    FoundPost,
    Item,
    Kind,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    Picture,
    PlatformError,
    Profile,
    Published,
    Refused,
    Thread,
    Unknown,
)

SITE = Site("Facebook", "https://graph.facebook.com", VERSION, has_proof=True)
LIMITS = Limits(
    max_length=63_206, counted="characters", max_pictures=10, max_picture_bytes=10_000_000, max_alt_length=1000
)
MOST_OF_COMMENT = 8000
LACKS = (
    "Facebook lämnar inte ut händelser, berättelser (stories), privata meddelanden, tidigare lydelser av det som har "
    "ändrats, eller det som togs bort innan Närvaro läste."
)
NO_SEARCH = "Facebook låter inte myndighetens app söka. Sök i Facebooks egen sökruta."


class Facebook:
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    def profile(self, account: Account) -> Profile:
        with Graph(account, SITE) as graph:
            reply = graph.read("me", {"fields": "id,name,username,about,link,website,emails,phone"})
        found = reply.document()
        remote_id = word(found, "id")
        beside = [word(found, "website"), word(found, "phone")]
        mails = found.get("emails")
        beside += [str(each) for each in mails[:5]] if isinstance(mails, list) else []
        return Profile(
            remote_id=remote_id,
            handle=word(found, "username") or f"profile.php?id={remote_id}",
            display_name=word(found, "name"),
            about=word(found, "about"),
            url=web_address(word(found, "link")),
            raw=reply.body,
            beside="\n".join(line for line in beside if line),
        )

    def read(self, account: Account, cursor: str) -> Page:
        with Graph(account, SITE) as graph:
            return reading.Reading(graph, _plan(graph)).page(cursor)

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        with Graph(account, SITE) as graph:
            return reading.read_thread(
                graph, _plan(graph), remote_id, tuple(known), post_query={"fields": items.POST_FIELDS},
                post_items=_posts(graph.me),
            )  # fmt: skip

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        with Graph(account, SITE) as graph:
            return _read_one(graph, remote_id)

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        try:
            graph = Graph(account, SITE)
        except PlatformError as error:
            return Refused(f"Inget är publicerat. {error}", error)
        with graph:
            return publishing.once(
                graph, lambda: _prepared(graph, post), lambda remote_id, raw: _as_published(graph, post, remote_id, raw)
            )

    def edit(self, account: Account, remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
        try:
            graph = Graph(account, SITE)
        except PlatformError as error:
            return Refused(f"Inget är ändrat. {error}", error)
        with graph:
            return publishing.once(
                graph,
                lambda: (safe_id(remote_id), {"message": post.text}),
                lambda _id, raw: _as_published(graph, post, remote_id, raw),
                known_id=remote_id,
            )

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        try:
            graph = Graph(account, SITE)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
        with graph:
            return publishing.settled(post, attempted_at, lambda since: _own_since(graph, post, since))

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Ask which tasks the account's key may do, and read what each leans on (P8). Nothing is written.

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Graph(account, SITE) as graph:
            graph.read("me", {"fields": "id"})
            reads = files.tried(graph, f"{graph.me}/feed", {"fields": "id,from", "limit": "1"})
            blocks = files.tried(graph, f"{graph.me}/blocked", {"limit": "1"})
            granted = _granted(graph)
        lacks = "Appen har inte fått rätten {}. Anslut kanalen på nytt och godkänn allt som efterfrågas."
        posts = "" if granted is None or "pages_manage_posts" in granted else lacks.format("pages_manage_posts")
        engages = (
            "" if granted is None or "pages_manage_engagement" in granted else lacks.format("pages_manage_engagement")
        )
        sees = (
            "" if granted is None or "pages_read_user_content" in granted else lacks.format("pages_read_user_content")
        )
        return (
            CapabilityStatus(Capability.READ, not (reads or sees), reads or sees),
            CapabilityStatus(Capability.PUBLISH, not posts, posts),
            CapabilityStatus(Capability.PUBLISH_IMAGE, not posts, posts),
            CapabilityStatus(Capability.HIDE, not engages, engages or moderating.HIDDEN_IS),
            CapabilityStatus(Capability.REMOVE_OWN, not posts, posts),
            CapabilityStatus(Capability.BLOCK, not blocks, blocks),
            CapabilityStatus(Capability.READ_PRIVATE, False, "Närvaro läser inte meddelanden på Facebook."),
        )

    def limits(self, account: Account) -> Limits:
        """Return Facebook's limits, which are the same for every page."""
        return LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        return files.fetched(account, url, max_bytes)

    def hide(self, account: Account, remote_id: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.hide(graph, remote_id, wanted=True)

    def show(self, account: Account, remote_id: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.hide(graph, remote_id, wanted=False)

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        with Graph(account, SITE) as graph:
            return moderating.is_hidden(graph, remote_id)

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.remove(graph, remote_id)

    def remove(self, account: Account, remote_id: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.remove(graph, remote_id)

    def block(self, account: Account, author_remote_id: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.block(graph, author_remote_id)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        with Graph(account, SITE) as graph:
            moderating.unblock(graph, author_remote_id)

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        with Graph(account, SITE) as graph:
            return moderating.is_blocked(graph, author_remote_id)

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        raise Misconfigured(NO_SEARCH)

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        raise Misconfigured(NO_SEARCH)


def _posts(me: str) -> reading.Maker:
    def made(post: Json, raw: bytes) -> list[Item]:
        item = items.post_item(post, raw, me)
        return [] if item is None else [item]

    return made


def _plan(graph: Graph) -> reading.Plan:
    me = graph.me

    def comments(entry: Json, raw: bytes, root: str) -> list[Item]:
        item = items.comment_item(entry, raw, root, me)
        return [] if item is None else [item]

    feed = reading.Stream(
        "feed", f"{me}/feed", {"fields": items.POST_FIELDS}, _posts(me), items.mark_of, items.has_comments
    )
    tagged = reading.Stream(
        "tagged", f"{me}/tagged", {"fields": items.TAGGED_FIELDS}, _posts(me),
        may_lack="inlägg där andra nämner sidan",
    )  # fmt: skip
    query = {"fields": items.COMMENT_FIELDS, "filter": "stream", "order": "reverse_chronological"}
    return reading.Plan((feed, tagged), "comments", query, comments, LACKS)


def _prepared(graph: Graph, post: Outgoing) -> tuple[str, Mapping[str, str]]:
    """Do everything that nobody sees, and return the one call that is seen."""
    most = MOST_OF_COMMENT if post.parent_remote_id else LIMITS.max_length or 0
    publishing.refuse_unfit(
        post, "Facebook", most_signs=most, most_pictures=1 if post.parent_remote_id else LIMITS.max_pictures,
        most_alt=LIMITS.max_alt_length,
    )  # fmt: skip
    if post.parent_remote_id:
        if graph.read_if_there(safe_id(post.parent_remote_id), {"fields": "id"}) is None:
            raise CannotBe("Det som ska besvaras finns inte kvar på Facebook. Inget är publicerat.")
        attached = {"attachment_id": _uploaded(graph, post.pictures[0])} if post.pictures else {}
        return f"{post.parent_remote_id}/comments", {"message": post.text, **attached}
    form = {"message": post.text}
    for place, picture in enumerate(post.pictures):
        form[f"attached_media[{place}]"] = json.dumps({"media_fbid": _uploaded(graph, picture)})
    link = post.card.url if post.card else next(iter(publishing.LINK.findall(post.text)), "")
    if link and not post.pictures:
        form["link"] = link
    return f"{graph.me}/feed", form


def _uploaded(graph: Graph, picture: Picture) -> str:
    """Upload a picture that is shown nowhere yet, with its alternative text, and see that the text arrived (P24)."""
    ending = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}.get(picture.media_type, "bin")
    form = {"published": "false", "temporary": "true", **({"alt_text_custom": picture.alt} if picture.alt else {})}
    reply = graph.post(
        f"{graph.me}/photos", form, files={"source": (f"bild.{ending}", picture.content, picture.media_type)},
        deadline_seconds=120,
    )  # fmt: skip
    photo = word(graph.demand(reply).document(), "id")
    if not photo:
        raise CannotBe("Facebook tog emot bilden men gav den ingen beteckning. Inget är publicerat.")
    if picture.alt:
        publishing.refuse_other_alt(graph, photo, "alt_text_custom", picture.alt)
    return photo


def _read_one(graph: Graph, remote_id: str) -> Item | None:
    """Read a post, or a comment: only a comment has a `can_hide`, and asking a post for it is an error."""
    is_comment = not remote_id.startswith(f"{graph.me}_")
    fields = items.COMMENT_FIELDS if is_comment else items.POST_FIELDS
    reply = graph.read_if_there(safe_id(remote_id), {"fields": fields})
    if reply is None:
        return None
    if is_comment:
        root = f"{graph.me}_{remote_id.partition('_')[0]}" if "_" in remote_id else ""
        return items.comment_item(reply.document(), reply.body, root, graph.me)
    return items.post_item(reply.document(), reply.body, graph.me)


def _as_published(graph: Graph, post: Outgoing, remote_id: str, raw: bytes) -> Item:
    """Read what is there now; what was sent stands for it when it cannot be read just now."""
    try:
        item = _read_one(graph, remote_id)
    except PlatformError:
        item = None
    if item is None:
        item = Item(
            remote_id, Kind.COMMENT if post.parent_remote_id else Kind.POST, Author(graph.me, graph.account.handle),
            post.text, clock.now(), raw,
        )  # fmt: skip
    return files.as_asked(item, post)


def _own_since(graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
    if post.parent_remote_id:
        query = {"fields": items.COMMENT_FIELDS, "filter": "stream", "order": "reverse_chronological"}
        root = post.root_remote_id or post.parent_remote_id

        def made(entry: Json, raw: bytes) -> list[Item]:
            item = items.comment_item(entry, raw, root, graph.me)
            return [] if item is None else [files.as_asked(item, post)]

        return reading.own_since(graph, f"{safe_id(post.parent_remote_id)}/comments", query, since, made)
    return reading.own_since(graph, f"{graph.me}/feed", {"fields": items.POST_FIELDS}, since, _posts(graph.me))


def _granted(graph: Graph) -> set[str] | None:
    """Return the rights that the key has; None where the platform does not tell a page's key."""
    try:
        reply = graph.get("me/permissions")
        found = parts(reply.document(), "data") if reply.ok else None
    except PlatformError:
        return None
    return None if found is None else {word(each, "permission") for each in found if word(each, "status") == "granted"}
