"""What is done with what is out, behind the port: read again, changed, liked, reposted and followed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from narvaro.connectors.port import Account, Item, Outgoing, Published, Refused, Unknown


@runtime_checkable
class Rereading(Protocol):
    """What a connector offers whose platform shows one post by its id."""

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        """Read one post of ours as it stands now; None when the platform says that it is gone."""
        ...


@runtime_checkable
class Editing(Protocol):
    """What a connector offers whose platform lets a post be changed, and shows others that it was."""

    def edit(self, account: Account, remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
        """
        Change the words of our own post: one attempt. Its pictures, warning and circle stay as they are.

        A post that is read back with these words has been changed.
        """
        ...


class Deed(StrEnum):
    """What an account can do in public without writing anything."""

    LIKE = "like"
    REPOST = "repost"
    FOLLOW = "follow"


@dataclass(frozen=True, slots=True)
class Target:
    """What a deed is done to, as the platform showed it when a person looked: another's post, or an account."""

    remote_id: str
    is_account: bool
    handle: str  # whose account, or who wrote the post
    text: str = ""  # what the post says, or what the account calls itself
    url: str = ""
    version: str = ""  # which version of the post, where the platform wants to know


@dataclass(frozen=True, slots=True)
class Done:
    """The platform says that it is so."""


@runtime_checkable
class Acting(Protocol):
    """What a connector offers whose platform lets an account like, repost and follow."""

    def find(self, account: Account, address: str) -> Target | None:
        """Find a public post or an account by the address that people copied, or a name; None when there is none."""
        ...

    def act(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        """Like, repost or follow: one attempt. `key` is chosen before the call and stored."""
        ...

    def take_back(self, account: Account, deed: Deed, target: Target, key: str) -> Done | Refused | Unknown:
        """Take a deed of ours back: one attempt."""
        ...

    def stands(self, account: Account, deed: Deed, target: Target, key: str) -> bool:
        """Read whether a deed of ours stands."""
        ...
