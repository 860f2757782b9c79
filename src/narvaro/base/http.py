"""
Guarded outbound HTTP: the only way the application speaks to other machines.

An address someone typed must never lead into the authority's own network, an answer must never fill the
memory, and a slow one must never hold a worker. A name is resolved once, the address is checked, and the
connection goes to that very address, so it cannot change between the check and the call; TLS still verifies
the name. No proxy, cookie or netrc is taken from the surroundings.

For what may be done only once (P1) `send` tells `NotSent`, which may be tried again, from `NoAnswer`, which
may not: someone has to look.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any, Final

import httpcore2
import httpx2

MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_WEB_PORTS: Final = frozenset({80, 443})
_WRITE_BYTES: Final = 65_536
_KEPT_ACROSS_ORIGINS: Final = ("accept", "accept-encoding", "accept-language", "user-agent")
_TOTAL_TIMEOUTS: Final = 3  # a call without a deadline of its own ends after three times its timeout


class NotSent(Exception):
    """The request cannot have reached the other side; it may be tried again. Speaks Swedish."""


class Refused(NotSent):
    """We will not go to that address, now or later. Speaks Swedish, to the person who gave the address."""


class NoAnswer(Exception):
    """
    The request may have reached the other side, and what came of it is not known. Never repeat it blindly.

    `status` is set when the answer had begun.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        """Keep the Swedish sentence, and the status if one came."""
        super().__init__(message)
        self.status = status


class TooLarge(NoAnswer):
    """The answer is larger than was allowed, unpacked or not."""


class TooSlow(NoAnswer):
    """The answer did not come whole before the deadline."""


@dataclass(frozen=True)
class Answer:
    """A whole answer: status, headers, unpacked body, and the address that gave it in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


# --- Where we may go ------------------------------------------------------------------------------------

_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True)
class Guard:
    """
    Which addresses may be called.

    Public ones always. Private and loopback ones only when `allow_private`, or for the exact names in
    `private_hosts` (an authority's own server). Link-local addresses, where clouds keep their secrets,
    multicast and addresses that mean "nowhere" are never called.
    """

    allow_private: bool = False
    private_hosts: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Write the names as they look in a request: lower case, punycode."""
        object.__setattr__(self, "private_hosts", frozenset(_ascii_host(host) for host in self.private_hosts))

    def check_url(self, url: str | httpx2.URL) -> httpx2.URL:
        """
        Return the address when its form is one we call; the host itself is checked when connecting.

        Raises:
            Refused: Not http or https, no host, a name and password in it, or the port of another protocol.
        """
        try:
            parsed = httpx2.URL(url)
        except (httpx2.InvalidURL, TypeError, ValueError) as error:
            raise Refused("Adressen går inte att läsa.") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise Refused("Bara adresser som börjar med http:// eller https:// kan hämtas.")
        if parsed.userinfo:
            raise Refused("Adressen innehåller ett användarnamn eller lösenord. Ta bort det.")
        port = parsed.port
        if port is not None and port > 65_535:
            raise Refused("Adressen går inte att läsa.")
        if port is not None and port not in _WEB_PORTS and port < 1024 and not self._may_be_private(_raw_host(parsed)):
            raise Refused(f"Port {port} används inte för webben och anropas inte.")
        return parsed

    def addresses(self, host: str, port: int) -> list[str]:
        """
        Return the checked addresses of a host, in the order to try them.

        All of its addresses must be allowed: a name that points both out and in is not to be trusted.

        Raises:
            Refused: An address is not one we may call.
            OSError: The name cannot be looked up.
        """
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as error:
            raise OSError("The name cannot be looked up.") from error
        found = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
        is_private_allowed = self._may_be_private(host)
        for address in found:
            if not _may_call(address, is_private_allowed):
                raise Refused(f"Adressen {host} leder till ett internt nät och anropas inte.")
        if not found:
            raise OSError("The name has no address.")
        return found

    def _may_be_private(self, host: str) -> bool:
        return self.allow_private or host.lower() in self.private_hosts


def _may_call(text: str, is_private_allowed: bool) -> bool:
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        carried = _carried(address)
        if carried is not None:
            return _may_call(str(carried), is_private_allowed)
        if address.is_site_local:
            return is_private_allowed
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if address.is_global:
        return True
    if isinstance(address, IPv4Address) and (address.is_reserved or int(address) >> 24 == 0):
        return False
    return is_private_allowed


def _carried(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, however it is wrapped."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if any(address in network for network in _TRANSLATED) or (0xFFFF < int(address) < 1 << 32):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _raw_host(url: httpx2.URL) -> str:
    return url.raw_host.decode("ascii")


def _ascii_host(host: str) -> str:
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return _raw_host(httpx2.URL(f"http://{bracketed}/")).lower()


# --- How we connect -------------------------------------------------------------------------------------

_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)


@contextmanager
def _until(deadline: float | None) -> Iterator[None]:
    """Let everything inside end by `deadline` (monotonic seconds), or by an earlier one already set."""
    before = _deadline.get()
    both = [each for each in (before, deadline) if each is not None]
    token = _deadline.set(min(both, default=None))
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None, error: type[Exception]) -> float | None:
    """Return how many seconds this step may take. Raises `error` when the deadline has passed."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - monotonic()
    if left <= 0:
        raise error("The deadline has passed.")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore2.NetworkStream):
    """A connection whose every step is held to the deadline, so that no drip of bytes can stretch it."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Not the inner write: it gives each part of the buffer the whole time anew.
        sock: socket.socket = self._inner.get_extra_info("socket")
        view = memoryview(buffer)
        while view:
            try:
                sock.settimeout(_left(timeout, httpcore2.WriteTimeout))
                view = view[sock.send(view[:_WRITE_BYTES]) :]
            except TimeoutError as error:
                raise httpcore2.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore2.SyncBackend):
    """Resolve once, check, and connect to the checked address."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        try:
            addresses = self._guard.addresses(host, port)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        options = list(socket_options or ())
        for address in addresses[:-1]:
            try:
                return self._connected(address, port, timeout, local_address, options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._connected(addresses[-1], port, timeout, local_address, options)

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        raise Refused("Bara adresser som börjar med http:// eller https:// kan hämtas.")

    def sleep(self, seconds: float) -> None:
        super().sleep(_left(seconds, httpcore2.ConnectTimeout) or 0)

    def _connected(
        self,
        address: str,
        port: int,
        timeout: float | None,
        local_address: str | None,
        options: list[httpcore2.SOCKET_OPTION],
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(super().connect_tcp(address, port, left, local_address, options))


@contextmanager
def _as_httpx2() -> Iterator[None]:
    """Let errors of the connection come out as those of the client, which bear the same names."""
    try:
        yield
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise getattr(httpx2, type(error).__name__, httpx2.TransportError)(str(error)) from error
    except httpcore2.UnsupportedProtocol as error:
        raise httpx2.UnsupportedProtocol(str(error)) from error


class _Body(httpx2.SyncByteStream):
    """An answer's body, still held to the deadline of its request."""

    def __init__(self, inner: Iterable[bytes], deadline: float) -> None:
        self._inner = inner
        self._until = deadline

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self._inner)
        while True:
            with _until(self._until), _as_httpx2():
                part = next(parts, None)
            if part is None:
                return
            yield part

    def close(self) -> None:
        close: Callable[[], None] | None = getattr(self._inner, "close", None)
        if close is not None:
            close()


class _Transport(httpx2.BaseTransport):
    def __init__(self, guard: Guard, total_seconds: float, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._total_seconds = total_seconds
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=20,
            max_keepalive_connections=10,
            keepalive_expiry=5.0,
            retries=1,  # of connecting only
            network_backend=_Backend(guard),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        url = self._guard.check_url(request.url)
        asked = request.extensions.get("deadline")
        deadline = asked if isinstance(asked, float) else monotonic() + self._total_seconds
        assert isinstance(request.stream, httpx2.SyncByteStream)
        raw = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _until(deadline), _as_httpx2():
            answer = self._pool.handle_request(raw)
        assert isinstance(answer.stream, Iterable)
        return httpx2.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer.stream, deadline),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


def client(
    guard: Guard,
    *,
    timeout_seconds: float = 20,
    headers: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> httpx2.Client:
    """
    Return a client that only goes where `guard` lets it. Close it, or use it in a `with`.

    It follows no redirects (`send` does, by hand), keeps no cookies and asks for no packing but gzip. Read
    its answers with `send` or `read_capped`, never whole. Safe to share between threads.

    Args:
        timeout_seconds: For each step; a whole call ends after three times this, or by its own deadline.
        headers: Sent with every request; not to another origin after a redirect.
        tls: Which certificates to trust, when not those of the machine.

    Law: none.
    """
    return httpx2.Client(
        transport=_Transport(
            guard, _TOTAL_TIMEOUTS * timeout_seconds, tls or httpx2.create_ssl_context(trust_env=False)
        ),
        timeout=timeout_seconds,
        headers={"User-Agent": "Narvaro", "Accept-Encoding": "gzip", **(headers or {})},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        follow_redirects=False,
    )


# --- Asking and reading ---------------------------------------------------------------------------------


def send(client: httpx2.Client, request: httpx2.Request, *, max_bytes: int, deadline_seconds: float) -> Answer:
    """
    Send one request and return the whole answer, whatever its status.

    A GET or HEAD follows at most three redirects, each guarded anew; nothing else is ever sent again. To
    another origin no header of ours goes along but what kind of answer we take.

    Args:
        max_bytes: Of the body, both as it comes and unpacked.
        deadline_seconds: For all of it together, redirects included.

    Raises:
        Refused: The address, or one we were sent on to, is not one we call.
        NotSent: It cannot have reached the other side.
        TooLarge, TooSlow: As the names say; it may have had its effect.
        NoAnswer: It may have reached the other side, and nothing more is known.

    Law: none.
    """
    deadline = monotonic() + deadline_seconds
    for _ in range(MAX_REDIRECTS + 1):
        response = _begin(client, request, deadline)
        with _closed(response), _until(deadline):
            onward = _redirected(request, response)
            if onward is None:
                body = b"" if request.method == "HEAD" else read_capped(response, max_bytes)
                return Answer(response.status_code, response.headers, body, str(response.url))
        request = onward
    raise NoAnswer("Adressen skickar runt oss för många gånger. Kontrollera att den stämmer.", response.status_code)


def read_capped(response: httpx2.Response, max_bytes: int, *, deadline_seconds: float | None = None) -> bytes:
    """
    Return the body of a streamed answer, unpacked, and close it.

    Never holds more than `max_bytes` and a little, however tightly the body is packed.

    Args:
        max_bytes: Of the body, both as it comes and unpacked.
        deadline_seconds: For the reading; the request's own deadline holds besides.

    Raises:
        TooLarge, TooSlow: As the names say.
        NoAnswer: The body broke off, or is packed in a way we did not ask for.

    Law: none.
    """
    status = response.status_code
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > max_bytes:
        response.close()
        raise TooLarge("Svaret är större än vad som tas emot.", status)
    unpack = _unpacking(response, max_bytes)
    body = bytearray()
    received = 0
    deadline = None if deadline_seconds is None else monotonic() + deadline_seconds
    try:
        with _until(deadline), _closed(response):
            for part in response.iter_raw():
                received += len(part)
                body += unpack.add(part)
                if received > max_bytes or len(body) > max_bytes:
                    raise TooLarge("Svaret är större än vad som tas emot.", status)
            unpack.end()
    except httpx2.TimeoutException as error:
        raise TooSlow("Svaret kom inte fram i tid.", status) from error
    except (httpx2.HTTPError, httpx2.StreamError, zlib.error) as error:
        raise NoAnswer("Svaret kom inte fram helt.", status) from error
    return bytes(body)


class _Plain:
    """A body that is not packed."""

    def add(self, part: bytes) -> bytes:
        return part

    def end(self) -> None:
        """Nothing remains."""


class _Gzip:
    """Unpack gzip, one or several members, never further than one byte past the limit."""

    def __init__(self, max_bytes: int) -> None:
        self._left = max_bytes + 1
        self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._is_begun = False

    def add(self, part: bytes) -> bytes:
        out = bytearray()
        while part and self._left > 0:
            if self._member.eof:
                self._member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            self._is_begun = True
            piece = self._member.decompress(part, self._left)
            out += piece
            self._left -= len(piece)
            part = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return bytes(out)

    def end(self) -> None:
        if self._is_begun and not self._member.eof:
            raise zlib.error("The packed body breaks off.")


def _unpacking(response: httpx2.Response, max_bytes: int) -> _Plain | _Gzip:
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing in ("", "identity"):
        return _Plain()
    if packing in ("gzip", "x-gzip"):
        return _Gzip(max_bytes)
    response.close()
    raise NoAnswer("Svaret är packat på ett sätt som vi inte har bett om.", response.status_code)


def _begin(client: httpx2.Client, request: httpx2.Request, deadline: float) -> httpx2.Response:
    is_sent = False

    def trace(event: str, _info: Mapping[str, object]) -> None:
        nonlocal is_sent
        is_sent = is_sent or event.endswith("send_request_headers.started")

    request.extensions = {**request.extensions, "trace": trace, "deadline": deadline}
    try:
        return client.send(request, stream=True, follow_redirects=False)
    except Refused:
        raise
    except httpx2.TimeoutException as error:
        if is_sent:
            raise TooSlow("Svaret kom inte i tid. Det är oklart om anropet gick fram.") from error
        raise NotSent("Det gick inte att få kontakt i tid.") from error
    except Exception as error:
        # Whatever went wrong: once the first byte may have left, only someone who looks can know the outcome.
        if is_sent:
            raise NoAnswer("Kontakten bröts. Det är oklart om anropet gick fram.") from error
        if isinstance(error, httpx2.HTTPError):
            raise NotSent("Det gick inte att få kontakt med adressen.") from error
        raise


def _redirected(request: httpx2.Request, response: httpx2.Response) -> httpx2.Request | None:
    """Return the request to make instead, or None when this answer is the answer."""
    location = response.headers.get("location")
    if request.method not in ("GET", "HEAD") or response.status_code not in _REDIRECTS or not location:
        return None
    try:
        url = request.url.join(location)
    except (httpx2.InvalidURL, ValueError) as error:
        raise NoAnswer("Adressen skickar oss vidare till något som inte går att läsa.", response.status_code) from error
    if request.url.scheme == "https" and url.scheme != "https":
        raise Refused("Adressen skickar oss vidare till en sida utan kryptering. Den hämtas inte.")
    is_same_origin = _origin(url) == _origin(request.url)
    headers = [
        (name, value)
        for name, value in request.headers.multi_items()
        if name.lower() != "host" and (is_same_origin or name.lower() in _KEPT_ACROSS_ORIGINS)
    ]
    return httpx2.Request(request.method, url, headers=headers, extensions=request.extensions)


def _origin(url: httpx2.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port or {"http": 80, "https": 443}.get(url.scheme)


@contextmanager
def _closed(response: httpx2.Response) -> Iterator[None]:
    try:
        yield
    finally:
        response.close()
