"""The one port through which every platform is reached: words, values and the errors they may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Protocol

MOST_ID = 600  # signs of an id of an item; records hold no longer one
MOST_AUTHOR_ID = 300


class Kind(StrEnum):
    """What an item is, seen from the authority's account."""

    POST = "post"  # starts a thread
    COMMENT = "comment"  # answers something in a thread
    MENTION = "mention"  # starts elsewhere and names us
    QUOTE = "quote"  # shows our post inside another
    MESSAGE = "message"  # to a closed circle


class Visibility(StrEnum):
    """Who sees an item."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PRIVATE = "private"  # BBS-1, TF-4: kept, but outside the removal duty


class MediaKind(StrEnum):
    """What a file beside a text is."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    OTHER = "other"


class Capability(StrEnum):
    """What a channel may be able to do on its platform."""

    READ = "read"
    PUBLISH = "publish"
    PUBLISH_IMAGE = "publish_image"
    READ_PRIVATE = "read_private"
    HIDE = "hide"
    REMOVE_OWN = "remove_own"
    BLOCK = "block"


class PlatformError(Exception):
    """Something went wrong with a platform. `str()` is a Swedish sentence to the person who must act."""


class Transient(PlatformError):
    """It may work later: time-outs before sending, 5xx, rate limits. `retry_after_seconds` when told."""

    def __init__(self, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ReconnectNeeded(PlatformError):
    """The platform no longer accepts our key; a person must connect the channel again."""


class Misconfigured(PlatformError):
    """It will never work as set up: wrong address, wrong kind of server, refused by the guard."""


class Keeper(Protocol):
    """Where an account's secrets live. The caller owns storage, encryption and the lock."""

    def secrets(self) -> Mapping[str, str]:
        """Return the secrets as they are stored now."""
        ...

    def renew(
        self, stale: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        """
        Replace the secrets under a lock.

        If the stored ones differ from `stale`, somebody renewed already: those are returned and
        `renewal` is not called. Empty values never replace stored ones (P7).
        """
        ...


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a platform lets an account do in a window of time, as it told in the head of an answer."""

    window: str  # "reads" | "writes"
    limit: int
    left: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One official account on one platform, with what is needed to speak for it."""

    base_url: str  # "https://mastodon.example" or the PDS / service of a Bluesky account
    handle: str  # "kommunen@mastodon.example", "kommunen.bsky.social"
    remote_id: str  # the platform's own id of the account (Mastodon account id, DID)
    keeper: Keeper
    allow_private_hosts: bool = False  # loopback and private networks, only where a setting allows
    options: Mapping[str, str] = field(
        default_factory=dict
    )  # what a connector needs besides, e.g. {"plc": "http://localhost:2582"}
    meter: Callable[[Allowance], None] | None = None  # told what is left after each answer that says so


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote an item, as the platform names them; nothing is added to it."""

    remote_id: str
    handle: str
    display_name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture or other file that belongs to an item; fetched later, after the text was screened."""

    url: str
    kind: MediaKind
    media_type: str = ""
    alt: str = ""
    remote_id: str = ""
    captions: tuple[str, ...] | None = None  # the languages of a film's; None: the platform does not tell here


@dataclass(frozen=True, slots=True)
class Item:
    """
    One thing somebody wrote, as the platform gave it.

    `remote_id` is opaque and unique within the platform (Mastodon status id as our server knows it,
    at:// URI on Bluesky). `text` is plain text, whole, nothing trimmed. `raw` is the bytes of this
    item alone, cut out of the answer (or the item re-serialised where the answer cannot be cut).
    """

    remote_id: str
    kind: Kind
    author: Author
    text: str
    published_at: datetime  # when the platform made it available: TF-2, FL-6; aware, UTC
    raw: bytes
    is_own: bool = False  # written by our account, from Närvaro or the platform's own app
    parent_remote_id: str = ""
    root_remote_id: str = ""  # "" when unknown; the item's own id when it starts the thread
    visibility: Visibility = Visibility.PUBLIC
    edited_at: datetime | None = None
    url: str = ""
    language: str = ""
    media: tuple[Medium, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)  # likes, reposts, replies; not part of identity
    deleted: bool = False  # a tombstone: the platform says it is gone; text is ""


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page read from an account.

    Call again with `next_cursor` while `has_more`. The cursor is opaque text to store with the page
    in one transaction. `complete_to` is set on the last page: everything up to then has been given.
    `gap_reason` is a Swedish sentence when the platform could not give all that lies behind the cursor, from
    `gap_from` (None: from the beginning) until `complete_to`, which a page with a gap says though it is not the last.
    """

    items: tuple[Item, ...]
    next_cursor: str
    has_more: bool = False
    complete_to: datetime | None = None
    gap_reason: str = ""
    gap_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Thread:
    """A whole thread read again: what is there now, and which of the known ids the platform says are gone."""

    items: tuple[Item, ...]
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that goes out with a post, with what it shows in words."""

    content: bytes
    media_type: str
    alt: str
    url: str = ""  # where anybody who knows the address may fetch it for a short while: some platforms do themselves


@dataclass(frozen=True, slots=True)
class Captions:
    """What is said in a film, as WebVTT, in one language (DOS-2)."""

    language: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Film:
    """
    A film that goes out with a post. It may be large: it is read in pieces and never held whole.

    `opened` gives the file from its first byte each time; whoever opens it closes it.
    """

    opened: Callable[[], BinaryIO]
    size_bytes: int
    media_type: str
    seconds: float
    width: int
    height: int
    alt: str
    captions: tuple[Captions, ...] = ()
    cover: Picture | None = None  # one picture of it, for a platform that asks for one
    title: str = ""  # only where the platform has titles
    url: str = ""  # as of a picture


@dataclass(frozen=True, slots=True)
class Poll:
    """Choices that people may answer with, until some hours after it went out."""

    options: tuple[str, ...]
    hours: int
    is_multiple: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A page of our own website, shown beneath a text that links to it."""

    url: str
    title: str
    description: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """
    One post or answer to publish once.

    `key` is chosen before the call and stored: record key on Bluesky, Idempotency-Key on the Mastodon
    API (a hint only, P3). It is what `settle` looks for where the platform lets us choose it.
    """

    key: str
    text: str
    parent_remote_id: str = ""
    root_remote_id: str = ""
    visibility: Visibility = Visibility.PUBLIC
    mention_handle: str = ""  # the Mastodon API needs the author's handle in the text of an answer
    language: str = "sv"
    pictures: tuple[Picture, ...] = ()
    film: Film | None = None  # never together with pictures
    warning: str = ""  # what the text is about, folded over it; only where the platform folds
    poll: Poll | None = None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """It is on the platform. `item` is read from the platform's own answer, so that it can be kept."""

    item: Item


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform said no before anything was published. `reason` is a Swedish sentence."""

    reason: str
    error: PlatformError | None = None  # set when the class of error matters (reconnect, rate limit)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The call may have had effect (oklart utfall). Never repeated by a machine."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """Settling read the platform and the post is not there. `certain` is False while it may still appear."""

    certain: bool
    similar: tuple[Item, ...] = ()  # the latest posts, to show a person before any new try (P2)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform allows one post to be. `counted` says how length is measured."""

    max_length: int | None
    counted: str = "characters"  # characters | graphemes | weighted
    url_length: int | None = None  # every link counts as this many where the platform says so
    max_pictures: int = 4
    max_picture_bytes: int = 8_000_000
    max_alt_length: int = 1500
    max_film_bytes: int = 0  # 0: takes no film
    max_film_seconds: int | None = None
    takes_captions: bool = False  # where it does not, what is said must stand in the picture
    takes_posts: bool = True  # False where only answers can be sent, and films: people publish other posts by hand


@dataclass(frozen=True, slots=True)
class CapabilityStatus:
    """Whether one thing works just now, found out by trying."""

    capability: Capability
    works: bool
    note: str = ""  # a Swedish sentence when it does not


@dataclass(frozen=True, slots=True)
class Profile:
    """The account as the platform describes it, read with the account's own key."""

    remote_id: str
    handle: str
    display_name: str
    about: str
    url: str
    raw: bytes
    beside: str = ""  # what else stands there to be read: fields of links and facts, one a line
    pinned_id: str = ""  # the post that the account shows first, where the platform says which
    vouched: tuple[str, ...] = ()  # addresses that the platform itself found to lead back to the account


@dataclass(frozen=True, slots=True)
class FoundAccount:
    """An account as anybody sees it who looks for a name: what it calls itself, nothing of what it has written."""

    remote_id: str
    handle: str
    display_name: str = ""
    about: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class FoundPost:
    """Something that was said in public, and where it stands; never who said it (RF-4)."""

    remote_id: str
    text: str
    url: str
    published_at: datetime


class Connector(Protocol):
    """
    What every platform folder offers. Every call may raise Transient, ReconnectNeeded or Misconfigured,
    except `publish` and `settle`, which answer with a value.
    """

    def profile(self, account: Account) -> Profile: ...

    def read(self, account: Account, cursor: str) -> Page:
        """Read one page of what is new: posts, comments, mentions, quotes, private messages. "" starts anew."""
        ...

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        """Read a thread again from its first item, for edits, deletions and what mentions do not show."""
        ...

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        """Publish once: one attempt of the call that has effect, whatever happens."""
        ...

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        """Find out, by reading only, whether an attempt took effect."""
        ...

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """Try the least privileged real call for each capability (P8)."""
        ...

    def limits(self, account: Account) -> Limits: ...

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        """Fetch a medium's bytes and media type, guarded as any other call."""
        ...

    def hide(self, account: Account, remote_id: str) -> None:
        """Hide another's reply from our thread where the platform can; Misconfigured where it cannot. Twice is once."""
        ...

    def show(self, account: Account, remote_id: str) -> None:
        """Take `hide` back. What is not hidden stays so."""
        ...

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """
        Read whether somebody who visits our thread no longer sees it: hidden, or gone altogether.

        False too where it cannot be told. Some servers show us nothing by those whom we block, though everybody else
        sees it; `is_own` says that this cannot be why it is not there.
        """
        ...

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        """
        Do the most that the account can to stop something from spreading: remove what is ours; hide another's and
        report it to those who run its server. Twice is once.

        Raises:
            Misconfigured: The platform's interface cannot stop it; `str()` says what a person does instead.
        """
        ...

    def remove(self, account: Account, remote_id: str) -> None:
        """Remove our own post."""
        ...

    def block(self, account: Account, author_remote_id: str) -> None:
        """Keep an author from writing to us. Twice is once."""
        ...

    def unblock(self, account: Account, author_remote_id: str) -> None:
        """Take `block` back. Who is not blocked stays so."""
        ...

    def is_blocked(self, account: Account, author_remote_id: str) -> bool:
        """Read whether our account blocks an author."""
        ...

    def search_accounts(self, account: Account, words: str, *, most: int = 25) -> tuple[FoundAccount, ...]:
        """
        Look for accounts by a name, as anybody may; our own account is left out. () when there are none.

        Raises:
            Misconfigured: Accounts cannot be searched for there.
        """
        ...

    def search_posts(self, account: Account, words: str, *, most: int = 40) -> tuple[FoundPost, ...]:
        """
        Look for what is said in public with these words, the newest there are; our own posts are left out.

        Raises:
            Misconfigured: Nothing can be searched for there.
        """
        ...
