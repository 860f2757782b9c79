"""What an authority says of a platform is shown instead of what ships, and kept to who may say it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from narvaro.base.clock import today
from narvaro.channels import queries
from narvaro.channels.models import PlatformAssessment
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db

PAGE = "/kanaler/plattformar/bluesky/"


def test_gdpr_10_what_is_said_of_transfers_is_shown_on_the_channels_page_at_once(authority):
    channel = a_channel(authority, platform="bluesky")
    client = signed_in(a_lead(authority))
    form = filled(client.get(PAGE), transfer="Ramverket gäller inte längre.", assessment="Inga bilder på barn.",
                  joint_controller_url="https://avtal.example/delat", terms_read_on=str(today()))  # fmt: skip

    client.post(PAGE, form)

    page = client.get(f"/kanaler/{channel.uid}/").content.decode()
    assert "Ramverket gäller inte längre." in page
    assert "Inga bilder på barn." in page
    assert "https://avtal.example/delat" in page
    assert "ramverk för dataskydd; kontrollera" not in page


def test_platforms_in_use_come_first_and_say_whether_they_are_assessed(authority):
    lead = a_lead(authority)
    a_channel(authority, platform="linkedin")

    first, *_rest = queries.platforms_assessed(lead)
    page = signed_in(lead).get("/kanaler/plattformar/").content.decode()

    assert (first.facts.key, first.channels) == ("linkedin", 1)
    assert "Inte bedömd" in page


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.REPRESENTATIVE, Role.AUDITOR, Role.REGISTRAR])
def test_others_read_what_is_said_and_change_nothing(authority, role):
    client = signed_in(an_actor(authority, role=role))
    lead = signed_in(a_lead(authority))
    form = filled(lead.get(PAGE), assessment="Nej.")

    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, form).status_code == 403


def test_a_stale_page_and_a_day_to_come_are_refused(authority):
    lead = a_lead(authority)
    client = signed_in(lead)
    client.post(PAGE, filled(client.get(PAGE), assessment="Först."))
    old = filled(client.get(PAGE), assessment="Gammal.")
    client.post(PAGE, filled(client.get(PAGE), assessment="Ny."))

    stale = client.post(PAGE, old)
    coming = client.post(PAGE, filled(client.get(PAGE), terms_read_on=str(today() + timedelta(days=1))))

    assert (stale.status_code, coming.status_code) == (409, 422)
    assert PlatformAssessment.objects.of(lead).get().assessment == "Ny."


def test_what_another_authority_says_is_not_seen(authority):
    other = an_authority()
    PlatformAssessment.objects.create(authority=other, platform="bluesky", assessment="Deras.", terms_read_on=date.min)

    assert "Deras." not in signed_in(a_lead(authority)).get(PAGE).content.decode()


def test_a_platform_that_is_not_there_is_missing(authority):
    assert signed_in(a_lead(authority)).get("/kanaler/plattformar/orkut/").status_code == 404
