"""X behind the port."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from narvaro.connectors import private
from narvaro.connectors.client import Reply, part, problem, serialised, word
from narvaro.connectors.granted import Line
from narvaro.connectors.lacking import Lacking
from narvaro.connectors.port import (
    Account,
    Capability,
    CapabilityStatus,
    Item,
    Limits,
    Misconfigured,
    NotThere,
    Outgoing,
    Page,
    PlatformError,
    Profile,
    Published,
    Refused,
    Thread,
    Unknown,
)
from narvaro.connectors.web import fetch_file
from narvaro.connectors.x import messages, publishing, reading
from narvaro.connectors.x.login import GRANT

NOTHING = "0"  # an id that no post has: the platform checks our right before it looks
_NO_RIGHT = "Nyckeln ger inte rätt till det här, eller så ingår det inte i appens avtal med X. Anslut på nytt."
_NOT_TOLD = "X berättar inte om ett svar är dolt. Öppna tråden utan att vara inloggad och se efter."
_BY_HAND = "X låter inte Närvaro blockera konton. Blockera i appen."
_REPORT = "Kontot kan inte ta bort det som andra skriver på X. Svaret är dolt i er tråd. Anmäl inlägget i appen."


class X(Lacking):
    """The connector. It keeps nothing between calls, and may be shared by threads."""

    name = "X"

    def profile(self, account: Account) -> Profile:
        with Line(account, GRANT) as line:
            me = part(line.read("/2/users/me", {"user.fields": "id,name,username,description,url,entities"}), "data")
        if not word(me, "id") or not word(me, "username"):
            raise Misconfigured("X svarar inte som väntat. Kontrollera appens avtal.")
        handle = word(me, "username")
        return Profile(
            word(me, "id"), handle, word(me, "name"), word(me, "description"), f"https://x.com/{handle}", serialised(me)
        )

    def read(self, account: Account, cursor: str) -> Page:
        with Line(account, GRANT) as line:
            us, handle = account.remote_id, account.handle
            return private.read_both(
                cursor, self.name, lambda at: reading.read_page(line, us, handle, at),
                (lambda at: messages.read_page(line, us, at)) if private.is_wanted(account) else None,
            )  # fmt: skip

    def read_thread(self, account: Account, remote_id: str, known: Sequence[str]) -> Thread:
        if private.is_message(remote_id) and not private.is_wanted(account):
            return Thread(())
        with Line(account, GRANT) as line:
            if private.is_message(remote_id):
                return messages.read_thread(line, account.remote_id, remote_id)
            return reading.read_thread(line, account.remote_id, account.handle, remote_id, known)

    def read_one(self, account: Account, remote_id: str) -> Item | None:
        """Read one post as it stands now; None when X says that it is gone."""
        with Line(account, GRANT) as line:
            if private.is_message(remote_id):
                return messages.read_one(line, account.remote_id, remote_id)
            items, gone = reading.looked_up(line, account.remote_id, account.handle, [remote_id])
        if items:
            return items[0]
        if remote_id in gone:
            return None
        raise Misconfigured("X visar inte inlägget för oss.")

    def publish(self, account: Account, post: Outgoing) -> Published | Refused | Unknown:
        try:
            line = Line(account, GRANT)
        except PlatformError as error:
            return Refused(f"Inget är publicerat. {error}", error)
        with line:
            if private.is_private(post):
                return messages.answer(line, account.remote_id, account.handle, post)
            return publishing.publish(line, account.remote_id, account.handle, post)

    def settle(self, account: Account, post: Outgoing, attempted_at: datetime) -> Published | NotThere | Unknown:
        try:
            line = Line(account, GRANT)
        except PlatformError as error:
            return Unknown(f"Det gick inte att läsa kontot för att se om inlägget finns. {error}")
        with line:
            if private.is_private(post):
                return messages.settle(line, account.remote_id, post, attempted_at)
            return publishing.settle(line, account.remote_id, account.handle, post, attempted_at)

    def probe(self, account: Account) -> tuple[CapabilityStatus, ...]:
        """
        Try each capability with a call that changes nothing: reads, and writes of nothing to nothing (P8).

        Raises:
            Transient, ReconnectNeeded, Misconfigured: Nothing works, so no capability is told apart.
        """
        with Line(account, GRANT) as line:
            line.read("/2/users/me")
            mentions = f"/2/users/{reading.safe_id(account.remote_id)}/mentions"
            return (
                _tried(Capability.READ, line.get(mentions, {"max_results": 5})),
                private.status(account, lambda: messages.why_not(line)),
                _tried(Capability.PUBLISH, line.call("POST", "/2/tweets", json={}), to_nothing=True),
                _tried(Capability.PUBLISH_IMAGE, line.call("POST", "/2/media/metadata", json={}), to_nothing=True),
                _tried(Capability.HIDE, _hidden(line, NOTHING, wanted=True), to_nothing=True),
                _tried(Capability.REMOVE_OWN, line.call("DELETE", f"/2/tweets/{NOTHING}"), to_nothing=True),
                CapabilityStatus(Capability.BLOCK, works=False, note=_BY_HAND),
            )

    def limits(self, account: Account) -> Limits:
        """Return what one post may be; a subscription that allows longer ones is not counted on."""
        return publishing.LIMITS

    def fetch_media(self, account: Account, url: str, max_bytes: int) -> tuple[bytes, str]:
        return fetch_file(url, max_bytes, allow_private_hosts=account.allow_private_hosts)

    def hide(self, account: Account, remote_id: str) -> None:
        """Hide an answer in a conversation of ours; it can still be found by whoever presses for it."""
        self._set_hidden(account, remote_id, wanted=True)

    def show(self, account: Account, remote_id: str) -> None:
        self._set_hidden(account, remote_id, wanted=False)

    def is_hidden(self, account: Account, remote_id: str, *, is_own: bool = False) -> bool:
        """Read whether it is gone. Whether an answer is hidden the interface does not tell: a person looks."""
        with Line(account, GRANT) as line:
            _items, gone = reading.looked_up(line, account.remote_id, account.handle, [remote_id])
        if remote_id in gone or is_own:
            return remote_id in gone
        raise Misconfigured(_NOT_TOLD)

    def take_down(self, account: Account, remote_id: str, *, is_own: bool, reason: str) -> None:
        if is_own:
            self.remove(account, remote_id)
            return
        self.hide(account, remote_id)
        raise Misconfigured(_REPORT)

    def remove(self, account: Account, remote_id: str) -> None:
        with Line(account, GRANT) as line:
            reply = line.call("DELETE", f"/2/tweets/{reading.safe_id(remote_id)}")
            if reply.status == 404:
                return
            error = line.refusal(reply)
            if error is not None:
                raise error

    def _set_hidden(self, account: Account, remote_id: str, *, wanted: bool) -> None:
        with Line(account, GRANT) as line:
            reply = _hidden(line, reading.safe_id(remote_id), wanted=wanted)
            if reply.status in {400, 403} and line.may("tweet.moderate.write"):
                raise Misconfigured("X låter oss dölja svar bara i trådar som ni själva har börjat.")
            error = line.refusal(reply)
            if error is not None:
                raise error
            if part(reply.document(), "data").get("hidden") is not wanted:
                raise Misconfigured("X gjorde inte det som begärdes. Gör det i appen.")


def _hidden(line: Line, remote_id: str, *, wanted: bool) -> Reply:
    return line.call("PUT", f"/2/tweets/{remote_id}/hidden", json={"hidden": wanted})


def _tried(capability: Capability, reply: Reply, *, to_nothing: bool = False) -> CapabilityStatus:
    if reply.ok or (to_nothing and reply.status in {400, 404}):
        return CapabilityStatus(capability, works=True)
    if reply.status in {401, 402, 403}:
        return CapabilityStatus(capability, works=False, note=_NO_RIGHT)
    return CapabilityStatus(capability, works=False, note=str(problem(reply)))
