"""A town with an official account and citizens on a real server, and the truth as that server holds it."""

from __future__ import annotations

import json
import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from narvaro.testing.servers.bluesky import BlueskyNetwork, Citizen, Ref
from narvaro.testing.servers.person import Person
from narvaro.testing.servers.snac import Snac
from tests.crash.house import House

_ANSWER = re.compile(r"\bSvar (\S+-\d+) till er som frågar")


@dataclass(frozen=True)
class Unwanted:
    """Something that is to be moderated, by somebody who wrote nothing else; `author` is the server's word for them."""

    remote_id: str
    author: str


class Town(Protocol):
    """What a crash test needs of a place where people write."""

    platform: str
    comments: dict[str, str]  # what citizens wrote, by the remote id that our connector knows it by
    can_hide: bool  # whether our account rules over what others write in its threads

    def connect(self, house: House) -> None: ...

    def write(self, count: int) -> None: ...

    def provoke(self, count: int) -> list[Unwanted]:
        """Let so many people each write something that is to be moderated; it is among the comments too."""
        ...

    def hidden(self) -> list[str]:
        """Return the remote ids of what our account hides, each as often as the server holds it."""
        ...

    def blocked(self) -> list[str]:
        """Return whom our account blocks, each as often as the server holds it."""
        ...

    def written(self) -> set[str]:
        """Return the remote ids of all that must be kept."""
        ...

    def lost(self) -> dict[str, str]:
        """Return what citizens wrote that the server itself has lost, by its own account of it, when it is at rest."""
        ...

    def answers_on_server(self) -> dict[str, list[str]]:
        """Return our answers as the server holds them: by token, the ids of every post with it."""
        ...

    def same(self, found: list[str], remote_id: str) -> bool:
        """Return whether the one post found on the server is the one that `remote_id` names."""
        ...


class SnacTown:
    """On snac: the truth is read from the files in which it keeps its posts."""

    platform, can_hide = "mastodon", False

    def __init__(self, server: Snac) -> None:
        self._server = server
        self.comments: dict[str, str] = {}
        self._account: Person = server.person(f"kommun{secrets.token_hex(4)}")
        self._citizens = [server.person(f"invanare{number}") for number in range(2)]
        self._posts = [self._account.post(f"Nyhet {number} från kommunen.") for number in range(2)]

    def connect(self, house: House, *, through: str = "") -> None:
        """Connect the account, by the server's own address or through a line to it."""
        house.do(
            "set_up", platform="mastodon", base_url=through or self._server.base_url, handle=self._account.handle,
            secrets={"access_token": self._account.token}, options={},
        )  # fmt: skip

    def write(self, count: int) -> None:
        for number in range(count):
            citizen, post = self._citizens[number % 2], self._posts[number // 2 % 2]
            words = f"Fråga {secrets.token_hex(6)} om vattnet?"
            self.comments[citizen.post(f"@{self._account.handle} {words}", answers=post)] = words

    def provoke(self, count: int) -> list[Unwanted]:
        made = []
        for _ in range(count):
            citizen = self._server.person(f"ovan{secrets.token_hex(4)}")
            words = f"Jag vet var ni bor {secrets.token_hex(6)}."
            remote_id = citizen.post(f"@{self._account.handle} {words}", answers=self._posts[0])
            self.comments[remote_id] = words
            made.append(Unwanted(remote_id, f"{self._server.base_url}/{citizen.name}"))
        return made

    def hidden(self) -> list[str]:
        return []

    def blocked(self) -> list[str]:
        muted = self._server.folder / "user" / self._account.name / "muted"
        return [path.read_text("utf-8").strip() for path in muted.glob("*")]

    def written(self) -> set[str]:
        return {*self.comments, *self._posts}

    def lost(self) -> dict[str, str]:
        """
        Return the comments that neither stand in our account's timeline nor were told to it.

        snac names the files of its queue by the microsecond. Of two posts taken in the same one the later is written
        over the earlier: 42 were answered with 202, 41 were in the queue. It happens in about one burst of forty in
        fifty, and no call of the API shows the post to us any more, so nobody outside can keep it.
        """
        at = self._server.folder / "user" / self._account.name
        if any(any(queue.glob("*.json")) for queue in (self._server.folder / "queue", *at.parent.glob("*/queue"))):
            return {}
        told = {json.loads(path.read_text("utf-8")).get("objid", "") for path in (at / "notify").glob("*.json")}
        return {
            remote_id: words
            for remote_id, words in self.comments.items()
            if not (at / "private" / f"{remote_id[10:]}.json").exists()
            and self._account.status(remote_id)["uri"] not in told
        }

    def answers_on_server(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in (self._server.folder / "object").glob("*/*.json"):
            post = json.loads(path.read_text("utf-8"))
            answer = _ANSWER.search(post.get("sourceContent") or post.get("content") or "")
            if answer and str(post.get("attributedTo", "")).endswith(f"/{self._account.name}"):
                found[answer[1]].append(post["id"])
        return found

    def same(self, found: list[str], remote_id: str) -> bool:
        return len(found) == 1 and str(self._account.status(remote_id)["uri"]) == found[0]


class BlueskyTown:
    """On the Bluesky network: the truth is our account's repository."""

    platform, can_hide = "bluesky", True

    def __init__(self, network: BlueskyNetwork) -> None:
        self._network = network
        self.comments: dict[str, str] = {}
        self._account: Citizen = network.citizen(f"kommun-{secrets.token_hex(4)}")
        self._citizen: Citizen = network.citizen()
        self._post: Ref = self._account.post("En nyhet från kommunen.")

    def connect(self, house: House, *, through: str = "") -> None:
        """Connect the account, by the server's own address or through a line to it."""
        from narvaro.connectors.bluesky import connect

        made = connect(
            self._network.pds_url, self._account.handle, self._account.app_password(), allow_private_hosts=True
        )
        house.do(
            "set_up", platform="bluesky", base_url=made.base_url, handle=made.handle, secrets=dict(made.secrets),
            options={"plc": self._network.plc_url, **({"pds": through} if through else {})},
        )  # fmt: skip

    def write(self, count: int) -> None:
        for _ in range(count):
            words = f"Fråga {secrets.token_hex(6)} om vattnet?"
            self.comments[self._citizen.post(words, reply_to=self._post).uri] = words

    def provoke(self, count: int) -> list[Unwanted]:
        made = []
        for _ in range(count):
            citizen = self._network.citizen()
            words = f"Jag vet var ni bor {secrets.token_hex(6)}."
            remote_id = citizen.post(words, reply_to=self._post).uri
            self.comments[remote_id] = words
            made.append(Unwanted(remote_id, citizen.did))
        return made

    def hidden(self) -> list[str]:
        gates = self._account.records("app.bsky.feed.threadgate")
        return [uri for gate in gates for uri in gate["value"].get("hiddenReplies", [])]

    def blocked(self) -> list[str]:
        return [record["value"]["subject"] for record in self._account.records("app.bsky.graph.block")]

    def written(self) -> set[str]:
        return {*self.comments, self._post.uri}

    def lost(self) -> dict[str, str]:
        return {}  # whoever writes waits until the network shows it

    def answers_on_server(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for record in self._account.records("app.bsky.feed.post"):
            answer = _ANSWER.search(record["value"]["text"])
            if answer:
                found[answer[1]].append(record["uri"])
        return found

    def same(self, found: list[str], remote_id: str) -> bool:
        return found == [remote_id]
