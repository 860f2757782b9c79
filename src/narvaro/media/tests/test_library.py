"""The library: pictures described, searched, changed without changing what was approved, cut, and taken out of use."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from narvaro.base import clock
from narvaro.base.ids import uuid7
from narvaro.core import waiting
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role, Stale
from narvaro.media import actions, queries, showing, tasks
from narvaro.media.cleaning import cleaned
from narvaro.media.picking import LibraryOf
from narvaro.media.testing import ALT, a_photo, an_asset
from narvaro.media.types import Basis

pytestmark = pytest.mark.django_db
ORIENTATION = 0x0112


@pytest.fixture
def lead():
    return an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)


@pytest.fixture
def browser(lead):
    client = Client()
    client.force_login(person_of(lead), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.one_database
def test_gdpr_10_a_photo_is_turned_upright_before_its_metadata_is_taken_away():
    out = io.BytesIO()
    photo = Image.new("RGB", (40, 30), "blue")
    photo.paste("red", (0, 0, 40, 5))  # along the top as the sensor saw it
    exif = photo.getexif()
    exif[ORIENTATION] = 6  # held on its side: to be turned a quarter clockwise
    exif[0x010F] = "Kameran i fickan"
    photo.save(out, "JPEG", exif=exif, quality=95)

    clean = cleaned(out.getvalue())

    with Image.open(io.BytesIO(clean.content)) as upright:
        assert (clean.width, clean.height) == upright.size == (30, 40)
        assert upright.getpixel((28, 20))[0] > 200  # the top went to the right side
        assert upright.getpixel((3, 20))[2] > 200
        assert not upright.getexif()
    assert b"Kameran" not in clean.content


@pytest.mark.one_database
def test_a_picture_with_a_palette_keeps_its_colours():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "#c81e1e").convert("P", palette=Image.Palette.ADAPTIVE).save(out, "PNG")

    with Image.open(io.BytesIO(cleaned(out.getvalue()).content)) as kept:
        assert kept.convert("RGB").getpixel((4, 4)) == (200, 30, 30)


def test_many_are_uploaded_at_once_and_go_nowhere_until_they_are_described(lead, browser):
    files = [SimpleUploadedFile(f"IMG_{n}.jpg", a_photo(colour)) for n, colour in enumerate(("red", "green"))]
    page = {"intent": uuid7(), "pictures": [*files, SimpleUploadedFile("x.txt", b"nej")]}

    answer = browser.post(reverse("media:add"), page, follow=True)

    shown = answer.content.decode()
    assert "2 bilder ligger i bildbanken" in shown
    assert "x.txt: Filen går inte att läsa som en bild." in shown
    assert [each.picture.alt for each in queries.library(lead, listed="saknar")] == ["", ""]
    assert LibraryOf(lead).offered([]) == []
    one = browser.post(
        reverse("media:add"), {"intent": uuid7(), "pictures": SimpleUploadedFile("y.txt", b"nej")},
        headers={"accept": "application/json"},
    )  # fmt: skip
    assert (one.status_code, "y.txt" in one.json()["text"]) == (422, True)


def test_dos_2_a_new_description_is_a_row_of_its_own_and_every_earlier_one_is_kept(lead):
    asset = an_asset(lead)
    (approved,) = queries.pictures_of(lead, asset)

    changed = actions.change_asset(
        actor=lead, uid=asset.uid, alt="En tom bassäng i kvällsljus", basis=Basis.NOBODY, people=0, children=0,
        seen_version=asset.version,
    )  # fmt: skip

    page = showing.asset_page(lead, asset.uid)
    assert queries.picture_for(lead, approved.uid).alt == ALT
    assert [row.alt for row in page.descriptions] == ["En tom bassäng i kvällsljus", ALT]
    assert page.whole.digest == approved.digest
    with pytest.raises(Stale):
        actions.retire_asset(actor=lead, uid=asset.uid, seen_version=changed.version - 1)
    with pytest.raises(Invalid) as refusal:
        actions.change_asset(actor=lead, uid=asset.uid, alt=ALT, basis=Basis.NOBODY, people=1, children=0)
    assert refusal.value.field == "people"


def test_the_library_is_searched_in_swedish_narrowed_and_paged_and_another_authoritys_is_not_there(lead):
    bath = an_asset(lead, title="ÖSTRA BADET", credit="Kommunens fotograf")
    bus = an_asset(lead, title="Bussen", alt="En röd buss vid torget")
    an_asset(an_actor(an_authority("Lillköping")), title="Östra badet")

    assert [each.asset for each in queries.library(lead)] == [bus, bath]
    assert [each.asset for each in queries.library(lead, before=bus.pk)] == [bath]
    assert [each.asset for each in queries.library(lead, words="östra fotograf")] == [bath]
    actions.retire_asset(actor=lead, uid=bath.uid, why="Byggnaden är riven.")
    assert [each.asset for each in queries.library(lead)] == [bus]
    assert [each.asset for each in queries.library(lead, listed="urbruk")] == [bath]
    assert [each.alt for each in LibraryOf(lead).offered([], "buss")] == ["En röd buss vid torget"]
    auditor = an_actor(bus.authority, role=Role.AUDITOR)
    with pytest.raises(NotPermitted):
        actions.bring_back_asset(actor=auditor, uid=bath.uid)


def test_a_crop_is_offered_beside_the_whole_picture_which_is_kept_as_it_was(lead, browser):
    asset = an_asset(lead, size=(160, 90))
    (before,) = queries.pictures_of(lead, asset)
    page = browser.get(reverse("media:crop", args=[asset.uid])).content.decode()
    form = {"intent": uuid7(), "seen_version": asset.version, "focus_x": 90, "focus_y": 50, "shapes": ["square"]}

    answer = browser.post(reverse("media:crop", args=[asset.uid]), form)

    whole, square = queries.pictures_of(lead, asset)
    assert answer.status_code == 302
    assert "data-focus-picture" in page
    assert (whole, square.crop, square.alt) == (before, "square", ALT)
    assert (square.width, square.height) == (90, 90)
    assert {each.shape for each in LibraryOf(lead).offered([])} == {"", "kvadrat 1:1"}
    assert browser.get(reverse("media:thumb", args=[square.uid])).headers["Content-Type"] == "image/webp"


def test_url_1_a_licence_waits_a_month_before_it_ends_and_waits_no_more_when_it_is_renewed(lead):
    soon = clock.today() + timedelta(days=20)
    asset = an_asset(lead, licence="Bildbyrån", licence_until=soon)
    an_asset(lead, licence_until=clock.today() + timedelta(days=90))

    tasks.follow_terms.call()

    (wait,) = waiting.today(lead)
    assert (wait.title, wait.link) == ("Licensen går ut: Simhallen", f"/bilder/{asset.uid}/")
    with clock.frozen(clock.now() + timedelta(days=25)):
        assert queries.barred(lead, queries.pictures_of(lead, asset)) != []
    actions.change_asset(
        actor=lead, uid=asset.uid, alt=ALT, basis=Basis.NOBODY, people=0, children=0,
        licence_until=soon + timedelta(days=365),
    )  # fmt: skip
    assert waiting.today(lead) == []


def test_pages_of_the_library_ask_little_whatever_they_hold(lead, browser, django_assert_max_num_queries):
    a_unit(queries.asset_for(lead, an_asset(lead).uid).authority)
    for n in range(5):
        asset = an_asset(lead, title=f"Bild {n}")

    for address in (reverse("media:library"), reverse("media:asset", args=[asset.uid]), reverse("media:consents")):
        with django_assert_max_num_queries(12):
            assert browser.get(address).status_code == 200
