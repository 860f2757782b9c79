"""Accounts with keepers in memory, a server that answers as told, and one that loses answers on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import urlsplit

from narvaro.connectors.bluesky import Bluesky, connect, new_key
from narvaro.connectors.port import Account, Item, Outgoing, Page
from narvaro.testing.servers.bluesky import BlueskyNetwork, Citizen

ME = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
OTHER = "did:plc:bbbbbbbbbbbbbbbbbbbbbbbb"


class MemoryKeeper:
    """Secrets in memory, with the promises of the port's keeper."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.stored = dict(secrets)
        self.renewals = 0
        self._lock = Lock()

    def secrets(self) -> Mapping[str, str]:
        return dict(self.stored)

    def renew(
        self, stale: Mapping[str, str], renewal: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        with self._lock:
            if self.stored == dict(stale):
                self.renewals += 1
                self.stored |= {key: value for key, value in renewal(dict(self.stored)).items() if value}
            return dict(self.stored)

    def spoil(self) -> None:
        """Make the access token one that the network does not know, as an old one."""
        self.stored["accessJwt"] = self.stored["accessJwt"][:-6] + "AAAAAA"


def an_account(network: BlueskyNetwork, citizen: Citizen, *, pds: str = "", password: str = "") -> Account:
    """Connect the citizen's account as a channel, with an app password unless told."""
    made = connect(network.pds_url, citizen.handle, password or citizen.app_password(), allow_private_hosts=True)
    options = {"plc": network.plc_url} | ({"pds": pds} if pds else {})
    keeper = MemoryKeeper(made.secrets)
    return Account(made.base_url, made.handle, made.remote_id, keeper, allow_private_hosts=True, options=options)


def an_unreal_account(url: str, **secrets: str) -> Account:
    """An account on a server that only plays a part."""
    keeper = MemoryKeeper({"accessJwt": "a", "refreshJwt": "r", "identifier": ME, "app_password": "p"} | secrets)
    return Account(url, "kommunen.test", ME, keeper, allow_private_hosts=True, options={"plc": url, "cdn": url})


def keeper_of(account: Account) -> MemoryKeeper:
    assert isinstance(account.keeper, MemoryKeeper)
    return account.keeper


def outgoing(text: str, **how: Any) -> Outgoing:
    return Outgoing(key=new_key(), text=text, **how)


def read_round(account: Account, cursor: str = "", *, most: int = 300) -> tuple[list[Item], str, Page]:
    """Read pages until there are no more."""
    found: list[Item] = []
    for _ in range(most):
        page = Bluesky().read(account, cursor)
        found += page.items
        cursor = page.next_cursor
        if not page.has_more:
            return found, cursor, page
    raise AssertionError("The round never ended.")


class _Loopback:
    """An HTTP server on a free port of 127.0.0.1, as a context manager."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.answer(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Scripted(_Loopback):
    """
    Answers each method as told: (status, JSON or bytes, headers), or a function of the query that gives it.

    What nobody told about is 501. `calls` holds the methods in the order they came.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.told: dict[str, Any] = {
            "app.bsky.notification.listNotifications": (200, {"notifications": []}),
            "app.bsky.feed.getAuthorFeed": (200, {"feed": []}),
            "app.bsky.feed.getPosts": (200, {"posts": []}),
        }

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        request.rfile.read(int(request.headers.get("content-length") or 0))
        place = urlsplit(request.path)
        method = place.path.removeprefix("/xrpc/")
        self.calls.append(method)
        told = self.told.get(method, (501, {"error": "MethodNotImplemented", "message": "Method Not Implemented"}))
        told = told(place.query) if callable(told) else told
        status, content, headers = (*told, {})[:3]
        body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
        request.send_response(status)
        for name, value in ({"content-type": "application/json"} | headers).items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)


class Losing(_Loopback):
    """
    Stands before the real data server and breaks the connection on one method, before or after its effect.
    """

    def __init__(self, target: str, method: str, *, after: bool) -> None:
        super().__init__()
        self._target = urlsplit(target).netloc
        self._method = method
        self._after = after
        self.lost = 0

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        content = request.rfile.read(int(request.headers.get("content-length") or 0))
        losing = self._method in request.path
        if losing:
            self.lost += 1
        if losing and not self._after:
            request.close_connection = True
            request.connection.close()
            return
        onward = HTTPConnection(self._target, timeout=20)
        kept = {
            name: value for name, value in request.headers.items() if name.lower() not in {"host", "accept-encoding"}
        }
        onward.request(request.command, request.path, content or None, kept)
        answer = onward.getresponse()
        body = answer.read()
        onward.close()
        if losing:
            request.close_connection = True
            request.connection.close()
            return
        request.send_response(answer.status)
        request.send_header("content-type", answer.getheader("content-type") or "")
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
