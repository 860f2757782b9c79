"""Decisions about short links on plain values: codes, where a link may lead, and whose page that is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.utils.translation import gettext as _

from narvaro.base.http import Guard, Refused

ROOT = "/l/"
MOST_TARGET = 1000
_CLEAR = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread on a poster
_RANDOM_LENGTH = 6
_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,28}[a-z0-9])")
_ADDRESS = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
_ENDS_SENTENCE = ".,;:!?…)]}»”"


def a_code() -> str:
    """Return a code by chance: one of 900 million."""
    return "".join(secrets.choice(_CLEAR) for _ in range(_RANDOM_LENGTH))


def tidy_code(code: str) -> str:
    """Return a code as it is kept, however somebody wrote it on the way from a poster."""
    return code.strip().lower()


def is_code(code: str) -> bool:
    """Whether a chosen code can be one: three to thirty letters a to z, figures and hyphens, no hyphen at the ends."""
    return _CODE.fullmatch(code) is not None


def why_not_target(address: str, own_base: str) -> str:
    """
    Return why a short link may not lead to an address, as a sentence; "" when it may.

    Only pages of the web, without a password in the address, and never another short link of ours: that would go round.
    """
    if len(address) > MOST_TARGET:
        return _("Adressen är för lång. En kort länk leder till högst 1000 tecken.")
    if any(each.isspace() or not each.isprintable() or each == "\\" for each in address):
        return _("Adressen går inte att läsa.")
    try:
        found = Guard(allow_private=True).check_url(address)
    except Refused as error:
        return str(error)
    if is_ours(str(found), own_base):
        return _("Adressen är en av era egna korta länkar. Skriv den sida som den leder till.")
    return ""


def is_ours(address: str, own_base: str) -> bool:
    """Whether an address is one of the installation's own short links."""
    found, own = urlsplit(address), urlsplit(own_base)
    return found.netloc.lower() == own.netloc.lower() and found.path.startswith(ROOT)


def host_of(address: str) -> str:
    """Return the host of an address in lower case, "" when it has none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def is_foreign(address: str, website: str) -> bool:
    """Whether an address leads to another site than the authority's own website or a part of it."""
    host, own = host_of(address), host_of(website).removeprefix("www.")
    return not own or not (host == own or host.endswith(f".{own}"))


def tagged(address: str, *, source: str, campaign: str) -> str:
    """Return an address with UTM marks, where it has none of that name already; its fragment stays last."""
    parts = urlsplit(address)
    there = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    wanted = {"utm_source": source, "utm_medium": "social", "utm_campaign": campaign}
    more = urlencode({name: value for name, value in wanted.items() if value and name not in there})
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, more)))))


def addresses_in(text: str) -> list[str]:
    """Return the addresses of the web that stand in a text, each once, in order, without the sentence's end."""
    return list(dict.fromkeys(_without_end(each) for each in _ADDRESS.findall(text)))


def exchanged(text: str, instead: Mapping[str, str]) -> str:
    """Return a text with each of some addresses exchanged for another; an address that only begins like one stays."""

    def put(found: re.Match[str]) -> str:
        address = _without_end(found[0])
        return instead.get(address, address) + found[0][len(address) :]

    return _ADDRESS.sub(put, text)


def _without_end(address: str) -> str:
    while address[-1] in _ENDS_SENTENCE and not (address[-1] == ")" and address.count("(") >= address.count(")")):
        address = address[:-1]
    return address
