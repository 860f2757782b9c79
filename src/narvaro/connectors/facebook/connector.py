"""Facebook pages behind the port."""

from __future__ import annotations

import json
from datetime import datetime

from narvaro.connectors import private
from narvaro.connectors.client import Json, parts, word
from narvaro.connectors.facebook import films, items, moderating
from narvaro.connectors.films import refuse_unfit
from narvaro.connectors.meta import publishing, reading
from narvaro.connectors.meta.conversations import MESSENGER
from narvaro.connectors.meta.conversing import Conversing
from narvaro.connectors.meta.graph import VERSION, Graph, Site, safe_id
from narvaro.connectors.meta.publishing import CannotBe, Effect
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    Item,
    Limits,
    Outgoing,
    Picture,
    PlatformError,
    Profile,
    Published,
    Refused,
    Unknown,
)
from narvaro.connectors.web import web_address

SITE = Site("Facebook", "https://graph.facebook.com", VERSION, has_proof=True)
LIMITS = Limits(
    max_length=63_206, counted="characters", max_pictures=10, max_picture_bytes=10_000_000, max_alt_length=1000,
    max_film_bytes=10_000_000_000, max_film_seconds=4 * 3600, takes_captions=True,
)  # fmt: skip
MOST_OF_COMMENT = 8000
LACKS = (
    "Facebook lämnar inte ut händelser, berättelser (stories), {messages}tidigare lydelser av det som har ändrats, "
    " eller det som togs bort innan Närvaro läste."
)
NO_SEARCH = "Facebook låter inte myndighetens app söka. Sök i Facebooks egen sökruta."


class Facebook(Conversing):
    """See `Connected`."""

    site = SITE
    desk = MESSENGER
    bounds = LIMITS
    post_fields = items.POST_FIELDS
    no_search = NO_SEARCH

    def profile(self, account: Account) -> Profile:
        """See `Connector.profile`."""
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

    def edit(self, account: Account, remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
        """See `Editing.edit`."""

        def prepared(_graph: Graph) -> Effect:
            return Effect(safe_id(remote_id), {"message": post.text}, known_id=remote_id)

        return self._once(account, post, prepared, "Inget är ändrat.")

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Ask which tasks the account's key may do, and read what each leans on (P8). Nothing is written.

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Graph(account, SITE) as graph:
            graph.read("me", {"fields": "id"})
            reads = graph.trouble(f"{graph.me}/feed", {"fields": "id,from", "limit": "1"})
            blocks = graph.trouble(f"{graph.me}/blocked", {"limit": "1"})
            granted = _granted(graph)
            messages = self._able_to_read_private(graph)
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
            messages,
        )

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """See `Connector.is_hidden`."""
        with Graph(account, SITE) as graph:
            return moderating.is_hidden(graph, remote_id)

    def block(self, account: Account, author_remote_id: str) -> None:
        """See `Connector.block`."""
        with Graph(account, SITE) as graph:
            moderating.block(graph, author_remote_id)

    def unblock(self, account: Account, author_remote_id: str) -> None:
        """See `Connector.unblock`."""
        with Graph(account, SITE) as graph:
            moderating.unblock(graph, author_remote_id)

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        """See `Connector.is_blocked`."""
        with Graph(account, SITE) as graph:
            return moderating.is_blocked(graph, author_remote_id)

    def _plan(self, graph: Graph) -> reading.Plan:
        return _plan(graph)

    def _posts(self, graph: Graph) -> reading.Maker:
        return _posts(graph.me)

    def _one(self, graph: Graph, remote_id: str) -> Item | None:
        item = _read_one(graph, remote_id)
        return films.told(graph, item) if item is not None and item.is_own else item

    def _prepared(self, graph: Graph, post: Outgoing) -> Effect:
        return _prepared(graph, post)

    def _reread(self, graph: Graph, post: Outgoing, remote_id: str) -> Item | None:
        if post.film is None:
            return _read_one(graph, remote_id)
        post_id = films.settled_in(graph, post.film, remote_id.rpartition("_")[2])
        return _read_one(graph, post_id or remote_id)

    def _own_since(self, graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
        return _own_since(graph, post, since)

    def _hide(self, graph: Graph, remote_id: str, *, wanted: bool) -> None:
        moderating.hide(graph, remote_id, wanted=wanted)

    def _remove(self, graph: Graph, remote_id: str) -> None:
        moderating.remove(graph, remote_id)


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
    return reading.Plan((feed, tagged), "comments", query, comments, private.lacks(LACKS, graph.account))


def _prepared(graph: Graph, post: Outgoing) -> Effect:
    """Do everything that nobody sees, and return the one call that is seen."""
    most = MOST_OF_COMMENT if post.parent_remote_id else LIMITS.max_length or 0
    publishing.refuse_unfit(
        post, "Facebook", most_signs=most, most_pictures=1 if post.parent_remote_id else LIMITS.max_pictures,
        most_alt=LIMITS.max_alt_length,
    )  # fmt: skip
    if post.film is not None:
        if post.parent_remote_id:
            raise CannotBe("Ett svar på Facebook härifrån har ingen film. Inget är publicerat.")
        refuse_unfit(post.film, "Facebook", LIMITS, films.KINDS)
        return films.prepared(graph, post, post.film)
    if post.parent_remote_id:
        if graph.read_if_there(safe_id(post.parent_remote_id), {"fields": "id"}) is None:
            raise CannotBe("Det som ska besvaras finns inte kvar på Facebook. Inget är publicerat.")
        attached = {"attachment_id": _uploaded(graph, post.pictures[0])} if post.pictures else {}
        return Effect(f"{post.parent_remote_id}/comments", {"message": post.text, **attached})
    form = {"message": post.text}
    for place, picture in enumerate(post.pictures):
        form[f"attached_media[{place}]"] = json.dumps({"media_fbid": _uploaded(graph, picture)})
    link = post.card.url if post.card else next(iter(publishing.LINK.findall(post.text)), "")
    if link and not post.pictures:
        form["link"] = link
    return Effect(f"{graph.me}/feed", form)


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


def _own_since(graph: Graph, post: Outgoing, since: datetime) -> tuple[list[Item], bool]:
    if post.parent_remote_id:
        query = {"fields": items.COMMENT_FIELDS, "filter": "stream", "order": "reverse_chronological"}
        root = post.root_remote_id or post.parent_remote_id

        def made(entry: Json, raw: bytes) -> list[Item]:
            item = items.comment_item(entry, raw, root, graph.me)
            return [] if item is None else [publishing.as_asked(item, post)]

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
