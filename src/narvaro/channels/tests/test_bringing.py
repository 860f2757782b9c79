"""Somebody's register is looked through row by row before anything is written, and brought in once."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from narvaro.channels import actions, queries, rules
from narvaro.channels.models import Channel, ChannelAssignment, ChannelCard, ChannelReading, ChannelStep, Condition
from narvaro.channels.queries import Understanding
from narvaro.channels.rules.bringing import Fate
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.core import audit
from narvaro.core.models import AuditEntry, Leaf, Letter, Unit
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.formats import tables

pytestmark = pytest.mark.django_db

REGISTER = """\
Plattform;Konto;Kontots adress;Namn;Förvaltning;Ansvarig;Ersättare;Syfte;Språk;Öppnat
Facebook;Biblioteket;https://facebook.com/biblioteket;Bibban;Kultur;{anna};Enhetschef;Tips om böcker;svenska;2020-03-01
Twitter;@kommunen;;;Kommunikation;;;;;
Mastodon;kommunen@social.example;;;Kommunikation;{anna};;;;
"""


@pytest.fixture
def lead(authority):
    return a_lead(authority)


@pytest.fixture
def anna(authority):
    return person_of(an_actor(authority, role=Role.REPRESENTATIVE))


def read(text):
    return tables.read(text.encode())


def understood(actor, **values):
    return Understanding(responsible=person_of(actor), **values)


def brought(actor, text, **values):
    return actions.bring_in_rows(
        actor=actor, table=read(text), understanding=understood(actor, **values), name="register.csv"
    )


def fates(rows):
    return [(row.number, row.fate.value) for row in rows]


def channels(authority):
    return list(Channel.objects.everywhere("test").filter(authority=authority).order_by("id"))


# --- What columns and cells mean --------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("heads", "meant"),
    [
        ("Plattform;Kontonamn;Förvaltning;Kontoansvarig", ["platform", "handle", "unit", "responsible"]),
        ("service_key;service_url;organization;short_description", ["platform", "url", "unit", "purpose"]),
        ("PLATFORM;User name;Owner;Deputy", ["platform", "handle", "responsible", "deputy"]),
        ("Konto;Account;Något annat;uid", ["handle", "", "", "-"]),
    ],
)
def test_columns_are_known_by_what_people_call_them(heads, meant):
    assert rules.columns_of(read(f"{heads}\n;;;\n"), {}) == meant


@pytest.mark.one_database
def test_a_column_of_platforms_is_known_by_what_stands_in_it_and_a_person_says_the_rest():
    table = read("Kanal;Benämning;X\nFacebook;a;b\nInstagram;c;d\n")

    assert rules.columns_of(table, {}) == ["platform", "name", ""]
    assert rules.columns_of(table, {"X": "handle", "Kanal": "-"}) == ["-", "name", "handle"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("cells", "account"),
    [
        ({"platform": "Twitter", "handle": "@x"}, ("x", "x")),
        ({"platform": "Facebook", "url": "www.facebook.com/biblioteket/"}, ("facebook", "biblioteket")),
        ({"url": "https://www.instagram.com/badet"}, ("instagram", "badet")),
        ({"platform": "Facebook", "url": "https://www.instagram.com/badet"}, ("instagram", "badet")),
        ({"handle": "@kommunen@social.example"}, ("mastodon", "kommunen@social.example")),
        ({"platform": "Bluesky", "handle": "Kommunen.bsky.social"}, ("bluesky", "kommunen.bsky.social")),
        ({"platform": "Vår app", "url": "https://app.example/oss"}, ("manual", "app.example/oss")),
    ],
)
def test_an_account_is_known_by_its_platform_name_or_address(cells, account):
    wanted = rules.wanted_of(cells)

    assert (wanted.platform, wanted.handle) == account


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({}, "platform"),
        ({"platform": "Vår app", "handle": "x"}, "platform"),
        ({"platform": "Facebook"}, "account"),
        ({"platform": "Mastodon", "handle": "kommunen"}, "account"),
        ({"platform": "X", "handle": "x", "url": "javascript:alert(1)"}, "url"),
        ({"platform": "X", "handle": "x", "url": "inte en adress"}, "url"),
        ({"platform": "X", "handle": "x" * 201}, "handle"),
        ({"platform": "X", "handle": "a\u202eb"}, "account"),
        ({"platform": "X", "handle": "x", "purpose": "x" * 301}, "purpose"),
        ({"platform": "X", "handle": "x", "opened_on": "i fjol"}, "opened_on"),
        ({"platform": "X", "handle": "x", "opened_on": "2999-01-01"}, "opened_on"),
        ({"platform": "X", "handle": "x", "function_mailbox": "nej"}, "function_mailbox"),
        ({"platform": "X", "handle": "x", "comments": "kanske"}, "comments"),
    ],
)
def test_what_cannot_be_is_refused_with_where(cells, field):
    with pytest.raises(Invalid) as refused:
        rules.wanted_of(cells)

    assert refused.value.field == field
    assert str(refused.value)


# --- The fate of each row ---------------------------------------------------------------------------------------------


def test_a_row_that_is_new_has_all_that_a_channel_entered_by_hand_has(authority, lead, anna):
    by_hand = actions.add_channel(
        actor=lead, platform="facebook", name="För hand", handle="hand", unit=a_unit(authority), responsible=anna
    )

    rows = brought(lead, REGISTER.format(anna=anna.email).replace("Enhetschef", "Kommunikationsansvarig"))

    library, short, _mastodon = channels(authority)[1:]
    assert fates(rows) == [(2, "new"), (3, "new"), (4, "new")]
    assert (library.platform, library.handle, library.unit.name) == ("facebook", "Biblioteket", "Kultur")
    assert (library.responsible, library.deputy) == (anna, person_of(lead))
    assert (short.platform, short.handle, short.name, short.responsible) == (
        "x",
        "kommunen",
        "kommunen",
        person_of(lead),
    )
    assert queries.card_of(lead, library).opened_on == date(2020, 3, 1)
    assert library.papers_by == by_hand.papers_by
    assert library.state == by_hand.state
    for model in (ChannelReading, ChannelStep, Condition, ChannelAssignment):
        of = {channel.pk: model.objects.of(lead).filter(channel=channel).count() for channel in (by_hand, short)}
        assert of[by_hand.pk] == of[short.pk] > 0, model
    assert [each.verb for each in audit.history(lead, library)] == ["channels.add_channel"]
    entries = AuditEntry.objects.of(lead)
    assert Leaf.objects.of(lead).filter(kind="audit").count() == entries.count()
    assert entries.get(verb="channels.bring_in_register").facts["new"] == 3


def test_the_same_register_again_changes_nothing_and_what_it_says_otherwise_changes_that_alone(authority, lead, anna):
    text = REGISTER.format(anna=anna.email).replace("Enhetschef", "")
    brought(lead, text)
    before = [(row.pk, row.version) for row in channels(authority)]

    again = brought(lead, text)
    unchanged = [(row.pk, row.version) for row in channels(authority)]
    changed = brought(lead, text.replace("Tips om böcker", "Läsning").replace("svenska", "finska"))

    library = channels(authority)[0]
    assert [row.fate for row in again] == [Fate.SAME] * 3
    assert unchanged == before
    assert [row.fate for row in changed] == [Fate.CHANGED, Fate.SAME, Fate.SAME]
    assert "Tips om böcker → Läsning" in changed[0].why
    assert (library.purpose, queries.card_of(lead, library).languages, library.name) == (
        "Läsning",
        "finska",
        "Bibban",
    )
    assert Unit.objects.of(lead).filter(name="Kultur").count() == 1


def test_what_is_here_is_left_alone_where_a_person_wants_that(authority, lead):
    channel = a_channel(authority, platform="facebook")

    (row,) = brought(lead, f"platform;handle;name\nfacebook;{channel.handle.upper()};Annat\n", changes=False)

    assert row.fate == Fate.SAME
    assert "Annat" in row.why
    assert channels(authority)[0].name == channel.name


def test_each_refused_row_is_told_with_its_number_and_the_rest_come_in(authority, lead, anna):
    text = (
        "platform;handle;unit;responsible;deputy;name\n"
        f"facebook;a;Ny;{anna.email};{anna.email};\n"
        "facebook;b;Ny;ingen@storkoping.example;;\n"
        "facebook;c;;;;\n"
        "facebook;d;Ny;Medarbetare;;\n"
        "facebook;e;Ny;;;=HYPERLINK(1)\n"
        "facebook;f;Ny;;;\n"
        "FACEBOOK;F;Ny;;;\n"
        "okänd;g;Ny;;;\n"
    )

    rows = brought(lead, text)

    assert fates(rows) == [(2, "refused"), (3, "refused"), (4, "refused"), (5, "refused"), (6, "refused"), (7, "new"),
                           (8, "refused"), (9, "refused")]  # fmt: skip
    for row, told in zip(
        rows, ("två olika", "ingen@", "enhet", "Medarbetare", "formel", "", "rad 7", "okänd"), strict=True
    ):
        assert told in row.why
    assert [channel.handle for channel in channels(authority)] == ["f"]


def test_a_function_means_whoever_has_it_in_the_unit(authority, lead):
    unit = a_unit(authority, name="Kultur")
    manager = person_of(an_actor(authority, role=Role.UNIT_MANAGER, unit=unit))
    an_actor(authority, role=Role.UNIT_MANAGER, unit=a_unit(authority))

    (row,) = brought(lead, "platform;handle;unit;responsible\nx;a;kultur;enhetschef\n")

    assert (row.responsible, row.unit) == (manager, unit)


def test_a_unit_manager_brings_in_to_the_own_unit_only_and_communications_are_told_once(authority):
    unit = a_unit(authority, name="Kultur")
    leads = person_of(a_lead(authority))
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    a_unit(authority, name="Skola")

    rows = brought(manager, "platform;handle;unit\nx;a;Kultur\nx;b;Skola\nx;c;Ny enhet\nx;d;Kultur\n")

    assert [row.fate.value for row in rows] == ["new", "refused", "refused", "new"]
    letters = Letter.objects.of(manager).filter(kind="register_brought_in")
    assert [letter.to_person_id for letter in letters] == [leads.pk]
    with pytest.raises(NotPermitted):
        brought(an_actor(authority, role=Role.REPRESENTATIVE), "platform;handle\nx;a\n")


def test_another_authoritys_json_comes_in_with_its_history_and_once(authority, lead):
    source = an_authority()
    open_one = a_channel(source, platform="facebook", url="https://www.facebook.com/a")
    gone = a_channel(source, platform="facebook")
    actions.describe_channel(actor=a_lead(source), channel=open_one, languages="svenska, finska", comments="limited")
    actions.close_channel(actor=a_lead(source), channel=gone, why="Ingen läser.")
    exported = Client().get(f"/{source.slug}/kanaler.json").content.decode()

    table = read(exported)
    first, again = brought(lead, exported), brought(lead, exported)

    assert table.origin == source.name
    assert [row.fate for row in first] == [Fate.NEW, Fate.NEW]
    assert [row.fate for row in again] == [Fate.SAME, Fate.SAME]
    mine = json.loads(Client().get(f"/{authority.slug}/kanaler.json").content)["accounts"]
    theirs = json.loads(exported)["accounts"]
    for one, other in zip(mine, theirs, strict=True):
        for name in ("platform", "handle", "url", "name", "unit", "languages", "comments", "closed_on"):
            assert one[name] == other[name], name


def test_two_thousand_rows_ask_little_more_of_the_database_than_two(authority, lead, django_assert_max_num_queries):
    unit = a_unit(authority)
    text = "platform;handle;name;language\n" + "".join(f"x;konto{n};Konto {n};svenska\n" for n in range(2_000))

    with django_assert_max_num_queries(300):  # many rows at a time; SQLite takes a thousand values in a statement
        rows = brought(lead, text, unit=unit)

    assert {row.fate for row in rows} == {Fate.NEW}
    assert ChannelCard.objects.of(lead).count() == 2_000


# --- The pages --------------------------------------------------------------------------------------------------------


def uploaded(client, text, name="register.csv"):
    page = client.get("/kanaler/las-in/")
    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/kanaler/las-in/", filled(page) | {"file": SimpleUploadedFile(name, content)})


def test_a_person_sees_each_rows_fate_chooses_and_brings_it_in_once(authority, lead, django_assert_max_num_queries):
    client = signed_in(lead)
    a_unit(authority, name="Kultur")
    address = uploaded(client, "platform;Vem;X\nfacebook;a;1\nfacebook;b;2\n").headers["Location"]
    with django_assert_max_num_queries(12):
        seen = client.get(address)
    assert "Några kolumner känns inte igen" in seen.content.decode()
    unit = next(value for value, label in seen.context["form"].fields["unit"].choices if label == "Kultur")
    chosen = {"kolumn-1": "handle", "unit": unit, "responsible": str(person_of(lead).uid)}

    too_soon = client.post(address, filled(seen, **chosen) | {"do": "las-in"})
    shown = client.get(address)
    wanted = filled(shown) | {"do": "las-in"}
    nothing_yet = channels(authority)
    client.post(address, wanted)
    again = client.post(address, wanted)

    told = client.get(address).content.decode()
    assert too_soon.status_code == 302
    assert nothing_yet == []
    assert [channel.handle for channel in channels(authority)] == ["a", "b"]
    assert again.status_code != 500
    assert "Så här gick det med varje rad" in told
    fates_file = list(
        csv.reader(io.StringIO(client.get(f"{address}?fil=csv").content.decode("utf-8-sig")), delimiter=";")
    )
    assert [row[:3] for row in fates_file[1:]] == [["2", "Ny", "a"], ["3", "Ny", "b"]]
    file = queries.register_file(lead, address.strip("/").rpartition("/")[2])
    assert bytes(file.content) == b""


def test_a_file_that_cannot_be_read_says_why_and_keeps_nothing(authority, lead):
    answer = uploaded(signed_in(lead), b"platform;handle\nx;\xff\x81\n")

    assert answer.status_code == 422
    assert "Rad 2:" in answer.content.decode()
    assert queries.register_files(lead) == []


def test_a_stale_page_and_another_authoritys_file_are_refused(authority, lead):
    file = actions.keep_register(actor=lead, name="a.csv", content=b"platform;handle\nx;a\n")
    how = {"columns": {}, "unit_uid": None, "responsible_uid": None, "makes_units": False, "changes": True}
    actions.understand_register(actor=lead, uid=file.uid, **how)

    with pytest.raises(Stale):
        actions.bring_in_register(actor=lead, uid=file.uid, seen_version=1)
    with pytest.raises(NotFound):
        actions.bring_in_register(actor=a_lead(an_authority()), uid=file.uid)
    assert signed_in(an_actor(authority, role=Role.EMPLOYEE)).get("/kanaler/las-in/").status_code == 403


def test_the_empty_register_to_fill_in_is_understood_whole_in_both_languages(lead):
    for language in ("sv", "en"):
        client = signed_in(lead)
        client.cookies["narvaro_language"] = language
        table = tables.read(client.get("/kanaler/las-in/mall.csv").content + b"x;a\r\n")
        with translation.override(language):
            assert "" not in rules.columns_of(table, {}), language
