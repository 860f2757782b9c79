"""What the pages of records promise, asked through Django's own client."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Kind, Visibility
from narvaro.core import audit, ledger
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.records import actions, index, queries, tasks
from narvaro.records.models import Gap, Item
from narvaro.records.testing import a_kept, a_page, an_item

pytestmark = pytest.mark.django_db
EVERY_QUERY = 12


def signed_in(actor):
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def index_all(authority):
    ledger.sequence(authority)
    while index.follow(authority.pk).read:
        pass


def page(client, name, *args, **sent):
    return client.get(reverse(f"records:{name}", args=args), sent)


def body(response):
    return re.sub(r"\s+", " ", response.content.decode())


def post(client, name, *args, **sent):
    return client.post(reverse(f"records:{name}", args=args), {"intent": uuid7(), **sent})


def test_a_search_shows_hits_with_marked_words_and_keeps_its_filters_in_the_address(authority, lead):
    channel = a_channel(authority)
    a_kept(authority, "<b>När</b> öppnar simhallen?", channel=channel)
    a_kept(authority, "Om simhallar i en annan kanal")
    index_all(authority)

    response = page(signed_in(lead), "search", q="simhallar", channel=str(channel.uid))

    assert response.status_code == 200
    assert "<mark>simhallen</mark>" in body(response)
    assert "&lt;b&gt;När&lt;/b&gt;" in body(response)
    assert "annan kanal" not in body(response)
    assert [choice["remove_url"] for choice in response.context["chosen"]] == ["?q=simhallar"]
    assert f'value="{channel.uid}" selected' in body(response)


def test_a_search_pages_by_key_and_keeps_the_question(authority, lead):
    channel = a_channel(authority)
    moment = now()
    items = [an_item(f"fråga nummer{n}", at=moment - timedelta(minutes=n)) for n in range(60)]
    actions.capture(channel=channel, page=a_page(*items))
    index_all(authority)
    client = signed_in(lead)
    seen: list[str] = []

    url = reverse("records:search") + "?q=fråga"
    while url:
        response = client.get(url)
        seen += re.findall(r"nummer\d+", body(response))
        older = response.context["older_url"]
        url = reverse("records:search") + older if older else ""

    assert seen == [f"nummer{n}" for n in range(60)]
    assert response.context["newer_url"].startswith("?q=fr%C3%A5ga&after=")


@pytest.mark.parametrize(
    "sent", [{}, {"q": "fråga"}, {"q": "fråga", "author": "medborgare", "kind": "comment", "since": "2020-01-01"}]
)
def test_a_search_page_takes_at_most_twelve_queries_whatever_it_shows(
    authority, lead, sent, django_assert_max_num_queries
):
    for unit in ("Skolan", "Biblioteket", "Gatorna"):
        channel = a_channel(authority, unit=a_unit(authority, unit))
        actions.capture(channel=channel, page=a_page(*[an_item(f"fråga {n}") for n in range(20)]))
    index_all(authority)
    client = signed_in(lead)

    with django_assert_max_num_queries(EVERY_QUERY):
        assert len(page(client, "search", **sent).context["found"].hits) == 25


@pytest.mark.parametrize(
    "sent",
    [{"since": "2026-02-30"}, {"channel": "x"}, {"kind": "sensitive"}, {"before": "-1"}, {"before": "9" * 40},
     {"since": "2026-03-02", "until": "2026-03-01"}, {"q": "x" * 600}],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_is_a_page_that_says_so(lead, sent):
    response = page(signed_in(lead), "search", **sent)

    assert response.status_code == 422


def test_the_search_page_says_why_an_identity_number_is_not_found(lead):
    assert "Personnummer finns aldrig i sökregistret" in body(page(signed_in(lead), "search", q="19811218-9876"))


def test_a_record_page_shows_words_versions_with_differences_and_history(authority, lead):
    channel = a_channel(authority)
    for text in ("Badet stänger klockan fem", "Badet stänger klockan sex"):
        actions.capture(channel=channel, page=a_page(an_item(text, remote_id="1")))
    index_all(authority)
    item = queries.item_by_remote_id(lead, channel.pk, "1")
    actions.queue_for_registrar(actor=lead, item=item)

    response = page(signed_in(lead), "record", item.uid)

    assert response.status_code == 200
    assert "<del>fem</del>" in body(response)
    assert "<ins>sex</ins>" in body(response)
    assert "lämnade handlingen till registratorn" in body(response)
    assert "Allmän handling" in body(response)
    assert "offentlig" not in body(response).lower()


def test_p13_a_record_gone_from_the_platform_shows_what_it_said(authority, lead):
    item = a_kept(authority, "Ord som togs bort", remote_id="1")
    actions.capture_gone(channel=item.channel, remote_ids=["1"])

    response = page(signed_in(lead), "record", item.uid)

    assert "Ord som togs bort" in body(response)
    assert "Borttagen på plattformen" in body(response)


def test_a_proof_page_says_in_words_that_nothing_was_changed(authority, lead):
    item = a_kept(authority, "Hej")
    for n in range(300):
        a_kept(authority, str(n), channel=item.channel) if n % 100 == 0 else None

    waiting = body(page(signed_in(lead), "proof", a_waiting(authority).uid))
    shown = body(page(signed_in(lead), "proof", item.uid))

    assert "Bevisat: handlingen är oförändrad" in shown
    assert "har inte fått sin plats" in waiting


def a_waiting(authority):
    channel = a_channel(authority)
    actions.capture(channel=channel, page=a_page(an_item("Nyss", remote_id="nyss")))
    return Item.objects.everywhere("test").get(channel=channel)


def test_the_original_bytes_are_given_to_save_and_never_shown(authority, lead):
    item = a_kept(authority, raw=b"<script>alert(1)</script>")

    response = page(signed_in(lead), "payload", item.uid, 1)

    assert response.content == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_another_authoritys_record_looks_missing(authority, lead):
    other = a_kept(an_authority("Lillköping"))
    client = signed_in(lead)

    for name, args in (("record", ()), ("proof", ()), ("payload", (1,)), ("seal", ()), ("queue", ())):
        assert page(client, name, other.uid, *args).status_code == 404
    assert page(client, "record", uuid4()).status_code == 404


def test_bbs_1_a_private_message_looks_missing_to_a_colleague(authority):
    item = a_kept(authority, "Privat", kind=Kind.MESSAGE, visibility=Visibility.PRIVATE)
    colleague = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Skolan"))

    assert page(signed_in(colleague), "record", item.uid).status_code == 404


def test_an_employee_is_told_that_the_records_are_not_theirs_to_read(authority):
    client = signed_in(an_actor(authority, role=Role.EMPLOYEE))

    for name in ("search", "registry_queue", "registry_list", "verification", "gaps", "exports"):
        assert page(client, name).status_code == 403


def test_sealing_lifting_and_expunging_go_by_decisions_with_reasons(authority, lead):
    item = a_kept(authority, "Olämpligt innehåll")
    index_all(authority)
    client = signed_in(lead)

    assert post(client, "seal", item.uid, why="").status_code == 422
    assert post(client, "seal", item.uid, why="Misstanke").status_code == 302
    assert "Olämpligt" not in body(page(client, "record", item.uid))
    assert post(client, "lift", item.uid, why="Fel bedömt").status_code == 302
    assert "Olämpligt" in body(page(client, "record", item.uid))
    assert post(client, "expunge", item.uid, why="Beslut 1").status_code == 422
    post(client, "seal", item.uid, why="Misstanke igen")
    assert post(client, "expunge", item.uid, why="Beslut 2").status_code == 302
    shown = body(page(client, "record", item.uid))
    assert "utplånat genom beslut" in shown
    assert "beslutade att utplåna innehållet" in shown
    assert "Beslut 2" in shown


def test_a_form_sent_twice_has_one_effect_and_a_clear_message(authority, lead):
    item = a_kept(authority)
    client = signed_in(lead)
    sent = {"intent": str(uuid7()), "why": "Misstanke"}
    client.post(reverse("records:seal", args=[item.uid]), sent)

    again = client.post(reverse("records:seal", args=[item.uid]), sent)

    assert again.status_code == 409
    assert "redan gjort" in body(again)
    assert [note.verb for note in audit.history(lead, item)] == ["records.seal_item"]


def test_only_those_who_may_expunge_reach_the_page_for_it(authority):
    item = a_kept(authority)
    representative = signed_in(an_actor(authority, role=Role.REPRESENTATIVE))

    assert page(representative, "expunge", item.uid).status_code == 403
    assert page(signed_in(an_actor(authority, role=Role.AUDITOR)), "seal", item.uid).status_code == 403


def test_the_gap_ledger_says_how_far_each_channel_is_complete_and_what_may_lack(authority, lead):
    channel = a_channel(authority)
    actions.note_gap(channel=channel, why="Plattformen gav bara de 800 senaste.", from_at=None, until_at=now())
    client = signed_in(lead)

    before = body(page(client, "gaps"))
    post(client, "backfill", Gap.objects.everywhere("test").get().pk)
    after = body(page(client, "gaps"))

    assert "Inte läst till slutet ännu" in before
    assert "Plattformen gav bara de 800 senaste." in before
    assert "Markera som inläst" in before
    assert "Markera som inläst" not in after
    assert "Plattformen gav bara de 800 senaste." in after


def test_a_verification_runs_as_a_job_and_ends_in_a_sentence(authority, lead):
    a_kept(authority)
    client = signed_in(lead)
    assert "Ingen kontroll har gjorts" in body(page(client, "verification"))

    post(client, "verification")
    going = page(client, "verification")
    tasks.run_verifications.call()
    ledger.sequence(authority)
    done = page(client, "verification")

    assert "Kontrollen pågår" in body(going)
    assert page(client, "verification", token=done.context["token"]).status_code == 204
    assert "Inget är ändrat" in body(done)


def test_a_verification_names_the_first_thing_that_is_wrong(authority, lead):
    a_kept(authority)
    client = signed_in(lead)
    post(client, "verification")
    asked = queries.latest_verification(lead)
    from narvaro.records.types import Verdict

    held = actions.claim_verification()
    actions.end_verification(actor=lead, verification=held, verdict=Verdict(fault="Loggen har ett hål efter plats 3."))

    assert asked.pk == held.pk
    assert "Loggen har ett hål efter plats 3." in body(page(client, "verification"))


def test_pages_say_when_there_is_nothing(lead):
    client = signed_in(lead)

    assert "Här finns inget att söka i ännu" in body(page(client, "search"))
    assert "Inget hittades" in body(page(client, "search", q="xyz"))
    assert "Inget väntar på diarieföring" in body(page(client, "registry_queue"))
    assert "Inget är diariefört ännu" in body(page(client, "registry_list"))
    assert "Inga kända luckor" in body(page(client, "gaps"))
    assert "Inga exporter är beställda" in body(page(client, "exports"))
