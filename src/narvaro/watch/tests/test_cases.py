"""Accounts that pose as the authority: tips, searches, evidence, decisions, warnings; and whom it is never about."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from narvaro.channels.queries.warned import reported_false
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import FoundAccount
from narvaro.core import audit, waiting
from narvaro.core.models import AuditEntry
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.media.models import Picture
from narvaro.watch import actions, queries, tasks, tries
from narvaro.watch.models import Case, Evidence, Lookout
from narvaro.watch.testing import a_case
from narvaro.watch.types import CaseState, Left, Proof

pytestmark = pytest.mark.django_db
FALSE = FoundAccount("id-1", "storkopingskommun@social.example", "Storköpings kommun", "Skriv ditt kontonummer")


def a_picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


def suspect(actor: Actor, **values: str) -> Case | None:
    given = {name: getattr(FALSE, name) for name in FALSE.__dataclass_fields__} | values
    return actions.suspect_account(actor=actor, platform="mastodon", found=FoundAccount(**given))


# --- How a case begins ------------------------------------------------------------------------------------------------


def test_anybody_tells_of_an_account_without_a_name_and_somebody_is_told(authority, lead):
    anybody, address = Client(), f"/{authority.slug}/kanaler/tipsa/"
    page = anybody.get(address, {"konto": "https://social.example/@falsk"})

    sent = anybody.post(address, filled(page, text="De ber om kontonummer"))
    again = anybody.post(address, filled(anybody.get(address), account="@falsk@social.example", text="Jag med"))

    (case,) = Case.objects.of(lead)
    assert (sent.status_code, again.status_code) == (200, 200)
    assert (case.platform, case.account) == ("mastodon", "falsk@social.example")
    assert [row.text for row in queries.evidence_of(lead, case)] == ["De ber om kontonummer", "Jag med"]
    assert [wait.link for wait in waiting.today(lead)] == [f"/bevakning/falska-konton/{case.uid}/"]
    assert "sessionid" not in anybody.cookies


def test_our_own_account_is_never_a_case(authority, lead):
    channel = a_channel(authority)
    system = Actor.system(authority, "look")
    with pytest.raises(Invalid, match="vårt eget"):
        actions.take_tip(actor=Actor.visitor(authority), account=channel.handle)
    with pytest.raises(Invalid, match="vårt eget"):
        actions.open_case(actor=lead, account=f"@{channel.handle}")

    assert suspect(system, handle=channel.handle) is None
    assert suspect(system, remote_id=channel.remote_id) is None
    assert suspect(system, handle=a_channel(an_authority("Lillköping")).handle) is None
    assert not Case.objects.of(lead).exists()


def test_rf_2_a_parody_that_says_so_is_marked_and_left_without_anybody_being_asked(authority, lead):
    case = suspect(Actor.system(authority, "look"), about="Parodi. Inte officiell.")

    (marked,) = Case.objects.of(lead)
    assert case is None
    assert (marked.state, marked.left_as) == (CaseState.LEFT, Left.PARODY)
    assert waiting.today(lead) == []
    assert not Evidence.objects.of(lead).exists()


def test_the_same_account_is_looked_at_once_whoever_finds_it(authority, lead):
    system = Actor.system(authority, "look")
    case = suspect(system)

    assert suspect(system) is None
    with pytest.raises(Invalid, match="redan tittat"):
        actions.open_case(actor=lead, account=f"@{FALSE.handle}")
    assert actions.take_tip(actor=Actor.visitor(authority), account=f"@{FALSE.handle}").pk == case.pk


def test_a_hundred_tips_from_one_place_are_a_machine(authority, monkeypatch):
    monkeypatch.setattr(tries, "MOST", 1)
    anybody, address = Client(), f"/{authority.slug}/kanaler/tipsa/"

    first = anybody.post(address, filled(anybody.get(address), account="@a@b.example"))
    second = anybody.post(address, filled(anybody.get(address), account="@c@b.example"))
    hidden = Client().post(address, filled(anybody.get(address), account="@c@b.example", website="x"))

    assert (first.status_code, second.status_code, hidden.status_code) == (200, 422, 422)


# --- Evidence ---------------------------------------------------------------------------------------------------------


def test_evidence_is_kept_as_it_was_with_a_seal_in_the_log(authority, lead):
    case, content, client = a_case(authority), a_picture(), signed_in(lead)
    page = client.get(f"/bevakning/falska-konton/{case.uid}/")
    upload = SimpleUploadedFile("x.png", content, content_type="image/png")

    sent = client.post(
        f"/bevakning/falska-konton/{case.uid}/skarmbild/",
        {**filled(page, "picture_form", **{"bild-alt": "Kontots sida"}), "bild-picture": upload},
    )
    link = filled(page, "link_form", **{"lank-link": "https://social.example/@falsk/1"})
    client.post(f"/bevakning/falska-konton/{case.uid}/lank/", link)

    assert sent.status_code == 302
    picture, address = queries.evidence_of(lead, case)
    seals = {entry.facts.get("seal") for entry in audit.history(lead, case)}
    shown = client.get(f"/bevakning/falska-konton/bild/{picture.uid}/")
    assert {picture.seal, address.seal} <= seals
    assert (shown.content, shown["content-type"]) == (content, "image/png")
    with pytest.raises(Invalid):
        actions.add_picture(actor=lead, uid=case.uid, content=b"<svg onload=alert(1)>", alt="x")
    with pytest.raises(Invalid):
        actions.add_link(actor=lead, uid=case.uid, link="javascript:alert(1)")


# --- What is decided --------------------------------------------------------------------------------------------------


def test_a_case_goes_from_found_to_reported_to_gone_on_its_page(authority, lead):
    case = suspect(Actor.system(authority, "look"))
    client, place = signed_in(lead), f"/bevakning/falska-konton/{case.uid}/"

    steps = [
        ("avgor/", "confirm_form", {"avgor-why": "Har vårt vapen."}),
        ("varna/", "warn_form", {"varna-text": "Lämna inga kontonummer."}),
        ("anmalt/", "report_form", {"anmalt-reference": "A-1"}),
        ("utfall/", "end_form", {"utfall-outcome": "gone"}),
    ]
    for path, form, values in steps:
        page = client.get(place)
        if path == "anmalt/":
            assert "impersonates us" in page.content.decode()
        assert client.post(f"{place}{path}", filled(page, form, **values)).status_code == 302, path

    done = queries.case_for(lead, case.uid)
    verbs = [entry.verb for entry in audit.history(lead, case)]
    assert (done.state, done.reference) == (CaseState.GONE, "A-1")
    assert waiting.today(lead) == []
    assert {"watch.confirm_case", "watch.warn_of_case", "watch.report_case", "watch.end_case"} <= set(verbs)
    assert [each.is_there for each in reported_false(lead)] == [False]


def test_a_step_taken_twice_or_seen_stale_has_one_effect(authority, lead):
    case = a_case(authority)
    actions.confirm_case(actor=lead, uid=case.uid, why="Vårt vapen.", seen_version=case.version)

    with pytest.raises(Stale):
        actions.confirm_case(actor=lead, uid=case.uid, why="Igen.", seen_version=case.version)
    with pytest.raises(Stale):
        actions.leave_case(actor=lead, uid=case.uid, left_as="other", seen_version=case.version)
    with pytest.raises(Invalid):
        actions.end_case(actor=lead, uid=case.uid, outcome="left")


def test_rf_4_of_somebodys_own_account_nothing_is_kept_but_that_it_was_looked_at(authority, lead):
    case = a_case(authority, account="@arg@social.example", shown_name="Arg i Storköping")
    actions.add_picture(actor=lead, uid=case.uid, content=a_picture(), alt="Sidan")
    actions.take_tip(actor=Actor.visitor(authority), account="@arg@social.example", text="Titta")

    actions.leave_case(actor=lead, uid=case.uid, left_as=Left.SOMEBODY)

    left = Case.objects.of(lead).get()
    assert [left.account, left.shown_name, left.address, left.platform, left.why] == [""] * 5
    assert [row.proof for row in Evidence.objects.of(lead)] == [Proof.TOLD]  # what was sent to us is a record
    assert not Picture.objects.of(lead).exists()
    assert "arg@" not in str(list(AuditEntry.objects.of(lead).values_list("facts", "why")))
    with pytest.raises(Invalid, match="redan tittat"):
        actions.open_case(actor=lead, account="@arg@social.example")
    page = signed_in(lead).get("/bevakning/falska-konton/?lista=avslutade").content.decode()
    assert "arg@" not in page
    assert "Ett konto till har lämnats i fred" in page


@pytest.mark.parametrize("role", [Role.REPRESENTATIVE, Role.AUDITOR, Role.EMPLOYEE])
def test_only_those_who_lead_communications_decide(authority, role):
    case, other = a_case(authority), an_actor(authority, role=role)

    refused = 0
    for step in (
        lambda: actions.confirm_case(actor=other, uid=case.uid, why="x"),
        lambda: actions.leave_case(actor=other, uid=case.uid, left_as="other"),
        lambda: actions.warn_of_case(actor=other, uid=case.uid, text="x"),
    ):
        with pytest.raises(NotPermitted):
            step()
        refused += 1
    page = signed_in(other).get(f"/bevakning/falska-konton/{case.uid}/")

    assert refused == 3
    assert page.status_code == (403 if role == Role.EMPLOYEE else 200)
    assert b"Ja, det utger sig" not in page.content


def test_another_authoritys_case_looks_missing(authority):
    case = a_case(an_authority("Lillköping"))

    with pytest.raises(NotFound):
        queries.case_for(an_actor(authority, role=Role.COMMUNICATIONS_LEAD), case.uid)


# --- Looking out ------------------------------------------------------------------------------------------------------


class _Platform:
    def __init__(self, *found: FoundAccount) -> None:
        self.found, self.asked = found, []

    def search_accounts(self, _account, words, *, most=25):
        self.asked.append(words)
        return self.found


def test_the_name_is_looked_for_on_each_platform_and_only_what_bears_it_is_put_before_somebody(
    authority, lead, monkeypatch
):
    authority.organisation.name = "Storköpings kommun"
    authority.organisation.save()
    a_channel(authority)
    critic = FoundAccount("id-2", "nejtack@social.example", "Nej till Storköpings kommun", "Vi tycker till")
    person = FoundAccount("id-3", "anna@social.example", "Anna Storköping", "")
    platform = _Platform(FALSE, critic, person)
    monkeypatch.setattr(tasks, "connector", lambda _name: platform)

    actions.look_now(actor=lead)
    tasks.look_for_false_accounts.call()
    first = list(platform.asked)
    Lookout.objects.of(lead).update(next_at="2020-01-01T00:00:00Z")
    tasks.look_for_false_accounts.call()

    assert [case.account for case in Case.objects.of(lead)] == [FALSE.handle]
    assert [row.proof for row in Evidence.objects.of(lead)] == [Proof.CAPTURED]
    assert "Storköpings kommun" in first
    assert set(platform.asked[len(first) :]) - set(first)  # other likenesses the next time
    assert len(first) <= 12
    assert queries.lookout_of(lead).lease_until is None


def test_how_an_account_that_somebody_told_of_looks_is_captured_once(authority, lead, monkeypatch):
    a_channel(authority)
    case = a_case(authority, account=f"@{FALSE.handle}", shown_name="")
    other = FoundAccount("id-9", "storkoping@social.example", "Någon annan", "")
    monkeypatch.setattr(tasks, "connector", lambda _name: _Platform(other, FALSE))

    tasks.look_for_false_accounts.call()
    Lookout.objects.of(lead).update(next_at="2020-01-01T00:00:00Z")
    tasks.look_for_false_accounts.call()

    (kept,) = queries.evidence_of(lead, case)
    assert (kept.proof, "Skriv ditt kontonummer" in kept.text) == (Proof.CAPTURED, True)
    assert queries.case_for(lead, case.uid).shown_name == "Storköpings kommun"
    assert actions.capture_account(actor=lead, case=case, found=FALSE) is None


def test_two_workers_look_once_and_the_slower_one_moves_nothing(authority, lead):
    actions.make_lookouts([authority.pk, authority.pk])
    first = actions.claim_lookout()

    assert actions.claim_lookout() is None
    Lookout.objects.of(lead).update(lease_until=None)
    second = actions.claim_lookout()
    assert not actions.end_lookout(first, position=99)
    assert actions.end_lookout(second, position=12)
    assert queries.lookout_of(lead).position == 12


@pytest.mark.parametrize("path", ["", "falska-konton/", "falska-konton/nytt/", "omvarlden/", "annanstans/"])
def test_pages_open_within_their_cost(authority, lead, path, django_assert_max_num_queries):
    a_case(authority)
    a_channel(authority)
    client = signed_in(lead)
    client.get("/bevakning/")

    with django_assert_max_num_queries(12):
        page = client.get(f"/bevakning/{path}")

    assert page.status_code == 200
    assert re.search("<h1>[^<]+</h1>", page.content.decode())
