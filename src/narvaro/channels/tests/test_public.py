"""What the register tells anybody: which accounts are ours, and whether a certain one is."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from narvaro.base.clock import frozen, now, today
from narvaro.channels import actions, queries, rules
from narvaro.channels.actions import connecting
from narvaro.channels.models import Channel, ChannelCard
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.connectors.port import Account, Profile
from narvaro.core import actions as house
from narvaro.core.models import Authority
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotPermitted, Role, Stale

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture
def library(authority):
    """An account with a card, whose people have names that nobody outside needs."""
    channel = a_channel(
        authority, platform="facebook", purpose="Tips om böcker", url="https://www.facebook.com/biblioteket"
    )
    Channel.objects.of(a_lead(authority)).filter(pk=channel.pk).update(
        handle="Biblioteket", handle_key="biblioteket", name="Biblioteket i Storköping"
    )
    channel.refresh_from_db(from_queryset=Channel.objects.everywhere("test"))
    actions.describe_channel(
        actor=a_lead(authority), channel=channel, audience="Alla som läser", staffed_hours="Vardagar 9–17",
        elsewhere="Ring växeln, 0123-456 00.", languages="svenska, engelska", opened_on=date(2020, 3, 1),
        function_mailbox="biblioteket@storkoping.example", administrators=3, two_step_verified_on=date(2026, 1, 1),
    )  # fmt: skip
    return channel


def get(address, **headers):
    return Client().get(address, **headers)


def closed(channel):
    actions.close_channel(actor=a_lead(channel.authority), channel=channel, why="Ingen läser.")


# --- The card ---------------------------------------------------------------------------------------------------------


def test_sec_2_the_card_is_filled_in_and_a_day_to_come_is_refused(authority, library):
    lead = a_lead(authority)
    client = signed_in(lead)
    page = client.get(f"/kanaler/{library.uid}/kort/")

    refused = client.post(
        f"/kanaler/{library.uid}/kort/",
        filled(page, two_step_verified_on=(today() + timedelta(days=1)).isoformat(), bbs_applies="on"),
    )
    client.post(
        f"/kanaler/{library.uid}/kort/",
        filled(page, administrators="2", tags="Kultur, barn,kultur ", bbs_applies="on", elsewhere="Kom in till oss."),
    )

    card = queries.card_of(lead, library)
    assert refused.status_code == 422
    assert (card.administrators, card.tags, card.bbs_applies) == (2, ["Kultur", "barn", "kultur"], True)
    assert (card.elsewhere, card.audience) == ("Kom in till oss.", "Alla som läser")


def test_a_card_that_somebody_else_changed_meanwhile_is_not_overwritten(authority, library):
    seen = library.version

    with pytest.raises(Stale):
        actions.describe_channel(actor=a_lead(authority), channel=library, seen_version=seen, audience="Barn")


def test_the_channels_page_shows_its_card_to_those_who_work_here(authority, library):
    page = signed_in(an_actor(authority, role=Role.EMPLOYEE)).get(f"/kanaler/{library.uid}/").content.decode()

    assert "Tvåstegsinloggning kontrollerades" in page
    assert "Vardagar 9–17" in page


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.EMPLOYEE, Role.AUDITOR, Role.REGISTRAR])
def test_others_do_not_fill_in_the_card(authority, library, role):
    actor = an_actor(authority, role=role)

    page = signed_in(actor).get(f"/kanaler/{library.uid}/kort/")

    assert page.status_code == 403
    with pytest.raises(NotPermitted):
        actions.describe_channel(actor=actor, channel=library, audience="Barn")


def test_a_day_that_has_not_been_is_no_verification(authority, library):
    with pytest.raises(Invalid):
        actions.describe_channel(
            actor=a_lead(authority), channel=library, two_step_verified_on=today() + timedelta(days=1)
        )


# --- Our accounts -----------------------------------------------------------------------------------------------------


def test_bbs_2_anybody_sees_what_an_account_is_for_when_somebody_is_there_and_where_else_to_turn(authority, library):
    page = get(f"/{authority.slug}/kanaler/").content.decode()

    for told in (
        "Biblioteket i Storköping",
        "Facebook",
        "Tips om böcker",
        "Alla som läser",
        "Vardagar 9–17",
        "Ring växeln",
    ):
        assert told in page


@pytest.mark.parametrize("where", ["kanaler/", "kanaler.json", "kanaler.csv", "kanaler.atom", "kanaler/lista/"])
def test_osl_5_no_person_and_nothing_of_how_an_account_is_guarded_is_told(authority, library, where):
    answer = get(f"/{authority.slug}/{where}").content.decode()

    assert "Biblioteket" in answer
    assert library.responsible.name not in answer
    assert library.responsible.email not in answer
    for guarded in ("administrators", "two_step", "decision_ref", "2026-01-01"):
        assert guarded not in answer


def test_a_closed_account_is_told_of_as_history_and_is_no_link(authority, library):
    closed(library)

    page = get(f"/{authority.slug}/kanaler/").content.decode()

    assert "Här fanns vi förut" in page
    assert 'href="https://www.facebook.com/biblioteket"' not in page


def test_an_authority_without_accounts_says_so(authority):
    assert "inga konton i sociala medier" in get(f"/{authority.slug}/kanaler/").content.decode()


def test_the_page_is_kept_by_caches_and_is_in_the_language_of_its_address(authority, library):
    first = get(f"/{authority.slug}/kanaler/")

    again = get(f"/{authority.slug}/kanaler/", headers={"If-None-Match": first["ETag"]})
    english = get(f"/{authority.slug}/kanaler/?sprak=en")

    assert again.status_code == 304
    assert "public" in first["Cache-Control"]
    assert english["Content-Language"] == "en"
    assert '<html lang="en"' in english.content.decode()


@pytest.mark.parametrize(
    "where", ["kanaler/", "kanaler.json", "kanaler.csv", "kanaler.atom", "datasets/dcat", "trust.txt"]
)
def test_what_has_not_changed_is_not_sent_again(authority, where):
    first = get(f"/{authority.slug}/{where}")

    with frozen(now() + timedelta(hours=1)):
        again = get(f"/{authority.slug}/{where}", headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304


@pytest.mark.django_db(transaction=True)
def test_what_is_kept_ready_is_made_anew_when_the_register_changes_and_never_shown_for_another():
    authority = an_authority()
    channel = a_channel(authority, platform="facebook")
    other = an_authority()
    address = f"/{authority.slug}/kanaler/"
    before = [get(address).content.decode() for _ in range(2)]
    with CaptureQueriesContext(connection) as asked:
        get(address)

    actions.change_channel(actor=a_lead(authority), channel=channel, name="Badhuset")
    renamed = get(address).content.decode()
    house.change_unit(actor=a_lead(authority), unit_uid=channel.unit.uid, name="Kultur och fritid")
    of_unit = get(address).content.decode()
    house.change_authority(actor=a_lead(authority), name="Nya Storköping")

    assert before[0] == before[1]
    assert not [each for each in asked if "channels_channel" in each["sql"]]
    assert "Badhuset" not in before[0]
    assert "Badhuset" in renamed
    assert "Kultur och fritid" in of_unit
    assert "Nya Storköping" in get(address).content.decode()
    assert '<html lang="en"' in get(f"{address}?sprak=en").content.decode()
    assert "Badhuset" not in get(f"/{other.slug}/kanaler/").content.decode()


def test_the_list_for_another_website_may_be_framed_and_the_others_may_not(authority, library):
    framed, page = get(f"/{authority.slug}/kanaler/lista/"), get(f"/{authority.slug}/kanaler/")

    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_same_stands_as_json_csv_and_atom(authority, library):
    (as_json,) = json.loads(get(f"/{authority.slug}/kanaler.json").content)["accounts"]
    header, row = csv.reader(
        io.StringIO(get(f"/{authority.slug}/kanaler.csv").content.decode("utf-8-sig")), delimiter=";"
    )
    feed = ElementTree.fromstring(get(f"/{authority.slug}/kanaler.atom").content)

    assert as_json["url"] == "https://www.facebook.com/biblioteket"
    assert as_json["languages"] == ["svenska", "engelska"]
    assert dict(zip(header, row, strict=True))["handle"] == "Biblioteket"
    assert [each.text for each in feed.iter("{http://www.w3.org/2005/Atom}title")][
        1
    ] == "Nytt: Biblioteket i Storköping"


def test_od_6_the_page_says_to_machines_that_the_accounts_are_the_authoritys_own(authority, library):
    page = get(f"/{authority.slug}/kanaler/").content.decode()
    lines = get(f"/{authority.slug}/trust.txt").content.decode().splitlines()

    assert 'itemtype="https://schema.org/GovernmentOrganization"' in page
    assert 'rel="me noopener noreferrer" itemprop="sameAs"' in page
    assert "social=https://www.facebook.com/biblioteket" in lines


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/rdf+xml"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/turtle", "text/turtle"),
        ("application/ld+json", "application/ld+json"),
    ],
)
def test_od_2_the_open_data_are_harvested_where_the_dataportal_looks(authority, library, accept, media_type):
    answer = get("/datasets/dcat", headers={"Accept": accept})

    assert answer["Content-Type"].startswith(media_type)
    assert f"/{authority.slug}/kanaler.json" in answer.content.decode()


def test_od_2_another_organisations_data_are_harvested_at_its_own_address(authority, library):
    other = an_authority()

    assert f"/{other.slug}/kanaler.json" not in get("/datasets/dcat").content.decode()
    assert f"/{other.slug}/kanaler.json" in get(f"/{other.slug}/datasets/dcat?format=turtle").content.decode()


def test_nothing_is_harvested_before_an_authority_is_there():
    assert get("/datasets/dcat").status_code == 404


def test_the_public_page_asks_as_much_of_the_database_for_forty_accounts_as_for_one(
    authority, django_assert_max_num_queries
):
    for _ in range(40):
        a_channel(authority)

    with django_assert_max_num_queries(MOST_QUERIES):
        get(f"/{authority.slug}/kanaler/")


# --- Is it ours -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.facebook.com/biblioteket",
        "https://m.facebook.com/Biblioteket/posts/123?locale=sv_SE",
        "facebook.com/biblioteket/",
        "BIBLIOTEKET",
        "@biblioteket",
    ],
)
def test_an_account_is_known_by_any_address_of_it_and_by_its_name(authority, library, typed):
    page = get(f"/{authority.slug}/kanaler/vart/?konto={quote(typed)}").content.decode()

    assert "Ja, kontot är vårt" in page


@pytest.mark.parametrize(
    "typed",
    [
        "https://www.facebook.com/biblioteket-storkoping",
        "https://www.instagram.com/biblioteket",
        "https://facebook.com.example/biblioteket",
        "https://facebook.com@example.com/biblioteket",
        "https://www.facebook.com/",
        "https://[",
        "javascript:alert(1)",
        "' OR 1=1 --",
        "\u202egnp.exe",
        "%",
    ],
)
def test_what_only_looks_like_ours_is_unknown_to_us_with_what_to_do(authority, library, typed):
    page = get(f"/{authority.slug}/kanaler/vart/?konto={quote(typed)}").content.decode()

    assert "Vi känner inte till kontot" in page
    assert "Ja, kontot är vårt" not in page
    assert "<script>alert" not in page


def test_what_was_ours_and_is_closed_is_not_ours_any_more(authority, library):
    closed(library)

    page = get(f"/{authority.slug}/kanaler/vart/?konto=facebook.com/biblioteket").content.decode()

    assert "Nej, inte längre" in page


def test_another_authoritys_account_is_not_ours(authority, library):
    other = an_authority()

    page = get(f"/{other.slug}/kanaler/vart/?konto=facebook.com/biblioteket").content.decode()

    assert "Vi känner inte till kontot" in page


@pytest.mark.parametrize(
    ("handle", "typed"),
    [
        ("kommunen@social.example", "https://social.example/@kommunen"),
        ("kommunen@social.example", "https://social.example/@kommunen/1122334455"),
        ("kommunen@social.example", "https://annan.example/@kommunen@social.example"),
        ("kommunen@social.example", "@kommunen@social.example"),
        ("kommunen@social.example", "https://social.example/users/kommunen"),
    ],
)
def test_an_account_in_the_fediverse_is_known_from_any_server(authority, handle, typed):
    channel = a_channel(authority)
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(handle=handle, handle_key=handle)

    assert [each.handle for each in queries.accounts_named(typed)] == [handle]


@pytest.mark.parametrize(
    "typed",
    [
        "GÖTEBORGS STAD",
        "https://www.facebook.com/Göteborgs stad",
        "https://www.facebook.com/g%C3%B6teborgs%20stad",
        "go\u0308teborgs stad",
    ],
)
def test_an_account_with_letters_beyond_a_to_z_is_known(authority, typed):
    channel = a_channel(authority, platform="facebook")
    channel.handle = "Göteborgs Stad"
    channel.save()

    assert [each.uid for each in queries.accounts_named(typed)] == [str(channel.uid)]


def test_an_account_is_looked_up_by_the_name_that_its_platform_told(authority):
    changes = connecting._found_out(
        a_channel(authority), Account("https://social.example", "", "", {}),
        Profile("1", "Åsele@social.example", "", "", "", b""),
    )  # fmt: skip

    assert (changes["handle"], changes["handle_key"]) == ("Åsele@social.example", "åsele@social.example")


@pytest.mark.parametrize("state", ["proposed", "decided"])
def test_what_is_not_begun_is_told_to_nobody(authority, library, state):
    Channel.objects.everywhere("test").filter(pk=library.pk).update(state=state)

    assert "Biblioteket" not in get(f"/{authority.slug}/kanaler/").content.decode()
    assert json.loads(get("/api/v1/accounts/verify?url=facebook.com/biblioteket").content)["answer"] == "unknown"


@pytest.mark.parametrize("state", ["dormant", "closing"])
def test_an_account_that_rests_or_is_being_closed_is_still_ours(authority, library, state):
    Channel.objects.everywhere("test").filter(pk=library.pk).update(state=state)

    assert "Biblioteket" in get(f"/{authority.slug}/kanaler/").content.decode()
    assert json.loads(get("/api/v1/accounts/verify?url=facebook.com/biblioteket").content)["answer"] == "ours"


def test_machines_are_told_the_same_for_every_authority_here(authority, library):
    ours = json.loads(get("/api/v1/accounts/verify?url=https://www.facebook.com/biblioteket").content)
    unknown = json.loads(get("/api/v1/accounts/verify?url=https://www.facebook.com/biblioteketet").content)
    closed(library)
    former = json.loads(get("/api/v1/accounts/verify?url=https://www.facebook.com/biblioteket").content)

    assert (ours["answer"], unknown["answer"], former["answer"]) == ("ours", "unknown", "closed")
    assert ours["accounts"][0]["authority"] == authority.name
    assert get("/api/v1/accounts/verify").status_code == 400
    assert get("/api/v1/accounts/verify?url=x")["Access-Control-Allow-Origin"] == "*"


def test_a_made_up_authoritys_account_is_nobodys():
    demo = an_authority()
    Authority.objects.filter(pk=demo.pk).update(is_demo=True)
    channel = a_channel(demo)

    assert json.loads(get(f"/api/v1/accounts/verify?url={channel.handle}").content)["answer"] == "unknown"
    assert "Ja, kontot är vårt" in get(f"/{demo.slug}/kanaler/vart/?konto={channel.handle}").content.decode()


def test_whoever_asks_in_english_keeps_the_language_and_the_question(authority, library):
    asked = f"/{authority.slug}/kanaler/vart/?konto=%40biblioteket%26co"

    swedish, english = get(asked).content.decode(), get(f"{asked}&sprak=en").content.decode()
    accounts = get(f"/{authority.slug}/kanaler/?sprak=en").content.decode()

    assert f'href="{asked}&amp;sprak=en"' in swedish
    assert f'href="{asked}&amp;sprak=sv"' in english
    assert '<input type="hidden" name="sprak" value="en">' in english
    assert f'href="/{authority.slug}/kanaler/?sprak=en"' in english
    assert f'href="/{authority.slug}/kanaler/lista/?sprak=en"' in accounts
    assert "?sprak=" not in swedish


def test_an_account_is_looked_up_by_its_index(authority, library):
    with connection.execute_wrapper(found := Asked()):
        queries.accounts_named("https://www.facebook.com/biblioteket")

    plans = [plan for sql, params in found.selects for plan in found.plan(sql, params)]
    assert any("channel_by_account" in plan for plan in plans), plans


class Asked:
    """Notes what is asked of the register, and tells how the database finds it."""

    def __init__(self):
        self.selects = []

    def __call__(self, execute, sql, params, many, context):
        if 'FROM "channels_channel"' in sql:
            self.selects.append((sql, params))
        return execute(sql, params, many, context)

    def plan(self, sql, params):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL enable_seqscan = off")  # a table of a few rows is read whole, rightly
                cursor.execute(f"EXPLAIN {sql}", params)
            else:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return [str(row[-1]) for row in cursor.fetchall()]


@pytest.mark.parametrize("typed", ["", " ", "@", "\x00"])
def test_a_name_that_is_nothing_means_no_account(typed):
    assert rules.accounts_meant(typed) == []


def test_a_channel_without_a_card_is_told_of_with_what_is_known(authority):
    channel = a_channel(authority)

    page = get(f"/{authority.slug}/kanaler/").content.decode()

    assert channel.name in page
    assert not ChannelCard.objects.everywhere("test").exists()
