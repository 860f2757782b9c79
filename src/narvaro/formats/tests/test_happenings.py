"""Operational reports and vacancies of others: what is read out of them, and what a hostile one costs."""

from __future__ import annotations

import json

import pytest

from narvaro.formats import happenings

pytestmark = pytest.mark.one_database
CAP = """<feed xmlns="http://www.w3.org/2005/Atom"><alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
<identifier>{id}</identifier><sender>va@storkoping.example</sender><sent>2026-11-02T08:00:00+01:00</sent>
<status>Actual</status><msgType>{kind}</msgType><references>{references}</references>
<info><language>en</language><event>Leak</event><headline>Water leak</headline></info>
<info><language>sv-SE</language><event>Läcka</event><severity>Severe</severity><headline>Vattenläcka</headline>
<parameter><valueName>headline</valueName><value>Fel</value></parameter>
<area><areaDesc>Norra torget</areaDesc></area><area><areaDesc>Hamnen</areaDesc></area></info></alert></feed>"""


def test_a_json_list_wherever_it_stands_becomes_names_and_short_texts():
    body = json.dumps({"data": {"lista": [{"id": 7, "plats": {"gata": "Storgatan"}, "spår": ["a", "b"], "x": None,
                                           "klar": True}]}}).encode()  # fmt: skip

    (found,) = happenings.of_json(body, path="data.lista")

    assert found == {"id": "7", "plats.gata": "Storgatan", "spår": "a, b", "klar": "ja"}
    assert happenings.of_json(b'[{"a": 1}, 2, "x"]') == [{"a": "1"}]
    assert happenings.of_csv("id;rubrik\n1;Snöröjning pågår\n".encode()) == [{"id": "1", "rubrik": "Snöröjning pågår"}]


def test_a_cap_alert_is_read_in_swedish_and_what_ends_it_bears_the_same_name():
    (begun,) = happenings.of_cap(CAP.format(id="n1", kind="Alert", references="").encode())
    references = "va@storkoping.example,n1,2026-11-02T08:00:00+01:00"
    (ended,) = happenings.of_cap(CAP.format(id="n2", kind="Cancel", references=references).encode())

    assert (begun["headline"], begun["severity"], begun["areaDesc"]) == (
        "Vattenläcka",
        "Severe",
        "Norra torget, Hamnen",
    )
    assert begun["incident"] == ended["incident"] == "n1"
    assert (ended["identifier"], ended["msgType"]) == ("n2", "Cancel")


def test_vacancies_are_read_from_a_page_and_from_a_list():
    posting = {"@graph": [{"@type": ["JobPosting"], "title": "Lärare", "url": "https://jobb.example/1",
                           "validThrough": "2026-12-01", "hiringOrganization": {"name": "Storköping"},
                           "jobLocation": [{"address": {"addressLocality": "Storköping"}}]}]}  # fmt: skip
    page = f'<html><script type="application/ld+json">{json.dumps(posting)}</script><script>x</script>'.encode()
    listed = {"hits": [{"id": "9", "headline": "Lärare", "webpage_url": "https://jobb.example/9",
                        "application_deadline": "2026-12-01T23:59:59", "employer": {"name": "Storköping"},
                        "workplace_address": {"municipality": "Storköping"}}]}  # fmt: skip

    of_page, of_list = happenings.vacancies(page), happenings.vacancies(json.dumps(listed).encode())

    for (found,) in (of_page, of_list):
        assert (found["title"], found["place"], found["employer"], found["last"][:10]) == (
            "Lärare", "Storköping", "Storköping", "2026-12-01"
        )  # fmt: skip


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><alert>&b;</alert>'


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (happenings.of_cap, LAUGHS), (happenings.of_cap, b"<a>" * 50_000), (happenings.of_cap, b"{}"),
        (happenings.of_cap, b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), (happenings.of_cap, b"x" * 10_000_000),
        (happenings.of_json, b"[" * 100_000), (happenings.of_json, b"[{}," * 150_000), (happenings.of_json, b"\xff"),
        (happenings.of_json, b"[" + b"1" * 10_000_000 + b"]"), (happenings.of_json, b'{"a": 1, "b": [], "c": []}' * 2),
        (happenings.of_csv, b""), (happenings.of_csv, b"a;b\n\x00;" * 9), (happenings.of_csv, b"x" * 10_000_000),
        (happenings.vacancies, b"<script type=ld+json>" * 100_000), (happenings.vacancies, b"{}"),
    ],
    ids=lambda given: given.__name__ if callable(given) else repr(given[:12]),
)  # fmt: skip
def test_what_is_hostile_is_one_sentence(read, body):
    with pytest.raises(happenings.NotRecords):
        read(body)


def test_what_is_wide_or_deep_is_read_as_far_as_it_is_useful():
    deep = {"a": "x"}
    for _level in range(100):
        deep = {"d": deep}
    wide = {f"n{n}": "y" * 5_000 for n in range(400)}

    found, other = happenings.of_json(json.dumps([wide, {"id": 1, **deep}]).encode())

    assert len(found) == 200
    assert max(map(len, found.values())) == 4_000
    assert other == {"id": "1"}
