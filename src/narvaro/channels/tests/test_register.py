"""What the register's pages promise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base.clock import now
from narvaro.channels import actions, queries
from narvaro.channels.models import Channel, ChannelReading, ChannelSecret
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import ChannelState, Connection, Platform
from narvaro.core.actions import end_person
from narvaro.core.testing import a_person, a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12

HOSTILE = [
    "javascript:alert(1)",
    "<script>alert(1)</script>",
    "\u202egnp.exe",
    "x" * 5000,
    "data:text/html,x",
    "@",
    " ",
]


def an_add(page, lead, **values):
    person = person_of(lead)
    return filled(page, **{"responsible": str(person.uid), "unit": "ny", "new_unit": "Biblioteket", **values})


def test_an_empty_register_says_what_to_do():
    lead = a_lead(an_authority())

    page = signed_in(lead).get("/kanaler/").content.decode()

    assert "Inga kanaler ännu" in page
    assert "/kanaler/ny/" in page


@pytest.mark.parametrize(
    ("platform", "typed", "base_url", "handle"),
    [
        ("mastodon", "kommunen@social.exempel.se", "https://social.exempel.se", "kommunen@social.exempel.se"),
        ("mastodon", "@kommunen@Social.exempel.se", "https://social.exempel.se", "kommunen@social.exempel.se"),
        ("mastodon", "https://social.exempel.se/@kommunen", "https://social.exempel.se", "kommunen@social.exempel.se"),
        ("mastodon", "http://localhost:3000/users/kommunen", "http://localhost:3000", "kommunen@localhost:3000"),
        ("bluesky", "@Kommunen.bsky.social", "", "kommunen.bsky.social"),
        ("bluesky", "https://bsky.app/profile/kommunen.bsky.social", "", "kommunen.bsky.social"),
        ("manual", "https://forum.exempel.se/kommunen", "", "forum.exempel.se/kommunen"),
        ("manual", "Anslagstavlan på torget", "", "Anslagstavlan på torget"),
    ],
)
def test_one_short_form_adds_a_channel_with_its_unit_and_leads_on_to_connecting(platform, typed, base_url, handle):
    lead = a_lead(an_authority())
    client = signed_in(lead)

    answer = client.post("/kanaler/ny/", an_add(client.get("/kanaler/ny/"), lead, platform=platform, account=typed))

    (channel,) = queries.channels(lead)
    assert (channel.base_url, channel.handle, channel.name) == (base_url, handle, handle)
    assert channel.unit.name == "Biblioteket"
    assert answer.url.endswith(f"/{channel.uid}/" if platform == "manual" else f"/{channel.uid}/anslut/")


@pytest.mark.parametrize(
    ("chosen", "typed", "platform", "handle"),
    [
        ("mastodon", "https://www.facebook.com/Storkoping/", "facebook", "Storkoping"),
        ("manual", "https://www.facebook.com/profile.php?id=100012345", "facebook", "profile.php?id=100012345"),
        ("manual", "https://www.youtube.com/@storkoping", "youtube", "storkoping"),
        ("manual", "https://se.linkedin.com/company/storkoping", "linkedin", "company/storkoping"),
        ("manual", "https://bsky.app/profile/storkoping.example", "manual", "bsky.app/profile/storkoping.example"),
        ("mastodon", "https://bsky.app/profile/storkoping.example", "bluesky", "storkoping.example"),
    ],
)
def test_the_address_tells_the_platform_and_what_narvaro_cannot_read_is_seen_to_by_hand(
    chosen, typed, platform, handle
):
    lead = a_lead(an_authority())
    client = signed_in(lead)

    client.post("/kanaler/ny/", an_add(client.get("/kanaler/ny/"), lead, platform=chosen, account=typed))

    (channel,) = queries.channels(lead)
    assert (channel.platform, channel.handle) == (platform, handle)
    assert queries.reading_of(lead, channel).connection == (
        Connection.NOT_CONNECTED if platform == "bluesky" else Connection.MANUAL
    )


def test_gdpr_2_gdpr_10_a_channels_page_tells_whose_the_platform_is_and_where_personal_data_go():
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_channel(authority, platform="facebook", connection=Connection.MANUAL)

    page = signed_in(lead).get(f"/kanaler/{channel.uid}/").content.decode()

    assert "Meta Platforms Ireland Limited" in page
    assert "page_controller_addendum" in page
    assert "USA" in page


@pytest.mark.parametrize("typed", HOSTILE)
@pytest.mark.parametrize("platform", ["mastodon", "bluesky"])
def test_a_hostile_account_is_refused_in_words_and_nothing_is_written(platform, typed):
    lead = a_lead(an_authority())
    client = signed_in(lead)

    answer = client.post("/kanaler/ny/", an_add(client.get("/kanaler/ny/"), lead, platform=platform, account=typed))

    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()
    assert queries.channels(lead) == []


@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "data:text/html,x", "http://a:b@c.se/", "\u202e\x00", "x" * 999]
)
def test_a_channel_by_hand_never_gets_an_address_that_acts(typed):
    lead = a_lead(an_authority())
    client = signed_in(lead)

    answer = client.post("/kanaler/ny/", an_add(client.get("/kanaler/ny/"), lead, platform="manual", account=typed))

    assert answer.status_code == 422


def test_an_address_without_encryption_is_refused_where_private_hosts_are(settings):
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"allow_private_hosts": False})
    lead = a_lead(an_authority())
    client = signed_in(lead)
    data = an_add(client.get("/kanaler/ny/"), lead, platform="mastodon", account="http://social.exempel.se/@kommunen")

    assert client.post("/kanaler/ny/", data).status_code == 422


def test_a_form_sent_twice_adds_one_channel():
    lead = a_lead(an_authority())
    client = signed_in(lead)
    data = an_add(client.get("/kanaler/ny/"), lead, platform="mastodon", account="kommunen@social.exempel.se")
    client.post("/kanaler/ny/", data)

    again = client.post("/kanaler/ny/", {**data, "account": "annat@social.exempel.se"})

    assert again.status_code == 409
    assert len(queries.channels(lead)) == 1


def test_the_same_account_twice_is_said_at_its_field():
    lead = a_lead(an_authority())
    client = signed_in(lead)
    for _ in range(2):
        answer = client.post(
            "/kanaler/ny/",
            an_add(
                client.get("/kanaler/ny/"), lead, platform="mastodon", account="kommunen@social.exempel.se",
                new_unit=f"Enhet {_}",
            ),
        )  # fmt: skip

    assert answer.status_code == 422
    assert "finns redan" in str(answer.context["form"].errors["account"])


def test_responsible_and_deputy_are_two_people():
    lead = a_lead(an_authority())
    client = signed_in(lead)
    data = an_add(
        client.get("/kanaler/ny/"), lead, platform="manual", account="Torget", deputy=str(person_of(lead).uid)
    )

    answer = client.post("/kanaler/ny/", data)

    assert answer.status_code == 422
    assert queries.channels(lead) == []


def test_a_unit_manager_adds_in_the_own_unit_only():
    authority = an_authority()
    own, other = a_unit(authority, "Biblioteket"), a_unit(authority, "Simhallen")
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=own)
    page = signed_in(manager).get("/kanaler/ny/")

    offered = [key for key, _label in page.context["form"].fields["unit"].choices]

    assert str(own.uid) in offered
    assert str(other.uid) not in offered
    assert "ny" not in offered


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.AUDITOR, Role.EMPLOYEE, Role.REGISTRAR])
@pytest.mark.parametrize("page", ["ny/", "{uid}/andra/", "{uid}/avsluta/"])
def test_others_roles_change_nothing(role, page):
    authority = an_authority()
    channel = a_channel(authority)
    client = signed_in(an_actor(authority, role=role))

    assert client.get("/kanaler/").status_code == 200
    assert client.get(f"/kanaler/{channel.uid}/").status_code == 200
    assert client.get(f"/kanaler/{page.format(uid=channel.uid)}").status_code == 403
    assert client.post(f"/kanaler/{page.format(uid=channel.uid)}").status_code == 403


@pytest.mark.parametrize("page", ["", "andra/", "avsluta/", "anslut/"])
def test_another_organisations_channel_looks_missing(page):
    channel = a_channel(an_authority("Storköping"))
    stranger = signed_in(a_lead(an_authority("Lillköping")))

    assert stranger.get(f"/kanaler/{channel.uid}/{page}").status_code == 404
    assert channel.name not in stranger.get("/kanaler/").content.decode()


def test_another_organisations_people_and_units_cannot_be_named():
    ours, theirs = an_authority("Storköping"), an_authority("Lillköping")
    lead, stranger = a_lead(ours), a_person(theirs)
    client = signed_in(lead)
    data = an_add(client.get("/kanaler/ny/"), lead, platform="manual", account="Torget", deputy=str(stranger.uid))

    assert client.post("/kanaler/ny/", data).status_code == 422


@pytest.mark.parametrize(
    ("connection", "word"),
    [
        (Connection.CONNECTED, "komplett till"),
        (Connection.TRANSIENT, "försöker igen av sig självt"),
        (Connection.RECONNECT, "anslutit kanalen på nytt"),
        (Connection.MISCONFIGURED, "Kontrollera kontot"),
        (Connection.NOT_CONNECTED, "kan ansluta den"),
        (Connection.MANUAL, "lägger in det här"),
    ],
)
def test_p5_p6_how_a_channel_stands_is_said_in_words_with_what_to_do(connection, word):
    authority = an_authority()
    channel = a_channel(authority, connection=connection)
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(complete_to=now())
    client = signed_in(a_lead(authority))

    both = client.get("/kanaler/").content.decode() + client.get(f"/kanaler/{channel.uid}/").content.decode()

    assert word in both


def test_p5_a_channel_that_is_not_read_is_seen_to_be_behind():
    authority = an_authority()
    channel = a_channel(authority)
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(complete_to=now() - timedelta(hours=1))

    assert "ligger efter" in signed_in(a_lead(authority)).get("/kanaler/").content.decode()


def test_p8_what_the_key_can_do_is_shown_with_its_notes_also_when_it_works():
    authority = an_authority()
    channel = a_channel(authority)
    able = [{"capability": "read", "works": True, "note": "Vissa omnämnanden filtreras bort."}]
    actions.store_probe(actor=a_lead(authority), channel=channel, capabilities=able)

    page = signed_in(a_lead(authority)).get(f"/kanaler/{channel.uid}/").content.decode()

    assert "Vissa omnämnanden filtreras bort." in page
    assert "Fungerar" in page


def test_what_somebody_else_changed_meanwhile_is_not_overwritten():
    authority = an_authority()
    channel = a_channel(authority)
    lead = a_lead(authority)
    client = signed_in(lead)
    data = filled(client.get(f"/kanaler/{channel.uid}/andra/"), name="Mitt namn")
    actions.change_channel(actor=lead, channel=channel, name="Kollegans namn")

    answer = client.post(f"/kanaler/{channel.uid}/andra/", data)

    assert answer.status_code == 409
    assert queries.channel_for(lead, channel.uid).name == "Kollegans namn"


def test_a_change_is_saved_and_stands_in_the_history():
    authority = an_authority()
    channel = a_channel(authority)
    client = signed_in(a_lead(authority))
    page = client.get(f"/kanaler/{channel.uid}/andra/")

    answer = client.post(f"/kanaler/{channel.uid}/andra/", filled(page, name="Nytt namn", watch_group="Kvällar"))

    shown = client.get(answer.url).content.decode()
    assert "Nytt namn" in shown
    assert "ändrade kanalens uppgifter" in shown
    fresh = Channel.objects.everywhere("test").get(pk=channel.pk)
    assert fresh.in_operation_from == channel.in_operation_from


def test_p14_closing_needs_a_reason_and_keeps_everything():
    authority = an_authority()
    channel = a_channel(authority)
    lead = a_lead(authority)
    actions.store_secrets(actor=lead, channel=channel, secrets={"access_token": "x"})
    client = signed_in(lead)
    page = client.get(f"/kanaler/{channel.uid}/avsluta/")

    assert client.post(f"/kanaler/{channel.uid}/avsluta/", filled(page, why="  ")).status_code == 422
    client.post(f"/kanaler/{channel.uid}/avsluta/", filled(page, why="Kontot används inte längre."))

    assert queries.channel_for(lead, channel.uid).state == ChannelState.CLOSED
    assert not ChannelSecret.objects.everywhere("test").filter(channel=channel).exists()
    assert "Kontot används inte längre." in client.get(f"/kanaler/{channel.uid}/").content.decode()
    assert actions.claim_reading(channel_id=channel.pk) is None


def test_reading_now_makes_the_channel_due():
    authority = an_authority()
    channel = a_channel(authority)
    ChannelReading.objects.everywhere("test").filter(channel=channel).update(next_at=now() + timedelta(hours=1))
    client = signed_in(a_lead(authority))
    assert actions.claim_reading() is None

    client.post(f"/kanaler/{channel.uid}/las-nu/", filled(client.get(f"/kanaler/{channel.uid}/"), "read_form"))

    assert actions.claim_reading().channel_id == channel.pk


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "\u202eekram", "👩‍👩‍👧 " * 20, "{{ x }}{% y %}"])
def test_hostile_names_are_shown_as_text(name):
    authority = an_authority()
    channel = a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL, purpose=name)
    actions.change_channel(actor=a_lead(authority), channel=channel, name=name[:120].strip())
    client = signed_in(a_lead(authority))

    for page in ("/kanaler/", f"/kanaler/{channel.uid}/", f"/kanaler/{channel.uid}/andra/"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode()


def test_the_list_asks_as_much_of_the_database_for_fifty_channels_as_for_one(django_assert_max_num_queries):
    authority = an_authority()
    for _ in range(50):
        a_channel(authority)
    client = signed_in(a_lead(authority))

    with django_assert_max_num_queries(MOST_QUERIES):
        client.get("/kanaler/")


def test_a_channels_page_asks_the_database_twelve_times_at_most_whatever_it_tells(django_assert_max_num_queries):
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_channel(authority, watch_group="Kvällar", deputy=person_of(an_actor(authority, role=Role.DEPUTY)))
    watcher = person_of(an_actor(authority))
    actions.add_shift(
        actor=lead, watch_group="Kvällar", person=watcher, from_at=now() - timedelta(hours=1),
        until_at=now() + timedelta(hours=1),
    )  # fmt: skip
    for number in range(20):
        actions.change_channel(actor=lead, channel=channel, name=f"Kanalen {number}")
    client = signed_in(lead)

    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(f"/kanaler/{channel.uid}/").content.decode()

    assert f"{watcher.name} har bevakningen just nu." in page
    assert page.count("ändrade kanalens uppgifter") == 20


def test_a_channel_whose_responsible_has_left_says_so():
    authority = an_authority()
    lead, administrator = a_lead(authority), an_actor(authority, role=Role.ADMINISTRATOR)
    unit = a_unit(authority)
    responsible, deputy = an_actor(authority, unit=unit), an_actor(authority, role=Role.DEPUTY, unit=unit)
    channel = a_channel(authority, unit=unit, responsible=person_of(responsible), deputy=person_of(deputy))
    client, address = signed_in(lead), f"/kanaler/{channel.uid}/"
    assert "Saknar ansvarig" not in client.get("/kanaler/").content.decode() + client.get(address).content.decode()

    end_person(actor=administrator, person_uid=person_of(responsible).uid)

    assert "Saknar ansvarig" in client.get("/kanaler/").content.decode()
    assert "Saknar ansvarig" in client.get(address).content.decode()
    assert queries.holders(lead, [channel]) == {channel.pk: deputy.person_id}
