"""What is uploaded is looked through by the scanner that is set; without an answer nothing is taken in."""

from __future__ import annotations

import socket

import pytest
from django.conf import settings

from narvaro.core.types import Invalid
from narvaro.media import scan
from narvaro.media.cleaning import cleaned
from narvaro.media.testing import a_photo
from narvaro.media.tests.clamd import EVIL, a_clamd

pytestmark = pytest.mark.one_database


@pytest.fixture
def set_to(monkeypatch):
    return lambda address: monkeypatch.setattr(settings.OPTIONS, "clamd", address)


def test_sec_1_a_file_that_the_scanner_finds_something_in_is_refused_and_others_pass(set_to):
    with a_clamd() as address:
        set_to(address)
        cleaned(a_photo())
        scan.refuse_infected(bytes(200_000))
        with pytest.raises(Invalid, match="skadlig kod i filen"):
            cleaned(a_photo() + EVIL)


def test_sec_1_what_is_too_large_for_the_scanner_or_makes_it_answer_oddly_is_refused(set_to):
    with a_clamd() as address:
        set_to(address)
        with pytest.raises(Invalid):
            scan.refuse_infected(bytes(3 << 20))
    for odd in (b"", b"stream: OK but not quite", b"PONG"):
        with a_clamd(odd) as address:
            set_to(address)
            with pytest.raises(Invalid):
                scan.refuse_infected(b"x")


def test_sec_1_a_scanner_that_is_set_and_does_not_answer_lets_nothing_in(set_to, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for address in (f"tcp://127.0.0.1:{port}", f"unix:{tmp_path}/clamd.sock"):
        set_to(address)
        with pytest.raises(Invalid, match="kan inte kontrolleras"):
            cleaned(a_photo())
