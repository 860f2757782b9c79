"""
Addresses that pretend to be somebody else's: our own name, or a service that residents trust, at another place.

Reads the text as it was written, since look-alike letters are what it looks for. No link is ever followed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

from .finding import Context, Severity

Detected = tuple[int, int, Severity | None]

_DOMAIN = re.compile(r"(?<![\w@.-])((?:[^\W_][\w-]{0,62}\.){1,6}[^\W\d_]{2,24})(?![\w-]|\.\w)")
_SCHEME = re.compile(r"(?:https?|hxxps?)://$", re.IGNORECASE)
# Endings under which anybody's name has two parts.
_SECOND_LEVEL = {"co", "com", "org", "net", "gov", "ac"}
# Without "https://" before it, a full stop with a word after it is an address only where the word is such an ending.
_ENDINGS = {
    "app", "biz", "blog", "bond", "buzz", "cam", "cc", "center", "cf", "cfd", "ch", "click", "cloud", "club", "cn",
    "co", "com", "de", "dev", "digital", "dk", "es", "eu", "example", "fi", "fm", "fr", "fun", "ga", "gg", "gq",
    "group", "help", "icu", "info", "io", "life", "link", "live", "lol", "ly", "me", "ml", "mobi", "monster", "net",
    "news", "nl", "nu", "online", "org", "page", "pl", "pro", "pw", "quest", "rest", "ru", "sbs", "se", "service",
    "services", "shop", "site", "space", "store", "su", "support", "team", "tech", "tk", "today", "top", "tv", "uk",
    "us", "vip", "website", "win", "world", "xyz", "zone",
}  # fmt: skip

# What residents trust, and where it really is. An ending alone ("se") means the name under that ending.
_TRUSTED: dict[str, frozenset[str]] = {
    "bankid": frozenset({"bankid.com", "bankid.no", "bankid.se"}),
    "mobiltbankid": frozenset(),
    "1177": frozenset({"1177.se"}),
    "skatteverket": frozenset({"skatteverket.se"}),
    "kronofogden": frozenset({"kronofogden.se"}),
    "postnord": frozenset({"postnord.se", "postnord.com", "postnord.no", "postnord.dk", "postnord.fi"}),
    "forsakringskassan": frozenset({"forsakringskassan.se"}),
    "transportstyrelsen": frozenset({"transportstyrelsen.se"}),
    "arbetsformedlingen": frozenset({"arbetsformedlingen.se"}),
    "migrationsverket": frozenset({"migrationsverket.se"}),
    "pensionsmyndigheten": frozenset({"pensionsmyndigheten.se"}),
    "bolagsverket": frozenset({"bolagsverket.se"}),
    "trafikverket": frozenset({"trafikverket.se"}),
    "folkhalsomyndigheten": frozenset({"folkhalsomyndigheten.se"}),
    "lantmateriet": frozenset({"lantmateriet.se"}),
    "polisen": frozenset({"polisen.se"}),
    "krisinformation": frozenset({"krisinformation.se"}),
    "minmyndighetspost": frozenset({"minmyndighetspost.se"}),
    "kivra": frozenset({"kivra.se", "kivra.com"}),
    "digipost": frozenset({"digipost.se", "digipost.no"}),
    "frejaeid": frozenset({"frejaeid.com", "frejaeid.se"}),
    "csn": frozenset({"csn.se"}),
    "swish": frozenset({"swish.nu", "getswish.se", "swish.se"}),
    "klarna": frozenset({"klarna.com", "klarna.se", "klarna.net"}),
    "swedbank": frozenset({"swedbank.se", "swedbank.com", "swedbankrobur.se", "swedbank.lt", "swedbank.ee"}),
    "handelsbanken": frozenset({"handelsbanken.se", "handelsbanken.com", "handelsbanken.no", "handelsbanken.dk"}),
    "nordea": frozenset({"nordea.se", "nordea.com", "nordea.fi", "nordea.no", "nordea.dk"}),
    "seb": frozenset({"seb.se", "sebgroup.com", "seb.ee", "seb.lt", "seb.lv"}),
    "lansforsakringar": frozenset({"lansforsakringar.se"}),
    "skandiabanken": frozenset({"skandiabanken.se", "skandiabanken.no"}),
    "dhl": frozenset({"dhl.com", "dhl.se", "dhl.de"}),
    "instabox": frozenset({"instabox.se", "instabox.io"}),
    "budbee": frozenset({"budbee.com"}),
    "telia": frozenset({"telia.se", "telia.com", "teliacompany.com"}),
    "vattenfall": frozenset({"vattenfall.se", "vattenfall.com", "vattenfall.de"}),
    "blocket": frozenset({"blocket.se"}),
    "tradera": frozenset({"tradera.com"}),
    "facebook": frozenset({"facebook.com", "facebookmail.com", "facebook.net"}),
    "instagram": frozenset({"instagram.com"}),
    "paypal": frozenset({"paypal.com", "paypal.me"}),
    "netflix": frozenset({"netflix.com"}),
}  # fmt: skip
_SHORT = 6  # letters; a shorter name must stand as a word of its own
_LONG = 8  # letters; a shorter name of somebody else's may be one letter from an honest word
# What is added to a name to make it look like a door: legitimate neighbours of a name have other words.
_DOORS = {
    "account", "aterbaring", "aterbetalning", "bankid", "betala", "betalning", "bidrag", "com", "e", "etjanst",
    "etjanster", "faktura", "id", "info", "inloggning", "kommun", "kommunen", "konto", "kundtjanst", "leverans",
    "logga", "loggain", "login", "mina", "minasidor", "mobiltbankid", "nu", "official", "officiell", "online",
    "paket", "pay", "portal", "post", "presentkort", "sakerhet", "se", "secure", "security", "service", "sidor",
    "signin", "sparning", "support", "tjanst", "tjanster", "update", "uppdatera", "uppdatering", "verifiera",
    "verifiering", "verify", "vinnare", "vinst",
}  # fmt: skip
_CONFUSED = str.maketrans("01345789", "oleastbg")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))


def lookalike_domains(text: str, context: Context) -> Iterator[Detected]:
    """Find domain names that imitate our own or those of known services."""
    for match in _DOMAIN.finditer(text):
        start, end = match.span(1)
        written = match.group(1).lower()
        if written.rpartition(".")[2] not in _ENDINGS and not _SCHEME.search(text[max(0, start - 9) : start]):
            continue
        if _is_lookalike(written, context.own_domains):
            yield start, end, None


@lru_cache(maxsize=4096)
def _is_lookalike(written: str, own: frozenset[str]) -> bool:
    domain = _latin(written)
    labels = domain.split(".")
    at = -3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2
    registered, name = ".".join(labels[at:]), labels[at]
    if written == domain and (
        registered in _GENUINE or any(domain == one or domain.endswith(f".{one}") for one in own)
    ):
        return False
    others_letters = written != domain and not _is_swedish(written)
    for brand in _TRUSTED:
        if any(_imitates(label, brand) for label in (*labels[:at], name)):
            return True
    for one in own:
        brand = _latin(one).rsplit(".", 1)[0].rpartition(".")[2]
        if len(brand) > 3 and _imitates_own(domain, labels, name, brand, one, others_letters):
            return True
    return others_letters and _is_mixed(written)


def _imitates(label: str, brand: str) -> bool:
    """Tell whether a part of an address is made to be read as `brand`. The genuine ones are sorted out before."""
    words = label.split("-")
    if brand in words or label.replace("-", "") == brand:
        return True
    if len(brand) < _SHORT:
        rest = label.removeprefix(brand) if label.startswith(brand) else label.removesuffix(brand)
        return rest != label and rest.strip("-") in _DOORS
    plain = label.replace("-", "")
    if brand in plain:
        return True
    return any(
        brand in reading or (len(brand) >= _LONG and _is_one_off(reading, brand))
        for reading in _readings(plain) | set(words)
    )


def _imitates_own(domain: str, labels: list[str], name: str, brand: str, own: str, others_letters: bool) -> bool:
    """Clubs, papers and companies carry a place's name lawfully; only what plays us is told."""
    latin = _latin(own)
    if domain == latin and not others_letters:
        return False  # our own name with its dots
    if latin in domain or latin.replace(".", "-") in domain.replace(".", "-").split("www-")[-1]:
        return not domain.endswith(latin)
    if name == brand:
        return True  # our name under another ending
    plain = name.replace("-", "")
    if plain != brand and any(reading == brand or _is_one_off(reading, brand) for reading in _readings(plain)):
        return True
    words = name.split("-")
    if any(word == brand or _is_one_off(word, brand) for word in words) and all(
        word in _DOORS or word == brand or _is_one_off(word, brand) for word in words
    ):
        return True
    return plain.startswith(brand) and plain[len(brand) :].removeprefix("s") in _DOORS


def _readings(label: str) -> set[str]:
    plain = label.translate(_CONFUSED)
    found = {label, plain}
    for pair, letter in _PAIRS:
        found.add(plain.replace(pair, letter))
    found.add(label.replace("1", "i").translate(_CONFUSED))
    found.add(plain.replace("l", "i"))
    return found


def _is_one_off(word: str, brand: str) -> bool:
    """Tell whether one letter is added, lost, changed, or two have changed places."""
    if word == brand or len(brand) < _SHORT or abs(len(word) - len(brand)) > 1:
        return False
    first = next((at for at, (one, two) in enumerate(zip(word, brand, strict=False)) if one != two), None)
    if first is None:
        return True
    rest, right = word[first:], brand[first:]
    return (
        rest[1:] == right[1:]
        or rest[1:] == right
        or rest == right[1:]
        or (rest[:2] == right[1::-1] and rest[2:] == right[2:])
    )


@lru_cache(maxsize=4096)
def _latin(written: str) -> str:
    parts = unicodedata.normalize("NFKD", written.translate(_LETTERS))
    return "".join(part for part in parts if not unicodedata.combining(part))


def _is_swedish(written: str) -> bool:
    return all(sign.isascii() or sign in "åäöéü" for sign in written)


def _is_mixed(written: str) -> bool:
    """Tell whether one part of the address mixes Latin letters with letters of another alphabet."""
    return any(
        any(sign.isascii() and sign.isalpha() for sign in label) and any(sign in _OTHER_LETTERS for sign in label)
        for label in written.split(".")
    )


_OTHER_LETTERS = "асеорхуіѕјԁһԛԝкмтвнгαεικνορτυχωβη"
_LETTERS = str.maketrans(_OTHER_LETTERS + "øæıłđ", "aceopxyisjdhqwkmtbhraeiknoptuxwbn" + "oaild")
_GENUINE = frozenset().union(*_TRUSTED.values())

LINK_DETECTORS: dict[str, Callable[[str, Context], Iterator[Detected]]] = {"lookalike_domains": lookalike_domains}
