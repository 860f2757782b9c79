"""Cutting JSON into its exact bytes, and reading fields that strangers filled in."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narvaro.base import http
from narvaro.connectors.client import (
    Api,
    Reply,
    Unanswered,
    moment,
    problem,
    raw_items,
    raw_parts,
    serialised,
    storable,
)
from narvaro.connectors.port import Misconfigured, ReconnectNeeded, Transient
from narvaro.testing.servers.scripted import Call, Said, Scripted

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=5), max_size=6)


@given(OBJECTS, st.sampled_from([None, 2]), st.booleans())
def test_every_object_is_cut_with_its_exact_bytes(objects: list[dict[str, Any]], indent: int | None, is_ascii: bool):
    body = json.dumps(objects, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")

    found = raw_items(body)

    assert [item for item, _raw in found] == json.loads(body.decode("utf-8", "surrogateescape"))
    at = 0
    for item, raw in found:
        at = body.index(raw, at) + len(raw)
        assert json.loads(raw.decode("utf-8", "surrogateescape")) == item


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=6))
def test_every_member_is_cut_with_its_exact_bytes(members: dict[str, Any]):
    body = json.dumps(members, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")

    for name, (value, raw) in raw_parts(body).items():
        assert raw in body
        assert value == members[name] or "\udc80" <= max(str(members), default="") <= "\udfff"


@given(st.binary(max_size=60))
def test_any_bytes_are_cut_or_told_as_garbled(body: bytes):
    for cut in (raw_items, raw_parts):
        try:
            cut(body)
        except Transient as error:
            told = str(error)
            assert "tolka" in told or "webbsida" in told


@given(st.text(), st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_what_is_stored_can_be_stored(text: str, item: dict[str, Any]):
    storable(text + "\ud800\0").encode("utf-8")
    assert "\0" not in storable(text + "\0")
    assert serialised({**item, "half": "\ud800"})


def test_elements_that_are_no_objects_are_left_out():
    assert raw_items(b'\xef\xbb\xbf [1, {"a": 1 }, null, "x"] ') == [({"a": 1}, b'{"a": 1 }')]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-11-20T17:24:20.677797+00:00", datetime(2026, 11, 20, 17, 24, 20, 677797, tzinfo=UTC)),
        ("2026-11-20T17:24:20Z", datetime(2026, 11, 20, 17, 24, 20, tzinfo=UTC)),
        ("2026-11-20T17:24:20.123456789Z", datetime(2026, 11, 20, 17, 24, 20, 123456, tzinfo=UTC)),
        ("2026-11-20T18:24:20+01:00", datetime(2026, 11, 20, 17, 24, 20, tzinfo=UTC)),
        ("i går", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_times_are_aware_or_nothing(said: str, expected: datetime | None):
    assert moment(said) == expected


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (301, Misconfigured),
        (401, ReconnectNeeded),
        (404, Misconfigured),
        (429, Transient),
        (500, Transient),
    ],
)
def test_a_status_means_one_class_of_error(status: int, kind: type[Exception] | None):
    error = problem(Reply(status, {}, b"{}", "social.example"))

    assert error is None if kind is None else isinstance(error, kind)


def test_a_kept_connection_that_died_is_replaced_when_reading_and_never_used_for_a_call_with_effect():
    seen: list[str] = []

    def answers(call: Call) -> Said:
        seen.append(call.method)
        return Said(hang_up=len(seen) == 2)

    with Scripted(answers) as server, Api(server.base_url, http.Guard(allow_private=True)) as api:
        api.get("/a")
        api.get("/b")
        seen[:] = ["x"]
        with pytest.raises(Unanswered):
            api.post("/c")

    assert seen == ["x", "POST"]


def a_line(server: Scripted) -> Api:
    """Return a line to a server on which we send our key."""
    return Api(server.base_url, http.Guard(allow_private=True), {"authorization": "Bearer hemlig"})


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_server_that_has_moved_is_named_with_its_new_place_and_never_gets_our_key(status: int):
    with Scripted(lambda _call: Said(status, {"error": "Vem är du?"})) as new:
        moved = Said(301, headers={"location": f"{new.base_url}/api/v1/x"})
        with Scripted(lambda _call: moved) as old, a_line(old) as api:
            with pytest.raises(Misconfigured, match=f"har flyttat till {new.base_url}.") as read:
                api.read("/api/v1/x")
            with pytest.raises(Misconfigured, match=f"har flyttat till {new.base_url}."):
                api.demand(api.post("/api/v1/x", json={}))

    assert old.base_url.removeprefix("http://") in str(read.value)
    assert len(new.calls) == 1
    assert "authorization" not in new.calls[0].headers


def test_a_server_that_leads_to_another_page_of_its_own_has_not_moved():
    def answers(call: Call) -> Said:
        return Said(401, {"error": "Nej"}) if call.path == "/b" else Said(302, headers={"location": "/b"})

    with Scripted(answers) as server, a_line(server) as api, pytest.raises(ReconnectNeeded):
        api.read("/a")


def test_a_picture_that_lies_elsewhere_and_is_not_there_is_no_move():
    with Scripted(lambda _call: Said(404)) as store:
        moved = Said(302, headers={"location": f"{store.base_url}/x.png"})
        guard = http.Guard(allow_private=True)
        with (
            Scripted(lambda _call: moved) as server,
            Api(server.base_url, guard) as api,
            pytest.raises(Misconfigured, match="har inte det som efterfrågas"),
        ):
            api.read("/x.png")


def test_trouble_at_the_new_place_passes_and_is_no_move():
    with Scripted(lambda _call: Said(503)) as new:
        moved = Said(302, headers={"location": f"{new.base_url}/x"})
        with Scripted(lambda _call: moved) as old, a_line(old) as api, pytest.raises(Transient):
            api.read("/x")


def test_nothing_we_sent_stands_in_an_error():
    secret = "mycket-hemligt"
    with Scripted(lambda _call: Said(500, {"error": "fel"})) as server:
        base = server.base_url
    with Api(base, http.Guard(allow_private=True), {"authorization": f"Bearer {secret}"}) as api:
        with pytest.raises(Transient) as error:
            api.get(f"/x?token={secret}")
        assert secret not in str(error.value) + repr(error.value)
        assert error.value.__cause__ is None
