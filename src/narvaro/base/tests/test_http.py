"""Outbound calls stay outside, stay small and end in time, whatever the other side does."""

import gzip
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from narvaro.base import http
from narvaro.base.http import Answer, Guard, NoAnswer, NotSent, Refused, TooLarge, TooSlow

LOOPBACK = Guard(private_hosts=frozenset({"127.0.0.1", "localhost"}))
Script = Callable[[socket.socket, bytes, threading.Event], None]


class Server:
    """A server on loopback that does to each caller what its script says."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.stop = threading.Event()
        self._script, self._tls = script, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(10)
        self._listener.close()

    def _accept(self) -> None:
        while not self.stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                while request := self._read(connection):
                    self.requests.append(request)
                    self._script(connection, request, self.stop)
            except OSError:
                pass
            finally:
                connection.close()

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        received = b""
        while b"\r\n\r\n" not in received:
            part = connection.recv(65_536)
            if not part:
                return b""
            received += part
        head, _, body = received.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65_536)
        return head + b"\r\n\r\n" + body


@contextmanager
def a_server(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(script, tls)
    try:
        yield server
    finally:
        server.close()


def saying(status: str = "200 OK", body: bytes = b"", **headers: str) -> Script:
    def script(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    return script


def ask(
    url: str,
    *,
    guard: Guard = LOOPBACK,
    method: str = "GET",
    max_bytes: int = 10_000,
    deadline_seconds: float = 5,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    with http.client(guard, timeout_seconds=5, headers=headers, tls=tls) as client:
        request = client.build_request(method, url, content=content)
        return http.send(client, request, max_bytes=max_bytes, deadline_seconds=deadline_seconds)


# --- Where ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://LOCALHOST/", "http://[::1]/", "http://0.0.0.0/",
        "http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://0/",
        "http://[::ffff:127.0.0.1]/", "http://[::ffff:a00:1]/", "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[2001:0:53aa:64c:0:0:80ff:fffe]/",
        "http://169.254.169.254/latest/meta-data", "http://[fe80::1]/", "http://[fd00::1]/", "http://[fec0::1]/",
        "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/", "http://100.64.0.1/",
        "http://224.0.0.1/", "http://[ff02::1]/", "http://240.0.0.1/", "http://255.255.255.255/",
        "http://192.0.2.1/", "http://198.18.0.1/", "http://0.1.2.3/", "http://[::]/",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(url: str):
    with pytest.raises(Refused, match="internt nät"):
        ask(url, guard=Guard())


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/", "http://0.0.0.0/", "http://224.0.0.1/", "http://[fe80::1]/", "http://[::]/",
        "http://[::ffff:169.254.169.254]/", "http://0.1.2.3/", "http://255.255.255.255/",
    ],
)  # fmt: skip
def test_some_addresses_are_refused_even_where_private_ones_are_allowed(url: str):
    with pytest.raises(Refused):
        ask(url, guard=Guard(allow_private=True))


@pytest.mark.parametrize(
    "url",
    ["ftp://social.example/", "file:///etc/passwd", "gopher://social.example/", "social.example", "http://",
     "http://user:secret@social.example/", "https://social.example:25/", "javascript:alert(1)", "http://[::1",
     "http://social.example:99999/", "//social.example/", "http://0177.0.0.1/", "https://social.example:0/"],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(url: str):
    with pytest.raises(Refused):
        Guard().check_url(url)


def test_public_addresses_of_ordinary_form_are_let_through():
    for url in ("https://social.example/@a", "http://social.example:8080/", "https://ålö.example/"):
        assert str(Guard().check_url(url)).startswith("http")
    assert Guard().addresses("8.8.8.8", 443) == ["8.8.8.8"]
    assert Guard().addresses("2606:4700::1111", 443) == ["2606:4700::1111"]


def test_only_the_named_private_host_is_let_through():
    guard = Guard(private_hosts=frozenset({"Localhost", "::1", "ålö.example"}))

    assert guard.private_hosts == {"localhost", "::1", "ålö.example".encode("idna").decode()}
    assert guard.addresses("localhost", 80)
    with pytest.raises(Refused):
        guard.addresses("127.0.0.1", 80)


def test_a_name_that_points_both_out_and_in_is_refused(monkeypatch: pytest.MonkeyPatch):
    def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.7", 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)

    with pytest.raises(Refused):
        ask("http://both.example/", guard=Guard())


def test_a_name_is_looked_up_once_and_the_checked_address_is_called(monkeypatch: pytest.MonkeyPatch):
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, *rest: object, **named: object) -> object:
        if host != "once.example":
            return real(host, *rest, **named)  # type: ignore[arg-type]
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.99"
        return real(address, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with a_server(saying(body=b"hej")) as server:
        answer = ask(f"http://once.example:{server.port}/", guard=Guard(private_hosts=frozenset({"once.example"})))

    assert answer.body == b"hej"
    assert asked == ["once.example"]


def test_the_surroundings_name_no_proxy(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with a_server(saying(body=b"hej")) as server:
        assert ask(server.url).body == b"hej"


# --- Ordinary calls -------------------------------------------------------------------------------------


def test_an_answer_is_whole_whatever_its_status():
    with a_server(saying("404 Not Found", b"borta", X_Here="yes")) as server:
        answer = ask(f"{server.url}/a?b=c")

        assert (answer.status, answer.body, answer.headers["x-here"]) == (404, b"borta", "yes")
        assert answer.url == f"{server.url}/a?b=c"


def test_a_body_is_sent_and_headers_go_along():
    with a_server(saying()) as server:
        ask(server.url, method="POST", content=b"x" * 300_000, headers={"Authorization": "Bearer t"})

        assert server.requests[0].endswith(b"\r\n\r\n" + b"x" * 300_000)
        assert b"Authorization: Bearer t" in server.requests[0]


def test_packed_answers_are_unpacked_also_in_several_members():
    packed = gzip.compress(b"hej ") + gzip.compress(b"igen")
    with a_server(saying(body=packed, Content_Encoding="gzip")) as server:
        assert ask(server.url).body == b"hej igen"


def test_head_has_no_body():
    def script(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")

    with a_server(script) as server:
        assert ask(server.url, method="HEAD").body == b""


def test_cookies_are_not_kept():
    with a_server(saying(Set_Cookie="a=b; Path=/")) as server, http.client(LOOPBACK) as client:
        for _ in range(2):
            http.send(client, client.build_request("GET", server.url), max_bytes=10, deadline_seconds=5)

        assert len(server.requests) == 2
        assert b"cookie" not in server.requests[1].lower()


# --- Redirects ------------------------------------------------------------------------------------------


def test_a_redirect_into_the_inside_is_refused():
    with (
        a_server(saying("302 Found", Location="http://169.254.169.254/latest")) as server,
        pytest.raises(Refused, match="internt nät"),
    ):
        ask(server.url)


@pytest.mark.parametrize("location", ["ftp://social.example/", "http://u:p@127.0.0.1/", "http://127.0.0.1:25x/"])
def test_a_redirect_to_another_kind_of_address_is_refused(location: str):
    with a_server(saying("302 Found", Location=location)) as server, pytest.raises((Refused, NoAnswer)):
        ask(server.url)


def test_three_redirects_are_followed_and_a_fourth_is_not():
    def script(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        left = int(request.split(b" ")[1].strip(b"/"))
        answer = saying("302 Found", Location=f"/{left - 1}") if left else saying(body=b"framme")
        answer(connection, request, stop)

    with a_server(script) as server:
        answer = ask(f"{server.url}/3")
        assert (answer.body, answer.url) == (b"framme", f"{server.url}/0")
        with pytest.raises(NoAnswer, match="för många"):
            ask(f"{server.url}/4")


def test_secrets_do_not_follow_to_another_origin():
    with a_server(saying(body=b"framme")) as other, a_server(saying("307 T", Location=f"{other.url}/x")) as server:
        answer = ask(server.url, headers={"Authorization": "Bearer t", "X-Api-Key": "k", "Accept-Language": "sv"})

        assert answer.body == b"framme"
        assert b"Bearer t" in server.requests[0]
        assert b"bearer" not in other.requests[0].lower()
        assert b"x-api-key" not in other.requests[0].lower()
        assert b"accept-language: sv" in other.requests[0]


def test_secrets_follow_within_the_origin():
    def script(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        saying("302 Found", Location="/b")(connection, request, stop) if b"GET /a" in request else saying()(
            connection, request, stop
        )

    with a_server(script) as server:
        ask(f"{server.url}/a", headers={"Authorization": "Bearer t"})

        assert b"Bearer t" in server.requests[1]


def test_p01_what_is_not_a_reading_is_never_sent_on():
    with a_server(saying("307 Temporary Redirect", Location="/igen")) as server:
        answer = ask(server.url, method="POST", content=b"post")

        assert answer.status == 307
        assert len(server.requests) == 1


# --- Too large ------------------------------------------------------------------------------------------


def endless(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stop.is_set():
        connection.sendall(b"x" * 65_536)


def test_an_endless_answer_is_cut():
    with a_server(endless) as server, pytest.raises(TooLarge) as caught:
        ask(server.url, max_bytes=1_000_000)

    assert caught.value.status == 200


def test_an_answer_that_says_it_is_too_large_is_not_read():
    with a_server(saying(body=b"x" * 20_000)) as server, pytest.raises(TooLarge):
        ask(server.url, max_bytes=10_000)


def test_an_answer_of_the_very_size_is_read():
    with a_server(saying(body=b"x" * 10_000)) as server:
        assert len(ask(server.url, max_bytes=10_000).body) == 10_000
    with a_server(saying(body=gzip.compress(b"x" * 10_000), Content_Encoding="gzip")) as server:
        assert len(ask(server.url, max_bytes=10_000).body) == 10_000


def test_a_packed_bomb_is_cut_before_it_unfolds():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(300)) + packer.flush()

    with a_server(saying(body=bomb, Content_Encoding="gzip")) as server, pytest.raises(TooLarge):
        ask(server.url, max_bytes=1_000_000)


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "deflate"])
def test_a_packing_we_did_not_ask_for_is_not_unpacked(packing: str):
    with a_server(saying(body=b"x", Content_Encoding=packing)) as server, pytest.raises(NoAnswer, match="packat"):
        ask(server.url)


def test_headers_without_end_are_cut():
    def script(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not stop.is_set():
            connection.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")

    with a_server(script) as server, pytest.raises(NoAnswer):
        ask(server.url)


# --- Too slow -------------------------------------------------------------------------------------------


def dripping(before: bytes) -> Script:
    def script(connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        connection.sendall(before)
        while not stop.wait(0.02):
            connection.sendall(b"x")

    return script


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_dripping_answer_ends_at_the_deadline(before: bytes):
    with a_server(dripping(before)) as server:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            ask(server.url, deadline_seconds=0.3)

        assert time.monotonic() - began < 3


def test_a_silent_server_ends_at_the_deadline():
    def script(_connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        stop.wait(10)

    with a_server(script) as server, pytest.raises(TooSlow, match="oklart"):
        ask(server.url, method="POST", content=b"post", deadline_seconds=0.2)


def test_a_server_that_does_not_read_ends_at_the_deadline():
    def script(_connection: socket.socket, _request: bytes, stop: threading.Event) -> None:
        stop.wait(10)

    class Deaf(Server):
        @staticmethod
        def _read(connection: socket.socket) -> bytes:
            return connection.recv(10)

    server = Deaf(script)
    try:
        with pytest.raises(TooSlow):
            ask(server.url, method="POST", content=b"x" * 50_000_000, deadline_seconds=0.5)
    finally:
        server.close()


def test_a_call_without_a_deadline_of_its_own_ends_too():
    with a_server(dripping(b"HTTP/1.1 200 OK\r\n\r\n")) as server, http.client(LOOPBACK, timeout_seconds=0.1) as client:
        with client.stream("GET", server.url) as response, pytest.raises(TooSlow):
            http.read_capped(response, 10_000)
        with client.stream("GET", server.url) as response, pytest.raises(TooSlow):
            http.read_capped(response, 10_000, deadline_seconds=0.05)


# --- Sent or not ----------------------------------------------------------------------------------------


def test_p01_a_closed_port_means_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NotSent) as caught:
        ask(f"http://127.0.0.1:{port}/", method="POST", content=b"post")

    assert not isinstance(caught.value, Refused)


def test_p01_a_name_that_does_not_exist_means_not_sent():
    for name in ("finns-inte.invalid", "x" * 70 + ".invalid"):
        with pytest.raises(NotSent):
            ask(f"http://{name}/", method="POST", content=b"post")


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 2", b"\x00\xff garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"],
)
def test_p01_a_broken_answer_means_the_outcome_is_unknown(said: bytes):
    def script(connection: socket.socket, _request: bytes, _stop: threading.Event) -> None:
        connection.sendall(said)
        connection.shutdown(socket.SHUT_RDWR)

    with a_server(script) as server, pytest.raises(NoAnswer):
        ask(server.url, method="POST", content=b"post")

    assert len(server.requests) == 1


def test_p01_a_broken_packing_means_the_outcome_is_unknown():
    packed = gzip.compress(b"hej" * 100)
    for body in (packed[:-9], b"not packed at all"):
        with a_server(saying(body=body, Content_Encoding="gzip")) as server, pytest.raises(NoAnswer) as caught:
            ask(server.url, method="POST", content=b"post")
        assert caught.value.status == 200


def test_p01_a_body_that_fails_on_its_way_means_the_outcome_is_unknown():
    def body() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the file ended")

    with a_server(saying()) as server, http.client(LOOPBACK) as client:
        request = client.build_request("POST", server.url, content=body())
        with pytest.raises(NoAnswer):
            http.send(client, request, max_bytes=10, deadline_seconds=5)


# --- TLS ------------------------------------------------------------------------------------------------


def a_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of that name shows, and what trusts it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "server.pem").write_bytes(
        pem
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(folder / "server.pem")
    return shown, ssl.create_default_context(cadata=pem.decode())


def test_tls_verifies_the_name_though_the_address_is_called(tmp_path: Path):
    shown, trusting = a_certificate(tmp_path, "localhost")
    with a_server(saying(body=b"hemligt"), shown) as server:
        assert ask(f"https://localhost:{server.port}/", tls=trusting).body == b"hemligt"
        with pytest.raises(NotSent):
            ask(f"https://127.0.0.1:{server.port}/", tls=trusting)
        with pytest.raises(NotSent):
            ask(f"https://localhost:{server.port}/")
        assert len(server.requests) == 1


def test_a_redirect_out_of_encryption_is_refused(tmp_path: Path):
    shown, trusting = a_certificate(tmp_path, "localhost")
    with (
        a_server(saying("302 Found", Location="http://127.0.0.1/"), shown) as server,
        pytest.raises(Refused, match="utan kryptering"),
    ):
        ask(f"https://localhost:{server.port}/", tls=trusting)


def test_a_guard_is_told_addresses_as_the_library_reads_them():
    # The addresses above lean on the machine's resolver reading 127.1 and 2130706433 as loopback.
    assert ipaddress.ip_address(socket.getaddrinfo("127.1", 80)[0][4][0]).is_loopback
    assert httpx2.URL("http://2130706433/").host == "2130706433"
