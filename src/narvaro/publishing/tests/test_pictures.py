"""A picture of the library in what goes out: chosen, judged, stopped when a consent is withdrawn, and told of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.core.testing import a_unit, person_of
from narvaro.core.types import Invalid
from narvaro.media import actions as media
from narvaro.media import queries as library
from narvaro.media.testing import ALT, a_consent, an_asset
from narvaro.media.types import Basis, Standing
from narvaro.publishing import actions, queries
from narvaro.publishing.models import Message, Publication, PublicationPicture
from narvaro.publishing.tasks import attempt_once
from narvaro.publishing.types import MessageState, State

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def channel(authority, lead):
    return a_channel(authority, unit=a_unit(authority), responsible=person_of(lead))


def a_post(lead, channel, *assets, **values):
    pictures = [library.pictures_of(lead, each)[0] for each in assets]
    return actions.save_message(
        actor=lead, text="Simskolan börjar", channels={channel: ""}, pictures=pictures, **values
    )  # fmt: skip


def test_url_5_a_draft_may_hold_any_picture_but_nothing_goes_out_without_its_consents(lead, channel):
    asset = an_asset(lead, basis=Basis.CONSENT, people=1, children=1)
    message = a_post(lead, channel, asset)

    with pytest.raises(Invalid, match="Bilden ”Simhallen” kan inte gå ut"):
        actions.send_message(actor=lead, uid=message.uid)
    a_consent(lead, asset, is_child=True, age=9, guardians=["En", "Två"], guardians_needed=2)
    sent = actions.send_message(actor=lead, uid=message.uid)

    assert sent.state == MessageState.PLANNED


def test_url_1_a_licence_that_has_ended_by_the_planned_day_stops_the_plan(lead, channel):
    asset = an_asset(lead, licence_until=clock.today() + timedelta(days=3))
    late, early = (clock.today() + timedelta(days=days) for days in (5, 2))

    with pytest.raises(Invalid, match="Licensen har gått ut"):
        actions.send_message(actor=lead, uid=a_post(lead, channel, asset, day=late, clock=clock.now().time()).uid)
    sent = actions.send_message(actor=lead, uid=a_post(lead, channel, asset, day=early, clock=clock.now().time()).uid)

    assert sent.state == MessageState.PLANNED


def test_url_5_what_was_planned_never_goes_out_after_a_withdrawal_and_every_place_is_listed(lead, channel):
    asset = an_asset(lead, basis=Basis.CONSENT, people=1)
    consent = a_consent(lead, asset)
    planned = actions.send_message(actor=lead, uid=a_post(lead, channel, asset).uid)
    draft = a_post(lead, channel, asset)

    media.withdraw_consent(actor=lead, uid=consent.uid)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        attempt = actions.claim_attempt()
        attempt_once(attempt)

    publication = Publication.objects.of(lead).get()
    listed = {row.subject_uid: row.standing for row in library.takedowns(lead, asset=asset)}
    assert publication.state == State.REFUSED
    assert "Ett samtycke saknas." in publication.reason
    assert publication.remote_id == ""
    assert listed == {publication.uid: Standing.PLANNED, draft.uid: Standing.DRAFT}
    assert queries.message_for(lead, planned.uid).state == MessageState.PLANNED


def test_p18_a_new_description_in_the_library_does_not_change_what_was_approved(lead, channel):
    asset = an_asset(lead)
    actions.send_message(actor=lead, uid=a_post(lead, channel, asset).uid)

    media.change_asset(
        actor=lead, uid=asset.uid, alt="Något helt annat än förut", basis=Basis.NOBODY, people=0, children=0
    )  # fmt: skip

    assert PublicationPicture.objects.of(lead).select_related("picture").get().picture.alt == ALT


def test_a_picture_is_chosen_from_the_library_in_a_post_and_one_that_may_not_go_out_is_not_offered(lead, channel):
    asset, unsaid = an_asset(lead), an_asset(lead, described=False)
    theirs = library.pictures_of(lead, asset)[0]
    browser = Client()
    browser.force_login(person_of(lead), backend=BACKEND)
    address = reverse("publishing:new_post")

    page = browser.get(f"{address}?bild={theirs.uid}").content.decode()
    found = browser.get(reverse("media:pick"), {"ord": "simhallen", "library": str(theirs.uid)}).content.decode()
    form = {"intent": uuid7(), "channels": [str(channel.uid)], "text": "Välkommen", "purpose": "post", "do": "save"}
    gone = browser.post(address, form | {"library": [str(uuid7())]})
    done = browser.post(address, form | {"library": [str(theirs.uid)]})

    assert f'value="{theirs.uid}" id="library-{theirs.uid}" checked' in page
    assert f'value="{theirs.uid}" id="library-{theirs.uid}" checked' in found
    assert str(library.pictures_of(lead, unsaid)[0].uid) not in page + found
    assert gone.status_code == 422
    assert done.status_code == 302
    (message,) = Message.objects.of(lead)
    assert [row.picture for row in queries.message_pictures(lead, message)] == [theirs]
