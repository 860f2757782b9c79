"""
The platforms where an authority may have an account, as data: `platforms.toml`.

What stands here is what a register, a page about personal data and an assessment need to know of a place: whose it
is, its terms, who is responsible for personal data there, and how long a profile may be. Whether Närvaro can read
and write there itself is said by the connectors, not here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

OTHER: Final = "manual"
"""The key of any place that is not in the catalogue."""


class Transfer(StrEnum):
    """Where the personal data of those who write there go (GDPR-10)."""

    WITHIN_EU = "within_eu"
    UNITED_STATES = "united_states"
    OTHER_COUNTRY = "other_country"
    BY_SERVER = "by_server"


@dataclass(frozen=True)
class PlatformFacts:
    """
    A place: whose it is, and what one has agreed to by being there.

    `joint_controller_url` is the operator's arrangement for those who share responsibility for personal data with it,
    "" where none is known (GDPR-2). `profile_length` is how many characters a presentation may have, None where it is
    long enough not to matter (BBS-2). `api_ends_on` is when the interface that is used stops, None where no day is
    told. `read_on` is when the facts were looked over.
    """

    key: str
    name: str
    hosts: tuple[str, ...]
    operator: str
    terms_url: str
    privacy_url: str
    joint_controller_url: str
    transfer: Transfer
    profile_length: int | None
    api: str
    api_ends_on: date | None
    read_on: date


@cache
def catalogue() -> Mapping[str, PlatformFacts]:
    """Return every platform by key, in the order they are offered; `OTHER` last."""
    found = tomllib.loads(files("narvaro.base").joinpath("platforms.toml").read_text(encoding="utf-8"))
    return MappingProxyType({key: _facts(key, row, found["read_on"]) for key, row in found["platform"].items()})


def platform(key: str) -> PlatformFacts:
    """Return the facts of a platform; those of `OTHER` for a key that is not in the catalogue (any more)."""
    return catalogue().get(key) or catalogue()[OTHER]


def platform_at(address: str) -> str:
    """Return the key of the platform that an address leads to, "" when its host tells nothing."""
    try:
        host = (urlsplit(address if "://" in address else f"https://{address}").hostname or "").casefold()
    except ValueError:
        return ""
    for key, facts in catalogue().items():
        if any(host == each or host.endswith(f".{each}") for each in facts.hosts):
            return key
    return ""


def _facts(key: str, row: Mapping[str, object], read_on: date) -> PlatformFacts:
    length, ends = row.get("profile_length"), row.get("api_ends_on")
    hosts = row.get("hosts", [])
    assert isinstance(length, int | None)
    assert isinstance(ends, date | None)
    assert isinstance(hosts, list)
    return PlatformFacts(
        key=key,
        name=str(row["name"]),
        hosts=tuple(str(each) for each in hosts),
        operator=str(row.get("operator", "")),
        terms_url=str(row.get("terms_url", "")),
        privacy_url=str(row.get("privacy_url", "")),
        joint_controller_url=str(row.get("joint_controller_url", "")),
        transfer=Transfer(str(row["transfer"])),
        profile_length=length,
        api=str(row.get("api", "")),
        api_ends_on=ends,
        read_on=read_on,
    )
