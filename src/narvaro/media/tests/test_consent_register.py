"""What is kept of those who have consented is taken out, forgotten on request, and disposed of as the plan decides."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.core.models import AuditEntry
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Actor, Invalid, NotFound, NotPermitted, Role
from narvaro.media import actions, queries
from narvaro.media.actions.forgetting import forget_consent, settle_consent_keeping, take_out_consents
from narvaro.media.models import Consent
from narvaro.media.testing import a_consent, an_asset
from narvaro.media.types import Standing, Use

pytestmark = pytest.mark.django_db
NAME = "Påhittad Person i Provet"
PAGE = "/bilder/samtycken/ta-ut/"


def signed_in(actor):
    browser = Client()
    browser.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def pressed(**values):
    return {"intent": uuid7(), **values}


@pytest.fixture
def used(monkeypatch):
    """Let a picture be used in a post that is out."""

    place = uuid7()

    def told(actor, picture_ids):
        return [
            Use(pk, Standing.OUT, "publishing.publication", place, "Badets kanal", "Sim", "/x/", clock.now())
            for pk in picture_ids
        ]  # fmt: skip

    monkeypatch.setattr(queries, "uses", [told])


def test_gdpr_3_whoever_asks_gets_what_is_kept_of_them_and_nobody_elses_and_the_log_names_nobody(authority, lead, used):
    asset = an_asset(lead)
    consent = a_consent(lead, asset, name=NAME, contact="070-000 00 00")
    a_consent(lead, name="=Någon Annan")
    a_consent(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD), name=NAME)
    desk = signed_in(an_actor(authority, role=Role.DPO))

    answer = desk.post(PAGE, pressed(words="provet påhittad", kind="json"))
    whole = desk.post(PAGE, pressed(words="", kind="csv")).content.decode("utf-8-sig")
    nobody = desk.post(PAGE, pressed(words="Okänd", kind="json"), follow=True).content.decode()

    told = json.loads(answer.content)["consents"]
    assert [(each["uid"], each["name"], each["contact"]) for each in told] == [
        (str(consent.uid), NAME, "070-000 00 00")
    ]
    assert [place["where"] for place in told[0]["pictures"][0]["used"]] == ["Badets kanal"]
    assert len(whole.splitlines()) == 3
    assert "'=Någon Annan" in whole
    assert "Inget samtycke svarar mot namnet" in nobody
    noted = list(AuditEntry.objects.of(lead).filter(verb="media.take_out_consents"))
    assert len(noted) == 3
    assert all(NAME not in f"{each.facts}{each.why}" for each in noted)
    with pytest.raises(NotPermitted):
        take_out_consents(actor=an_actor(authority, role=Role.ARCHIVIST), form="json")


def test_gdpr_4_the_name_is_forgotten_on_request_only_when_it_is_withdrawn_and_no_picture_is_left(lead, used):
    asset = an_asset(lead)
    consent = a_consent(lead, asset, name=NAME)
    desk, page = signed_in(lead), f"/bilder/samtycken/{consent.uid}/gallra/"

    early = desk.post(page, pressed(why="På begäran."))
    (left,) = actions.withdraw_consent(actor=lead, uid=consent.uid)
    with pytest.raises(Invalid, match="kvar att ta bort"):
        forget_consent(actor=lead, uid=consent.uid, why="På begäran.")
    actions.mark_taken_down(actor=lead, uid=left.uid)
    done = desk.post(page, pressed(why="På begäran."), follow=True).content.decode()

    assert (early.status_code, "Samtycket gäller" in early.content.decode()) == (422, True)
    row = Consent.objects.of(lead).get()
    assert (row.sealed, row.disposed_at is None, NAME in done) == (None, False, False)
    stranger = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    with pytest.raises(NotFound):
        forget_consent(actor=stranger, uid=consent.uid, why="x")


@pytest.mark.parametrize(
    ("decided", "months", "is_gone"),
    [
        ({}, 23, False), ({}, 25, True), ({"disposition": "dispose", "keep_months": 6}, 7, True),
        ({"disposition": "dispose", "keep_months": 60}, 25, False),
        ({"disposition": "preserve", "keep_months": None}, 200, False),
    ],
)  # fmt: skip
def test_sm_16_names_go_when_the_decided_plan_says_and_after_two_years_where_it_says_nothing(
    authority, lead, decided, months, is_gone
):
    consent = a_consent(lead, name=NAME)
    actions.withdraw_consent(actor=lead, uid=consent.uid)
    retention = {"SM-16": decided} if decided else {}
    settle_consent_keeping(actor=Actor.system(authority, "obey"), retention=retention, decided_in="/policy/")

    with clock.frozen(clock.now() + timedelta(days=round(months * 30.44))):
        assert actions.dispose_consents() == int(is_gone)

    assert bool(Consent.objects.of(lead).get().disposed_at) == is_gone
