"""What plainly fictional residents of Storköping write: items as a connector gives them, as heavy as real ones."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from narvaro.connectors.port import Author, Item, Kind

_PLACES = (
    "biblioteket", "badhuset", "Storgatan", "Kvarnvägen", "simhallen", "förskolan", "Solrosen", "hållplatsen",
    "Torget", "återvinningscentralen", "lekplatsen", "idrottsplatsen", "Strandpromenaden", "kulturhuset",
    "rondellen", "äldreboendet", "Eken", "skolan", "Björken", "parkeringen", "gångtunneln", "busstationen",
)  # fmt: skip
_MATTERS = (
    "öppettiderna", "snöröjningen", "belysningen", "sophämtningen", "bygglovet", "köerna", "avgiften", "trafiken",
    "vattentrycket", "maten", "parkeringstillståndet", "cykelbanan", "bullret", "städningen", "schemat", "bussarna",
    "isbanan", "fiberanslutningen", "hastigheten",
)  # fmt: skip
_BEGINNINGS = (
    "Hej, när blir {matter} vid {place} bättre?",
    "Vad gäller för {matter} vid {place} i helgen?",
    "Tack för {matter} vid {place}, det märks att ni anstränger er.",
    "Det är tredje veckan som {matter} vid {place} inte fungerar.",
    "Vem ansvarar för {matter} vid {place}? Jag har ringt två gånger utan att komma fram.",
    "Kan ni berätta varför {matter} vid {place} har ändrats?",
    "Bra att ni tar tag i {matter}. Men hur blir det vid {place}?",
)
_MORE = (
    "Vi är flera grannar som undrar.",
    "Mina barn går där varje dag och det känns inte tryggt när det är mörkt.",
    "Jag läste på er webbplats att det skulle vara klart före sommaren.",
    "Det fungerade mycket bättre förra året.",
    "Finns det någon plan för hösten?",
    "Skulle uppskatta ett svar.",
    "Det är väl inte rimligt att vi som bor på andra sidan ån ska behöva åka hela vägen runt.",
    "Jag skickar gärna bilder om det hjälper.",
    "Hälsningar från en som bor nära.",
)
_RARE = (
    (0.010, "Ring mig på 070-174 06 05."),
    (0.010, "Skriv till boende@exempel.se så berättar jag mer."),
    (0.004, "Jag vill begära ut handlingarna i ärendet."),
    (0.001, "Någon borde bränna ner hela kommunhuset."),
    (0.0005, "Jag orkar inte leva längre."),
)
PEOPLE = 20_000
THREADS_EACH = 40  # comments a post gets, on average
_AVATAR = "https://media.social.example/accounts/avatars/000/{n:06d}/original/{n:032x}.png"


def comments(count: int, *, start: int, seed: int = 7) -> list[Item]:
    """Return `count` comments, number `start` and on: always the same for the same numbers."""
    dice = random.Random(f"{seed}:{start}")
    begun = datetime.fromisoformat("2026-01-05T08:00:00+00:00")
    return [_comment(n, begun + timedelta(seconds=20 * n), dice) for n in range(start, start + count)]


def _comment(number: int, at: datetime, dice: random.Random) -> Item:
    words = [dice.choice(_BEGINNINGS).format(matter=dice.choice(_MATTERS), place=dice.choice(_PLACES))]
    words += dice.sample(_MORE, k=dice.choice((0, 0, 1, 1, 2, 3)))
    words += [rare for chance, rare in _RARE if dice.random() < chance]
    text = " ".join(words)
    who = dice.randrange(PEOPLE)
    post = f"11{number // THREADS_EACH:016d}"
    remote_id = f"12{number:016d}"
    handle = f"boende{who}@social.example"
    url = f"https://social.example/@boende{who}/{remote_id}"
    raw = _raw(remote_id, post, at, text, who, handle, url)
    return Item(
        remote_id=remote_id, kind=Kind.COMMENT, author=Author(f"9{who:07d}", handle, f"Boende {who}", url), text=text,
        published_at=at, raw=raw, parent_remote_id=post, root_remote_id=post, url=url, language="sv",
        counts={"likes": who % 7, "reposts": 0, "replies": 0},
    )  # fmt: skip


def _raw(remote_id: str, post: str, at: datetime, text: str, who: int, handle: str, url: str) -> bytes:
    """A status as a Mastodon server gives it: most of it says who wrote it."""
    avatar = _AVATAR.format(n=who)
    return json.dumps(
        {
            "id": remote_id, "created_at": at.isoformat(), "in_reply_to_id": post,
            "in_reply_to_account_id": "109876543210", "sensitive": False, "spoiler_text": "", "visibility": "public",
            "language": "sv", "uri": url, "url": url, "replies_count": 0, "reblogs_count": 0,
            "favourites_count": who % 7, "edited_at": None, "content": f"<p>{text}</p>", "reblog": None,
            "application": None, "media_attachments": [], "tags": [], "emojis": [], "card": None, "poll": None,
            "account": {
                "id": f"9{who:07d}", "username": f"boende{who}", "acct": handle, "display_name": f"Boende {who}",
                "locked": False, "bot": False, "discoverable": True, "indexable": False, "group": False,
                "created_at": "2022-11-07T00:00:00.000Z", "note": "<p>Bor i Storköping.</p>", "url": url,
                "uri": url, "avatar": avatar, "avatar_static": avatar, "header": avatar, "header_static": avatar,
                "followers_count": who % 901, "following_count": who % 603, "statuses_count": who % 4001,
                "last_status_at": at.date().isoformat(), "hide_collections": None, "noindex": False, "emojis": [],
                "roles": [], "fields": [{"name": "Ort", "value": "Storköping", "verified_at": None}],
            },
            "mentions": [{
                "id": "109876543210", "username": "storkoping", "url": "https://social.example/@storkoping",
                "acct": "storkoping",
            }],
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
