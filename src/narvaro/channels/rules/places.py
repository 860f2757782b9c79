"""Where accounts are, out of what people type."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from django.utils.translation import gettext as _

from narvaro.base import platforms
from narvaro.channels.rules.platforms import is_by_hand
from narvaro.channels.types import Platform
from narvaro.core.types import Invalid

_WORDS_OF_A_NAME = {
    "company": 2, "school": 2, "showcase": 2, "in": 2, "channel": 2, "c": 2, "user": 2, "groups": 2, "people": 3,
    "pages": 3,
}  # fmt: skip
_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
_PLACE = re.compile(r"[\w.-]+(?::\d{1,5})?", re.ASCII)
_BLUESKY_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+|did:[a-z]+:[\w.:%-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an account is, out of what a person typed: server, name on the platform, page to open in a browser."""

    base_url: str
    handle: str
    url: str


def place_of(platform: str, typed: str, *, may_be_open: bool = False) -> Place:
    """
    Return where an account is, from an address or a name as people write them.

    Args:
        typed: "kommunen@social.exempel.se", "https://social.exempel.se/@kommunen", "kommunen.bsky.social",
            "https://bsky.app/profile/…"; for a channel kept by hand any address or name.
        may_be_open: Let addresses without encryption through (tests on the own machine).

    Raises:
        Invalid: It is none of them; says what to write.
    """
    text = typed.strip()
    if not text or not text.isprintable():
        raise Invalid(_("Skriv kontots adress eller namn."), field="account")
    if "://" in text or text.lower().startswith(("javascript:", "data:", "vbscript:", "file:")):
        has_server = platform in (Platform.MASTODON, Platform.BLUESKY)  # one that gets our key
        _refuse_odd_address(text, may_be_open=may_be_open or not has_server)
    if platform == Platform.MASTODON:
        return _mastodon_place(text)
    if platform == Platform.BLUESKY:
        return _bluesky_place(text)
    return _place_by_hand(platform, text)


def _refuse_odd_address(text: str, *, may_be_open: bool) -> None:
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and not parts.username and not parts.password and (parts.port or 1) > 0
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in ("http", "https"):
        raise Invalid(_("Adressen går inte att använda. Den ska börja med https://."), field="account")
    if parts.scheme == "http" and not may_be_open:
        raise Invalid(_("Adressen ska börja med https://, så att nycklar inte sänds öppet."), field="account")


def _mastodon_place(text: str) -> Place:
    if "://" in text:
        parts = urlsplit(text)
        base, host = f"{parts.scheme}://{parts.netloc}", parts.netloc
        name = next((word.lstrip("@") for word in reversed(parts.path.split("/")) if word), "").partition("@")[0]
    else:
        name, _at, host = text.lstrip("@").partition("@")
        base = f"https://{host}"
    if not _NAME.fullmatch(name) or not _PLACE.fullmatch(host):
        raise Invalid(
            _("Skriv hela kontot, till exempel kommunen@social.exempel.se eller adressen till kontots sida."),
            field="account",
        )
    return Place(base.lower(), f"{name}@{host.lower()}", f"{base.lower()}/@{name}")


def _bluesky_place(text: str) -> Place:
    name = next(word for word in reversed(text.rstrip("/").split("/"))) if "://" in text else text
    name = name.lstrip("@").lower()
    if not _BLUESKY_NAME.fullmatch(name):
        raise Invalid(_("Skriv kontots namn på Bluesky, till exempel kommunen.bsky.social."), field="account")
    return Place("", name, f"https://bsky.app/profile/{name}")


def _place_by_hand(platform: str, text: str) -> Place:
    """An account on a platform of the catalogue is called by its name there; anywhere else its address is its name."""
    if "://" not in text:
        return Place("", text.lstrip("@"), "")
    if platform == Platform.MANUAL:
        return Place("", text.partition("://")[2].rstrip("/"), text)
    parts = urlsplit(text)
    return Place("", _name_in(parts.path, parts.query) or str(parts.hostname), text)


def _name_in(path: str, query: str) -> str:
    """The account in an address on a platform, whatever of the account's the address leads to; "" when none is."""
    words = [word for word in path.split("/") if word]
    if not words:
        return ""
    if words[0] == "profile.php":
        number = parse_qs(query).get("id", [""])[0]
        return f"profile.php?id={number}" if number else ""
    return "/".join(words[: _WORDS_OF_A_NAME.get(words[0], 1)]).removeprefix("@")


def handle_key(handle: str) -> str:
    """Return a handle as accounts are looked up by: whatever the letters' case, and however å, ä and ö are written."""
    plain = unquote(handle.strip())
    text = plain if plain.isprintable() else handle.strip()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def accounts_meant(typed: str) -> list[tuple[str, str]]:
    """
    Return the accounts that somebody may mean by what they typed, as (platform, key of the handle).

    The platform is "" where nothing tells it. [] when the text names no account at all.
    """
    text = unicodedata.normalize("NFC", typed.strip()[:500])
    if not text or not text.isprintable():
        return []
    if "/" not in text:
        name = handle_key(text.lstrip("@"))
        return [("", name)] if name else []
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.netloc.rpartition("@")[2].casefold()
    except ValueError:
        return []
    if not host:
        return []
    platform = platforms.platform_at(text)
    if platform == Platform.BLUESKY:
        words = [word for word in parts.path.split("/") if word]
        found = [word for before, word in pairwise(words) if before == "profile"]
        return [(platform, handle_key(word)) for word in found]
    if platform:
        name = handle_key(_name_in(parts.path, parts.query))
        return [(platform, name)] if name else []
    return _accounts_on_a_server(host, parts.path)


def _accounts_on_a_server(host: str, path: str) -> list[tuple[str, str]]:
    words = [word for word in handle_key(path).split("/") if word]
    named = [word.removeprefix("@") for word in words[:1] if word.startswith("@")]
    named += [word for before, word in pairwise(words) if before == "users"]
    whole = f"{host}/{'/'.join(words)}".rstrip("/")
    return [
        *((Platform.MASTODON.value, name if "@" in name else f"{name}@{host}") for name in named),
        (Platform.MANUAL.value, whole),
    ]


def platform_of(chosen: str, account: str) -> str:
    """
    Return the platform that an account stands on, from what was chosen and from the address that was typed.

    An address on a platform we know tells more than a choice left as it was; only that an account is seen to by hand
    although it could be connected is believed.
    """
    found = platforms.platform_at(account) if "://" in account or "/" in account else ""
    if not found or (chosen == Platform.MANUAL and not is_by_hand(found)):
        return chosen
    return found


def is_choice(remote_id: str, handle: str, wanted_id: str, wanted_handle: str) -> bool:
    """Whether an account that let us in is the channel's: by the platform's id where it is known, else by its name."""
    if wanted_id:
        return remote_id == wanted_id
    name = wanted_handle.removeprefix("profile.php?id=").rpartition("/")[2]  # "company/…" and "channel/…" before it
    return name in (remote_id, remote_id.rpartition(":")[2]) or is_same_account(name, handle)


def is_same_account(expected: str, found: str) -> bool:
    """
    Whether the account that let us in is the one the channel stands for (P8).

    Only the name counts when a server calls itself by another domain than people write.
    """
    wanted, given = expected.lstrip("@").casefold(), found.lstrip("@").casefold()
    return wanted == given or ("@" in wanted and wanted.partition("@")[0] == given.partition("@")[0])
