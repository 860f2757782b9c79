"""Publishing once on X, and finding out afterwards by reading the account."""

from __future__ import annotations

from datetime import datetime, timedelta

from narvaro.base import clock
from narvaro.connectors.attempts import SIMILAR_SHOWN, attempted, essence
from narvaro.connectors.client import Json, Reply, part, word
from narvaro.connectors.films import CannotBe, refuse_unfit
from narvaro.connectors.granted import Line
from narvaro.connectors.port import (
    Item,
    Limits,
    NotThere,
    Outgoing,
    Picture,
    PlatformError,
    Poll,
    Published,
    ReconnectNeeded,
    Refused,
    Unknown,
    Visibility,
)
from narvaro.connectors.x import films
from narvaro.connectors.x.posts import Beside, item_of
from narvaro.connectors.x.reading import looked_up, own_since, safe_id
from narvaro.connectors.x.text import LINK, MOST, text_of, weighted

SETTLED_AFTER = timedelta(minutes=2)
CLOCKS_DIFFER = timedelta(seconds=30)
# A subscription that allows longer posts and films is not counted on.
LIMITS = Limits(
    MOST, "weighted", LINK, max_pictures=4, max_picture_bytes=5_000_000, max_alt_length=1000,
    max_film_bytes=512_000_000, max_film_seconds=140, takes_captions=True,
)  # fmt: skip
MOST_OPTION = 25  # signs of a choice in a poll
POLL_MINUTES = (5, 10_080)


def publish(line: Line, our_id: str, handle: str, post: Outgoing) -> Published | Refused | Unknown:
    """Publish once. See `Connector.publish`."""
    try:
        wanted = _prepared(line, post)
    except CannotBe as no:
        return Refused(str(no))
    except PlatformError as error:
        return Refused(f"Inget är publicerat. {error}", error)
    reply = attempted(lambda: line.call("POST", "/2/tweets", json=wanted))
    if not isinstance(reply, Reply):
        return reply
    if reply.ok:
        return _published(line, our_id, handle, post, reply)
    meaning, told = line.refusal(reply), reply.told()
    if isinstance(meaning, ReconnectNeeded) and reply.status == 403 and "scope" not in told.lower():
        meaning = None  # the words or the answer are not allowed; the key is good
    if meaning is None:
        return Refused(f"X godtog inte inlägget. {told}".strip())
    return Refused(f"Inget är publicerat. {meaning}", meaning)


def settle(line: Line, our_id: str, handle: str, post: Outgoing, at: datetime) -> Published | NotThere | Unknown:
    """Find out by reading only. See `Connector.settle`."""
    try:
        posts, beside = own_since(line, our_id, at - CLOCKS_DIFFER)
    except PlatformError as error:
        return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
    items: list[Item] = []
    for each in posts:
        item = item_of(each, beside, our_id, our_handle=handle)
        if item is None:
            continue
        if item.parent_remote_id == post.parent_remote_id and essence(text_of(each)) == essence(post.text):
            return Published(item)
        items.append(item)
    return NotThere(certain=clock.now() - at >= SETTLED_AFTER, similar=tuple(items[:SIMILAR_SHOWN]))


def _prepared(line: Line, post: Outgoing) -> Json:
    if not post.text.strip() and not post.pictures and post.film is None:
        raise CannotBe("Inlägget är tomt. Skriv något först.")
    if weighted(post.text) > MOST:
        raise CannotBe(f"Inlägget är {weighted(post.text) - MOST} tecken för långt, som X räknar. Inget är publicerat.")
    if post.visibility in {Visibility.FOLLOWERS, Visibility.PRIVATE}:
        raise CannotBe("På X går det inte att svara bara till en sluten krets härifrån. Inget är publicerat.")
    if post.film is not None:
        refuse_unfit(post.film, "X", LIMITS, films.KINDS)
    wanted: Json = {"text": post.text}
    if post.poll is not None:
        wanted["poll"] = _poll(post, post.poll)
    if post.parent_remote_id:
        wanted["reply"] = {"in_reply_to_tweet_id": safe_id(post.parent_remote_id)}
    if post.pictures:
        wanted["media"] = {"media_ids": [_uploaded(line, each) for each in post.pictures]}
    elif post.film is not None:
        wanted["media"] = {"media_ids": [films.uploaded(line, post.film)]}
    return wanted


def _poll(post: Outgoing, poll: Poll) -> Json:
    minutes = poll.hours * 60
    if post.pictures or post.film is not None:
        raise CannotBe("På X kan ett inlägg ha en omröstning eller bilder, inte båda. Inget är publicerat.")
    if poll.is_multiple:
        raise CannotBe("På X väljer den som röstar ett av svaren, inte flera. Inget är publicerat.")
    if not 2 <= len(poll.options) <= 4 or len(set(poll.options)) < len(poll.options):
        raise CannotBe("En omröstning på X har två till fyra olika svar. Inget är publicerat.")
    if not all(len(each.strip()) > 0 and len(each) <= MOST_OPTION for each in poll.options):
        raise CannotBe(f"Ett svar i en omröstning på X är högst {MOST_OPTION} tecken. Inget är publicerat.")
    if not POLL_MINUTES[0] <= minutes <= POLL_MINUTES[1]:
        raise CannotBe("En omröstning på X pågår högst sju dygn. Inget är publicerat.")
    return {"options": list(poll.options), "duration_minutes": minutes}


def _uploaded(line: Line, picture: Picture) -> str:
    """Upload a picture and say what it shows; stop if the platform did not keep that (P24)."""
    file = {"media": ("bild", picture.content, picture.media_type)}
    form = {"media_category": "tweet_image", "media_type": picture.media_type}
    reply = line.call("POST", "/2/media/upload", form=form, files=file, deadline_seconds=120)
    if reply.status in {400, 413, 415, 422}:
        raise CannotBe(f"X godtog inte bilden. Inget är publicerat. {reply.told()}".strip())
    remote_id = word(part(_good(line, reply), "data"), "id")
    if not remote_id:
        raise CannotBe("X tog emot bilden men gav den ingen beteckning. Inget är publicerat.")
    said = {"id": remote_id, "metadata": {"alt_text": {"text": picture.alt}}}
    answer = _good(line, line.call("POST", "/2/media/metadata", json=said))
    kept = word(part(part(part(answer, "data"), "associated_metadata"), "alt_text"), "text")
    if essence(kept) != essence(picture.alt):
        raise CannotBe("X sparade inte bildens alternativtext. Inget är publicerat.")
    return remote_id


def _good(line: Line, reply: Reply) -> Json:
    error = line.refusal(reply)
    if error is not None:
        raise error
    return reply.document()


def _published(line: Line, our_id: str, handle: str, post: Outgoing, reply: Reply) -> Published | Unknown:
    try:
        remote_id = word(part(reply.document(), "data"), "id")
    except PlatformError as error:
        return Unknown(f"Det är oklart om det gick ut. {error}")
    if not remote_id:
        return Unknown("Det är oklart om inlägget publicerades. X gav inget inlägg tillbaka.")
    try:  # the answer holds no more than the id and the text: read it whole, with its pictures' words
        items, _gone = looked_up(line, our_id, handle, [remote_id])
        if items:
            return Published(items[0])
    except PlatformError:
        pass
    now = clock.now().isoformat()
    bare = {**part(reply.document(), "data"), "author_id": our_id, "created_at": now}
    if post.parent_remote_id:
        bare |= {
            "referenced_tweets": [{"type": "replied_to", "id": post.parent_remote_id}],
            "conversation_id": post.root_remote_id,
        }  # fmt: skip
    item = item_of(bare, Beside({}), our_id, our_handle=handle)
    return Published(item) if item else Unknown("Det är oklart om inlägget publicerades. X gav inget inlägg tillbaka.")
