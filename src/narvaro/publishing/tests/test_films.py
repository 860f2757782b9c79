"""A film in what goes out: instead of pictures, bound to what was approved, refused where it does not fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Platform
from narvaro.connectors.port import Limits, MediaKind, Medium
from narvaro.core.testing import a_unit, person_of
from narvaro.core.types import Invalid
from narvaro.media import actions as media
from narvaro.media import queries as library
from narvaro.media.queries import films
from narvaro.media.testing import FILM_ALT, SPOKEN, a_consent, a_film, an_asset
from narvaro.media.types import Basis, Standing
from narvaro.publishing import actions, queries, rules
from narvaro.publishing.actions.publications import content_hash
from narvaro.publishing.comparing import differences
from narvaro.publishing.models import Publication
from narvaro.publishing.tasks import attempt_once, outgoing
from narvaro.publishing.types import Extras, State
from narvaro.publishing.types.afterwards import Differs
from narvaro.records.testing import an_item

pytestmark = pytest.mark.django_db
TEXT = "Så sorterar du matavfall."


def a_place(lead, authority, platform=Platform.BLUESKY):
    return a_channel(authority, platform=platform, unit=a_unit(authority), responsible=person_of(lead))


def saved(lead, asset, *channels, **values):
    film = films.film_of(lead, asset)
    return actions.save_message(
        actor=lead, text=TEXT, channels=dict.fromkeys(channels, ""), extras=Extras(film=film), **values
    )


def test_p18_p24_what_was_approved_keeps_its_film_and_captions_and_the_connector_gets_just_those(lead, authority):
    asset, channel = a_film(lead), a_place(lead, authority)
    message = saved(lead, asset, channel)
    before = queries.content_of(lead, message)
    actions.send_message(actor=lead, uid=message.uid)
    publication = Publication.objects.of(lead).select_related("channel", "film__asset").get()

    media.put_captions(actor=lead, uid=asset.uid, language="en", content=SPOKEN)

    sent = outgoing(publication).film
    with sent.opened() as first, sent.opened() as again:
        assert first.read() == again.read()
        assert first.tell() == sent.size_bytes
    assert (sent.alt, sent.title, [each.language for each in sent.captions]) == (FILM_ALT, "Sortera mat", ["sv"])
    assert sent.captions[0].content.startswith(b"WEBVTT")
    assert sent.cover.content.startswith(b"\xff\xd8")
    assert before["film"]["captions"][0][0] == "sv"
    mended = films.film_of(lead, asset)
    assert len({content_hash(TEXT, "public", (), {"film": each}) for each in (None, publication.film, mended)}) == 3
    again = actions.duplicate_message(actor=lead, uid=message.uid)
    assert (again.film, publication.film) == (publication.film, message.film)


def test_dos_2_a_film_without_captions_never_goes_out_nor_one_with_pictures_nor_where_it_does_not_fit(lead, authority):
    bare, fit, bluesky = a_film(lead, captions=""), a_film(lead), a_place(lead, authority)
    picture = library.pictures_of(lead, an_asset(lead))[0]
    small = a_place(lead, authority, Platform.MASTODON)
    small.limits = {"max_film_bytes": 1000}
    small.save(update_fields=["limits"])
    nowhere = a_place(lead, authority)
    nowhere.limits = {"max_film_bytes": 0}
    nowhere.save(update_fields=["limits"])

    for message, word in (
        (saved(lead, bare, bluesky), "Filmen ”Sortera mat” kan inte gå ut. Filmen saknar undertexter"),
        (saved(lead, fit, bluesky, pictures=[picture]), "Välj bilder eller en film"),
        (saved(lead, fit, small), "Filmen är för stor"),
        (saved(lead, fit, nowhere), "inte lägga ut film"),
    ):
        with pytest.raises(Invalid, match=word):
            actions.send_message(actor=lead, uid=message.uid)

    assert Publication.objects.of(lead).count() == 0


def test_url_5_what_was_planned_with_a_film_never_goes_out_after_a_withdrawal_and_every_place_is_listed(
    lead, authority
):  # fmt: skip
    asset, channel = a_film(lead), a_place(lead, authority)
    media.change_asset(actor=lead, uid=asset.uid, alt=FILM_ALT, basis=Basis.CONSENT, people=1, children=0)
    consent = a_consent(lead, asset)
    actions.send_message(actor=lead, uid=saved(lead, asset, channel).uid)
    draft = saved(lead, asset, channel)

    media.withdraw_consent(actor=lead, uid=consent.uid)
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        attempt_once(actions.claim_attempt())

    publication = Publication.objects.of(lead).get()
    listed = {row.subject_uid: row.standing for row in library.takedowns(lead, asset=asset)}
    assert (publication.state, publication.remote_id) == (State.REFUSED, "")
    assert "Filmen" in publication.reason
    assert listed == {publication.uid: Standing.PLANNED, draft.uid: Standing.DRAFT}


def test_dos_2_the_composer_shows_the_film_and_warns_where_captions_do_not_follow(lead, authority):
    asset, channel = a_film(lead), a_place(lead, authority, Platform.MASTODON)
    film = films.film_of(lead, asset)
    desk = signed_in(lead)

    page = desk.get(f"/publicerat/nytt/?film={film.uid}&kanal={channel.uid}")
    done = desk.post("/publicerat/nytt/", filled(page, "form", text=TEXT, do="save"))

    shown = desk.get(done.url).content.decode()
    assert f'<option value="{film.uid}" selected>' in page.content.decode()
    assert "Undertexterna följer inte med dit." in shown
    assert f"/bilder/film/{film.uid}/fil/" in shown
    assert '<track kind="captions"' in shown


def test_by_hand_the_film_and_its_captions_are_there_to_take_along(lead, authority):
    asset, board = a_film(lead), a_place(lead, authority, Platform.MANUAL)
    actions.send_message(actor=lead, uid=saved(lead, asset, board).uid)
    row = Publication.objects.of(lead).get()
    desk, page = signed_in(lead), f"/publicerat/{row.uid}/"
    shown = desk.get(page)
    steps = {field.html_name: "on" for field in shown.context["by_hand"].steps}

    done = desk.post(f"{page}gjort/", filled(shown, "by_hand", link="https://plats.example/inlagg/7", **steps))

    (track,) = films.captions_of(row.film)
    assert f"/bilder/film/{row.film.uid}/fil/?hamta" in shown.content.decode()
    assert f"/bilder/film/text/{track.uid}/?hamta&amp;form=srt" in shown.content.decode()
    assert "step_film" in steps
    assert (done.status_code, queries.publication_for(lead, row.uid).state) == (302, State.DELIVERED)


@pytest.mark.one_database
def test_p24_a_film_that_is_shown_otherwise_than_approved_is_seen(lead, authority):
    actions.send_message(actor=lead, uid=saved(lead, a_film(lead), a_place(lead, authority)).uid)
    approved = outgoing(Publication.objects.of(lead).select_related("channel", "film__asset").get())
    shown = replace(an_item(text=TEXT), language="sv")
    as_it_is, other, bare = (
        replace(shown, media=(Medium("at://x", MediaKind.VIDEO, alt=alt),)) for alt in (FILM_ALT, "Något annat", "")
    )

    assert differences(approved, as_it_is) == []
    assert [each["what"] for each in differences(approved, other)] == [Differs.FILM_ALT]
    assert [each["what"] for each in differences(approved, bare)] == [Differs.FILM_ALT]
    assert differences(approved, bare, tells_film_alt=False) == []
    assert [each["what"] for each in differences(approved, shown)] == [Differs.FILM]


@pytest.mark.one_database
def test_what_a_platform_takes_is_told_in_sentences_and_captions_are_missed_only_where_something_is_said():
    film = {"size_bytes": 50, "seconds": 200.0, "media_type": "video/webm", "alt": FILM_ALT}
    roomy = Limits(300, max_film_bytes=100)

    assert rules.film_fault("mastodon", roomy, **film) == ""
    assert "MP4" in rules.film_fault("bluesky", roomy, **film)
    assert "180 sekunder" in rules.film_fault("mastodon", replace(roomy, max_film_seconds=180), **film)
    assert "10 tecken" in rules.film_fault("mastodon", replace(roomy, max_alt_length=10), **film)
    assert rules.caption_caution(roomy, has_captions=False) == ""
    assert rules.caption_caution(replace(roomy, takes_captions=True), has_captions=True) == ""
