"""Consents: sealed, found again by name, withdrawn with every place to take the picture away from, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.core import audit, keys, waiting
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.media import actions, queries, tasks
from narvaro.media.models import Consent
from narvaro.media.testing import a_consent, an_asset
from narvaro.media.types import Basis, Standing, Use

pytestmark = pytest.mark.django_db
NAME = "Påhittad Person i Provet"


@pytest.fixture
def used(monkeypatch):
    """Let a picture be used in a post that is out and in a draft."""

    def told(actor, picture_ids):
        return [
            Use(pk, standing, "publishing.publication", uid, "Kanalen", "Simskolan", "/publicerat/x/", clock.now())
            for pk in picture_ids for standing, uid in zip((Standing.OUT, Standing.DRAFT), places, strict=True)
        ]  # fmt: skip

    places = (uuid7(), uuid7())
    monkeypatch.setattr(queries, "uses", [told])
    return places


def test_who_has_consented_is_sealed_in_the_database_and_found_by_name_by_those_who_may(authority, lead):
    consent = a_consent(lead, name=NAME, contact="070-000 00 00")

    row = Consent.objects.of(lead).values().get()
    told = " ".join(str(entry.facts) + entry.why for entry in audit.history(lead, consent))
    assert NAME.encode() not in bytes(row["sealed"])
    assert NAME not in str(row) + told
    assert [each.name for each in queries.consents(lead, words="provet påhittad")] == [NAME]
    assert queries.consents(lead, words="någon annan") == []
    with pytest.raises(NotPermitted):
        queries.consents(an_actor(authority, role=Role.ARCHIVIST))
    with pytest.raises(NotFound):
        queries.consent_for(an_actor(an_authority("Lillköping")), consent.uid)


def test_a_new_key_seals_consents_again_so_that_the_old_one_can_be_forgotten(lead):
    a_consent(lead, name=NAME)
    keys.add_sealing_key()

    assert actions.seal_again() == 1
    assert actions.seal_again() == 0

    assert [each.name for each in queries.consents(lead)] == [NAME]


def test_gdpr_8_a_childs_consent_is_not_taken_in_without_its_guardians_below_the_age_of_the_guideline(authority, lead):
    with pytest.raises(Invalid) as refusal:
        a_consent(lead, is_child=True, age=14)
    assert refusal.value.field == "guardians"

    actions.settle_child_age(actor=Actor.system(authority, "policy"), age=13, decided_in="/riktlinjen/")

    assert a_consent(lead, is_child=True, age=14).guardians == 0
    with pytest.raises(NotPermitted):
        actions.settle_child_age(actor=lead, age=0, decided_in="")


def test_url_5_a_withdrawn_consent_lists_every_place_and_waits_until_each_is_done(lead, used):
    asset = an_asset(lead, basis=Basis.CONSENT, people=1)
    consent = a_consent(lead, asset, name=NAME)
    pictures = queries.pictures_of(lead, asset)
    assert queries.barred(lead, pictures) == []

    actions.withdraw_consent(actor=lead, uid=consent.uid)

    assert "Ett samtycke saknas." in queries.barred(lead, pictures)[0]
    listed = queries.takedowns(lead, consent=consent)
    assert {row.subject_uid for row in listed} == set(used)
    (wait,) = waiting.today(lead)
    assert (wait.place, NAME in wait.title) == ("media", False)
    actions.mark_taken_down(actor=lead, uid=listed[0].uid)
    assert len(waiting.today(lead)) == 1
    actions.mark_taken_down(actor=lead, uid=listed[1].uid)
    assert waiting.today(lead) == []


def test_url_5_a_consent_whose_time_is_over_does_as_a_withdrawn_one_after_a_month_of_warning(lead, used):
    asset = an_asset(lead, basis=Basis.CONSENT, people=1)
    consent = a_consent(lead, asset, until=clock.today() + timedelta(days=10))

    tasks.follow_terms.call()
    assert [wait.link for wait in waiting.today(lead)] == [f"/bilder/samtycken/{consent.uid}/"]
    with clock.frozen(clock.now() + timedelta(days=11)):
        tasks.follow_terms.call()
        tasks.follow_terms.call()

    assert [wait.link for wait in waiting.today(lead)] == [f"/bilder/{asset.uid}/"]
    assert [row.why for row in queries.takedowns(lead, asset=asset)] == ["ended", "ended"]


def test_sm_16_who_had_consented_is_forgotten_after_two_years_and_not_while_a_picture_is_left_somewhere(lead, used):
    asset = an_asset(lead, basis=Basis.CONSENT, people=1)
    consent, left = a_consent(lead, name=NAME), a_consent(lead, asset, name=NAME)
    for each in (consent, left):
        actions.withdraw_consent(actor=lead, uid=each.uid)

    with clock.frozen(clock.now() + timedelta(days=700)):
        assert actions.dispose_consents() == 0
    with clock.frozen(clock.now() + timedelta(days=740)):
        assert actions.dispose_consents() == 1

    assert [each.name for each in queries.consents(lead, over=True)] == [NAME, ""]


def test_a_consent_is_entered_from_a_picture_and_withdrawn_on_pages(lead, used):
    browser = Client()
    browser.force_login(person_of(lead), backend="allauth.account.auth_backends.AuthenticationBackend")
    asset = an_asset(lead, basis=Basis.CONSENT, people=1, children=1)
    form = {
        "intent": uuid7(), "name": NAME, "is_child": "on", "age": "9", "guardians": "En Förälder\nEn Till",
        "guardians_needed": "2", "purposes": "Simskolan", "given_on": str(clock.today()),
    }  # fmt: skip
    address = reverse("media:add_consent") + f"?bild={asset.uid}"

    half = browser.post(address, form | {"guardians": ""})
    whole = browser.post(address, form)

    assert half.status_code == 422
    assert whole.headers["Location"] == reverse("media:asset", args=[asset.uid])
    assert "Bilden kan användas." in browser.get(whole.headers["Location"]).content.decode()
    (consent,) = queries.consents(lead)
    withdrawal = {"intent": uuid7()}
    page = browser.post(reverse("media:withdraw", args=[consent.consent.uid]), withdrawal, follow=True).content.decode()
    assert "Bilden ska bort från 2 ställen." in page
    assert "En Förälder" in page
    again = browser.post(reverse("media:withdraw", args=[consent.consent.uid]), withdrawal)
    assert again.status_code == 409
