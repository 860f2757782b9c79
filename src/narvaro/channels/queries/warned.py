"""
Accounts that the authority says in public are not its own.

A floor above decides which they are, and registers here how it is asked; nobody here knows of cases and evidence.

Law: BBS-2, OD-6
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from narvaro.channels import rules
from narvaro.core.types import Actor

_MOST = 50


@dataclass(frozen=True, slots=True)
class ReportedFalse:
    """An account that poses as the authority, as anybody may know of it."""

    authority: str
    authority_slug: str
    platform: str
    account: str
    name: str
    address: str
    says: str
    since: date
    is_there: bool  # False when the platform has taken it away


warnings: list[Callable[[Actor | None, Collection[str] | None], list[ReportedFalse]]] = []
"""How floors above are asked: whose warnings (None: everybody's), and of which accounts in lower case (None: all)."""


def reported_false(actor: Actor | None, typed: str | None = None) -> list[ReportedFalse]:
    """
    Return the accounts that are said not to be the authority's, newest first; [] when there are none.

    Args:
        actor: Whose warnings; None for those of every authority here, since whoever doubts an account asks.
        typed: Only those that somebody may mean by an address or a name.
    """
    if typed is None:
        accounts, platforms = None, frozenset[str]()
    else:
        meant = rules.accounts_meant(typed)
        if not meant:
            return []
        accounts = frozenset(account for _platform, account in meant)
        platforms = frozenset(platform for platform, _account in meant if platform)
    found = [each for ask in warnings for each in ask(actor, accounts)]
    if platforms:
        found = [each for each in found if each.platform in platforms or not each.platform]
    return found[:_MOST]
