"""The first pages: set-up, and what waits today."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.channels.testing import a_channel
from narvaro.core import jobs, queries, waiting
from narvaro.core.models import Job
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.web import options
from narvaro.web.shell import PLACES
from narvaro.web.views import PLACE_WORDS

pytestmark = pytest.mark.django_db

SET_UP = {
    "organisation": "Storköpings kommun", "kind": "municipality", "authority": "Kommunstyrelsen",
    "admin_name": "Anna", "admin_email": "anna@storkoping.example", "admin_password": "en mening att minnas",
}  # fmt: skip
FIRST_STEP = "Lägg till en enhet"


def page_of(client, authority, role):
    client.force_login(person_of(an_actor(authority, role=role)))
    return client.get(reverse("start")).content.decode()


def test_the_first_page_creates_the_organisation_and_leads_on(client):
    made = client.post(reverse("set_up"), SET_UP, follow=True)

    assert made.redirect_chain[-1][0] == reverse("start")
    assert FIRST_STEP in made.content.decode()
    assert queries.is_set_up()


@pytest.mark.parametrize(
    ("field", "value"), [("admin_password", "kort"), ("admin_email", "ingen adress"), ("authority", " ")]
)
def test_what_cannot_be_used_is_told_at_its_field_and_nothing_is_made(client, field, value):
    answer = client.post(reverse("set_up"), {**SET_UP, field: value})

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not queries.is_set_up()


def test_the_demo_is_offered_on_ones_own_machine_only(client, settings):
    offered = client.get(reverse("set_up")).content.decode()
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"base_url": "https://narvaro.storkoping.example"})
    public = client.get(reverse("set_up")).content.decode()

    assert reverse("start_demo") in offered
    assert reverse("start_demo") not in public
    assert client.post(reverse("start_demo")).status_code == 403


@pytest.fixture
def public(settings, tmp_path):
    """Settings of an installation that anybody can reach."""
    changes = {"base_url": "https://narvaro.storkoping.example", "data": tmp_path}
    settings.OPTIONS = settings.OPTIONS.model_copy(update=changes)
    return settings.OPTIONS


@pytest.mark.parametrize("code", ["", "gissning"])
def test_nobody_without_the_code_sets_up_an_installation_that_others_can_reach(client, public, code):
    answer = client.post(reverse("set_up"), {**SET_UP, "code": code})

    assert answer.status_code == 422
    assert "code" in answer.context["form"].errors
    assert not queries.is_set_up()


def test_the_code_that_was_printed_lets_in_once(client, public):
    code = options.setup_code(public)

    client.post(reverse("set_up"), {**SET_UP, "code": f" {code} "})

    assert queries.is_set_up()
    assert len(code) >= 16
    assert not options.setup_code_file(public).exists()


def test_ones_own_machine_asks_for_no_code(client):
    assert 'name="code"' not in client.get(reverse("set_up")).content.decode()


def test_the_first_steps_stay_until_there_is_a_channel_and_are_ticked_off(client):
    authority = an_authority()

    nothing = page_of(client, authority, Role.ADMINISTRATOR)
    a_unit(authority, "Biblioteket")
    begun = page_of(client, authority, Role.ADMINISTRATOR)
    a_channel(authority)
    ready = page_of(client, authority, Role.ADMINISTRATOR)

    assert nothing.count("steps__step--done") == 0
    assert begun.count("steps__step--done") == 2
    assert FIRST_STEP in begun
    assert FIRST_STEP not in ready


def test_who_may_add_nothing_is_not_asked_to(client):
    assert FIRST_STEP not in page_of(client, an_authority(), Role.EMPLOYEE)


def test_an_employee_finds_where_to_bring_in_what_they_saw(client):
    page = page_of(client, an_authority(), Role.EMPLOYEE)

    assert f'href="{reverse("inbox:bring_in")}"' in page


def test_everything_that_waits_says_where(client):
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    waiting.put(lead, [
        waiting.Wait(place=place, subject_kind="x", subject_id=1, title=f"Väntar {place}", link="/",
                     role=Role.COMMUNICATIONS_LEAD)
        for place in PLACE_WORDS
    ])  # fmt: skip

    page = page_of(client, authority, Role.COMMUNICATIONS_LEAD)

    assert {name for place in PLACES for name in place.counts} <= set(PLACE_WORDS)
    for words in PLACE_WORDS.values():
        assert f'<p class="rows__meta">{words}</p>' in page


def test_work_that_was_given_up_is_put_before_the_administrator(client):
    authority, moment = an_authority(), jobs.real_now()
    Job.objects.create(
        name="narvaro.core.tasks.nothing", state=Job.State.DEAD, run_after=moment, created_at=moment, finished_at=moment
    )
    address = f'href="{reverse("core:operations")}"'

    assert address in page_of(client, authority, Role.ADMINISTRATOR)
    assert address not in page_of(client, authority, Role.REPRESENTATIVE)
