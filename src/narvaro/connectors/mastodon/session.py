"""One account's talk with its server: the key, what a refusal really means, links to the next page."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from narvaro.base import http
from narvaro.connectors.client import Api, Params, Reply, problem
from narvaro.connectors.mastodon.statuses import Us
from narvaro.connectors.port import Account, Misconfigured, PlatformError, ReconnectNeeded

VERIFY = "/api/v1/accounts/verify_credentials"
NOTHING = "0"  # an id no status, medium or account has: the platform checks our right before it looks

_LINK = re.compile(r'<([^<>]*)>\s*;[^,<]*\brel="?next"?', re.IGNORECASE)


def guard_of(allow_private_hosts: bool) -> http.Guard:
    return http.Guard(allow_private=allow_private_hosts)


class Session:
    """
    An open line to the server of one account, with its key. A context manager.

    Raises:
        ReconnectNeeded: The account holds no key.
    """

    def __init__(self, account: Account) -> None:
        token = account.keeper.secrets().get("access_token", "")
        if not token or not token.isascii() or not token.isprintable():
            raise ReconnectNeeded("Kanalen saknar en nyckel till plattformen. Anslut kanalen på nytt.")
        self.us = Us.of(account)
        self._account = account
        key = {"authorization": f"Bearer {token}"}
        self.api = Api(account.base_url, guard_of(account.allow_private_hosts), key, meter=account.meter)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.api.close()

    def without_key(self) -> Api:
        """Return a line to the same server on which we are nobody, to see what any visitor sees; to be closed."""
        return Api(self._account.base_url, guard_of(self._account.allow_private_hosts))

    def read(self, path: str, params: Params | None = None, **how: Any) -> Reply:
        """Get; raise the port's errors for everything but a success."""
        reply = self.api.get(path, params, **how)
        error = self.refusal(reply, path)
        if error is not None:
            raise error
        return reply

    def read_if_there(self, path: str, params: Params | None = None) -> Reply | None:
        """Get what not every server has; None when this one has not, or does not let us."""
        reply = self.api.get(path, params)
        if not reply.moved_to and reply.status in {400, 403, 404, 405, 410, 422, 501}:
            return None
        error = self.refusal(reply, path)
        if error is not None:
            raise error
        return reply if not reply.is_page else None

    def refusal(self, reply: Reply, path: str = "") -> PlatformError | None:
        """
        Return what an answer means, or None for a success.

        A dead key is answered with 401, 400 or 422 depending on the server, and 422 also means a bad
        post. So a doubtful answer is settled by asking who we are.
        """
        error = problem(reply)
        if reply.status in {400, 422} and not reply.moved_to and (path == VERIFY or not self.is_known()):
            return ReconnectNeeded(f"{reply.host} godtar inte längre vår nyckel. Anslut kanalen på nytt.")
        return error

    def is_known(self) -> bool:
        """Whether the server says it knows us; True too while it is in trouble and cannot tell."""
        try:
            reply = self.api.get(VERIFY)
        except PlatformError:
            return True
        return bool(reply.moved_to) or reply.status not in {400, 401, 403, 422}

    def gone(self, remote_id: str) -> bool:
        """Whether the server says twice that a status is not there, and knows us in between."""
        if not self._missing(remote_id):
            return False
        reply = self.api.get(VERIFY)
        return reply.ok and not reply.is_page and self._missing(remote_id)

    def seen_by_others(self, remote_id: str) -> bool | None:
        """
        Whether somebody without our key sees a status that we do not see; None when it cannot be told.

        Some servers show us nothing by those whom we block, and the thread around it all the same (snac).
        """
        with self.without_key() as visitor:
            reply = visitor.get(status_path(remote_id))
        if not reply.is_page and (reply.ok or reply.status in {404, 410}):
            return reply.ok
        if not self._has_thread(remote_id):
            return None
        return True if not self._has_thread(NOTHING) else None  # an answer that is given about anything says nothing

    def _has_thread(self, remote_id: str) -> bool:
        return self.read_if_there(status_path(remote_id, "/context")) is not None

    def _missing(self, remote_id: str) -> bool:
        reply = self.api.get(status_path(remote_id))
        return not reply.moved_to and reply.status in {404, 410}


def status_path(remote_id: str, tail: str = "") -> str:
    """Return the path of a status. Ids are opaque, so anything that could leave the path is refused."""
    return f"/api/v1/statuses/{safe_id(remote_id)}{tail}"


def safe_id(remote_id: str) -> str:
    if not is_safe_id(remote_id):
        raise Misconfigured("Plattformens beteckning på inlägget går inte att använda.")
    return remote_id


def is_safe_id(remote_id: str) -> bool:
    """Whether an id can stand in a path; the addresses by which an archive knows others' servers' posts cannot."""
    return re.fullmatch(r"[\w.:=~-]{1,200}", remote_id, re.ASCII) is not None and set(remote_id) != {"."}


def next_page(reply: Reply) -> dict[str, str] | None:
    """
    Return the query of the next page from the Link header; {} at the end; None when the server sends no links.

    Only the query is taken: behind a proxy the address itself may be wrong, and it is not ours to follow.
    """
    header = reply.headers.get("link", "")
    if "rel=" not in header:
        return None
    found = _LINK.search(header)
    return dict(parse_qsl(urlsplit(found[1]).query)) if found else {}
