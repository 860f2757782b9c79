"""Keeping by hand what no connector reads: a thread that somebody pasted, screenshots, what we published ourselves."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.types import ChannelState
from narvaro.connectors.port import Author, Kind, MediaKind, Medium, Page, Visibility
from narvaro.connectors.port import Item as Found
from narvaro.core import audit, ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, Invalid, NotPermitted
from narvaro.media import store
from narvaro.media.types import BlobMissing
from narvaro.records import rules
from narvaro.records.actions.capture import capture, write_file_note
from narvaro.records.actions.files import keep_enclosed_file
from narvaro.records.actions.gaps import note_gap
from narvaro.records.models import Item
from narvaro.records.types import Source

if TYPE_CHECKING:
    from narvaro.channels.models import Channel

MOST_ITEMS = 100
MOST_PICTURES = 20
MAX_PICTURE_BYTES = 12_000_000
MAX_PIXELS = 80_000_000
MAX_TEXT = 200_000
PICTURE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_PREFIX = "narvaro:hand:"  # no platform knows these ids, so nothing that reads one takes them for its own


@dataclass(frozen=True, slots=True)
class HandItem:
    """One thing somebody wrote, as a person entered it. `parent` is the place in the list of what it answers."""

    text: str
    author: str = ""
    published_at: datetime | None = None
    parent: int | None = None
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class HandPicture:
    """A screenshot that stands in the store already; `item` is the place in the list of what it shows."""

    digest: str
    media_type: str
    name: str = ""
    alt: str = ""
    item: int = 0


def store_screenshot(*, actor: Actor, content: bytes, name: str) -> HandPicture:
    """
    Put a screenshot in the store, byte for byte as it was given; what is not kept within a day is swept away.

    Raises:
        NotPermitted: The actor only reads.
        Invalid: Too large, or not a picture that can be shown.
    """
    if not rules.may_bring_in(actor):
        raise NotPermitted
    if len(content) > MAX_PICTURE_BYTES:
        raise Invalid(_("%(name)s är för stor. En bild får vara högst 12 MB.") % {"name": name}, field="pictures")
    try:
        with Image.open(io.BytesIO(content)) as opened:
            media_type = PICTURE_TYPES.get(opened.format or "", "")
            is_huge = opened.width * opened.height > MAX_PIXELS
            opened.verify()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        media_type, is_huge = "", False
    if not media_type or is_huge:
        raise Invalid(
            _("%(name)s går inte att läsa som en bild. Välj PNG, JPEG, WebP eller GIF.") % {"name": name},
            field="pictures",
        )
    return HandPicture(store.keep(actor.authority_id, content), media_type, name)


def capture_by_hand(
    *,
    actor: Actor,
    channel: Channel,
    items: Sequence[HandItem],
    pictures: Sequence[HandPicture] = (),
    link: str = "",
    is_private: bool = False,
    is_mail: bool = False,
) -> list[Item]:
    """
    Keep a thread that a person has entered and looked through; returns its items in the order given.

    With a link the thread is known again: what was entered before is left as it is and what is new joins it
    (P11). Without one every entering is its own thread, so that nothing is taken for something else. What such a
    thread lacks is entered in the gap ledger.

    Args:
        link: Where the thread stands, when it has an address.
        is_private: It was written to us alone.
        is_mail: It came out of a notification e-mail.

    Raises:
        NotPermitted: The actor only reads.
        Invalid: Nothing to keep, too much, a place that is not in the list, or a link that is none.

    Law: TF-1, TF-2, TF-4, ARK-1; P11, P25
    """
    if not rules.may_bring_in(actor):
        raise NotPermitted
    link = _checked(channel, items, pictures, link)
    found = _found(actor, channel, items, pictures, link, is_private=is_private)
    with transaction.atomic():
        capture(channel=channel, page=Page(items=tuple(found), next_cursor=""), source=Source.MANUAL)
        for picture in pictures:
            keep_enclosed_file(
                channel=channel, remote_id=found[picture.item].remote_id, url=_url(picture),
                content=_content(actor, picture), media_type=picture.media_type,
            )  # fmt: skip
        rows = Item.objects.of(actor).filter(channel=channel, remote_id__in=[each.remote_id for each in found])
        kept = {item.remote_id: item for item in rows.select_related("channel")}
        made = [kept[each.remote_id] for each in found]
        span = [each.published_at for each in found]
        for lack in _lacks(items, is_mail=is_mail, has_pictures=bool(pictures)):
            note_gap(channel=channel, why=lack, from_at=min(span), until_at=max(span))
        audit.note(actor, "records.capture_by_hand", made[0], items=len(made), pictures=len(pictures))
    ledger.sequence(core.authority_of(actor))
    return made


@transaction.atomic
def keep_evidence_note(
    *, actor: Actor, channel: Channel, text: str, url: str = "", picture: HandPicture | None = None
) -> Item:
    """
    Keep an official's own note of what could not be kept itself, with a screenshot of it if there is one.

    Raises:
        NotPermitted: The actor only reads.
        Invalid: The screenshot is no longer in the store.

    Law: FL-6, BBS-5, P13
    """
    if not rules.may_bring_in(actor):
        raise NotPermitted
    media = (
        (Medium(_url(picture), MediaKind.IMAGE, picture.media_type, picture.alt, picture.digest),) if picture else ()
    )
    kept = write_file_note(actor, channel, text, url=url, media=media)
    if picture:
        keep_enclosed_file(
            channel=channel, remote_id=kept.remote_id, url=_url(picture), content=_content(actor, picture),
            media_type=picture.media_type,
        )  # fmt: skip
    audit.note(actor, "records.keep_evidence_note", kept, pictures=len(media))
    return kept


def register_published(
    *, actor: Actor, channel: Channel, text: str, link: str, published_at: datetime | None = None
) -> Item:
    """
    Keep what the authority has published itself on a platform that Närvaro does not publish to, with its link.

    Raises:
        NotPermitted: The actor only reads.
        Invalid: No text, or the link is none.

    Law: TF-5 (drawn up when it is published)
    """
    if not link.strip():
        raise Invalid(_("Klistra in länken till det som är publicerat."), field="link")
    own = HandItem(text=text, is_own=True, published_at=published_at)
    (item,) = capture_by_hand(actor=actor, channel=channel, items=[own], link=link)
    return item


def _lacks(items: Sequence[HandItem], *, is_mail: bool, has_pictures: bool) -> list[str]:
    """Return what a thread entered by hand lacks beside one that was read from its platform."""
    if len(items) == 1 and items[0].is_own:
        found = ["Registrerat för hand: svar på det vi publicerade läses inte från plattformen."]
    elif is_mail:
        found = ["Inlagt ur ett aviseringsmejl: texten kan vara avkortad, och bilder och senare svar saknas."]
    else:
        found = ["Inlagt för hand: svar som var dolda eller skrevs senare saknas, och ändringar märks inte."]
    if has_pictures:
        found.append("Inlagt ur skärmbilder: det som bara står i bilden går inte att söka efter.")
    undated = sum(item.published_at is None for item in items)
    if undated and not items[0].is_own:
        found.append(f"Inlagt för hand: {undated} av {len(items)} delar saknade tidpunkt och fick den då de lades in.")
    return found


def _checked(channel: Channel, items: Sequence[HandItem], pictures: Sequence[HandPicture], link: str) -> str:
    if channel.state == ChannelState.CLOSED:
        raise Invalid(_("Kanalen är avslutad."))
    if not 0 < len(items) <= MOST_ITEMS or len(pictures) > MOST_PICTURES:
        raise Invalid(
            _("Lägg in mellan en och %(most)s delar åt gången, med högst %(pictures)s bilder.")
            % {"most": MOST_ITEMS, "pictures": MOST_PICTURES}
        )
    shown = {picture.item for picture in pictures}
    if not shown <= set(range(len(items))):
        raise Invalid(_("En bild hör till en del som inte finns."))
    for place, item in enumerate(items):
        if not item.text.strip() and place not in shown:
            raise Invalid(_("Del %(n)s är tom. Skriv vad som står där, eller ta bort den.") % {"n": place + 1})
        if len(item.text) > MAX_TEXT:
            raise Invalid(_("Del %(n)s är för lång.") % {"n": place + 1})
        if item.parent is not None and not 0 <= item.parent < place:
            raise Invalid(_("Del %(n)s kan bara svara på något som står före den.") % {"n": place + 1})
    link = link.strip()
    if link and (not link.lower().startswith(("https://", "http://")) or len(link) > 1000 or not link.isprintable()):
        raise Invalid(_("Klistra in hela länken, med https:// först."), field="link")
    return link


def _found(
    actor: Actor, channel: Channel, items: Sequence[HandItem], pictures: Sequence[HandPicture], link: str, *,
    is_private: bool,
) -> list[Found]:  # fmt: skip
    base = f"{_PREFIX}{_digest(link) if link else uuid7().hex}"
    again: Counter[str] = Counter()
    ids = []
    for place, item in enumerate(items):
        said = _digest(f"{item.author.strip().casefold()}\x1f{item.text.strip()}\x1f{item.is_own}")
        ids.append(f"{base}:{said}:{again[said]}" if link else f"{base}:{place}")
        again[said] += 1
    before = Item.objects.of(actor).filter(channel=channel, remote_id__startswith=f"{base}:").order_by("id").first()
    root = before.thread_key if before is not None else ids[0]
    return [
        _one(channel, item, ids, place, root, [p for p in pictures if p.item == place], link, is_private=is_private)
        for place, item in enumerate(items)
    ]


def _one(
    channel: Channel, item: HandItem, ids: Sequence[str], place: int, root: str, pictures: Sequence[HandPicture],
    link: str, *, is_private: bool,
) -> Found:  # fmt: skip
    moment = now()
    at = min(item.published_at, moment) if item.published_at else moment
    parent = ids[item.parent] if item.parent is not None else "" if ids[place] == root else root
    name = " ".join(item.author.split())[:300]
    author = (
        Author(channel.handle[:300], channel.handle[:300], channel.name)
        if item.is_own
        else Author(f"hand:{name.casefold()}"[:300], name, name)
    )
    kind = Kind.COMMENT if parent else Kind.POST if item.is_own else Kind.MENTION
    said = {
        "author": name, "text": item.text, "published_at": at.isoformat(), "link": link, "is_own": item.is_own,
        "pictures": [picture.digest for picture in pictures],
    }  # fmt: skip
    return Found(
        remote_id=ids[place],
        kind=Kind.MESSAGE if is_private else kind,
        author=author,
        text=item.text.strip(),
        published_at=at,
        raw=json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"),
        is_own=item.is_own,
        parent_remote_id=parent,
        root_remote_id=root,
        visibility=Visibility.PRIVATE if is_private else Visibility.PUBLIC,
        url=link,
        media=tuple(
            Medium(_url(picture), MediaKind.IMAGE, picture.media_type, picture.alt.strip()[:1500], picture.digest)
            for picture in pictures
        ),
    )


def _url(picture: HandPicture) -> str:
    return f"narvaro:picture:{picture.digest}"


def _content(actor: Actor, picture: HandPicture) -> bytes:
    try:
        return store.read(actor.authority_id, picture.digest)
    except BlobMissing:
        raise Invalid(_("En bild finns inte kvar. Välj den igen."), field="pictures") from None


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()
