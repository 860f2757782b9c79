"""Films: uploaded without metadata, described, spoken in captions, played in stretches; hostile ones are refused."""

from __future__ import annotations

import sys

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.media import actions, filming, queries, store
from narvaro.media.filming import cleaned_film
from narvaro.media.models import Film
from narvaro.media.queries import films
from narvaro.media.testing import SPOKEN, a_film, a_film_file
from narvaro.media.tests.clamd import EVIL, a_clamd
from narvaro.media.types import Speech

pytestmark = pytest.mark.django_db
LATER = "00:00:00.200 --> 00:00:01.500\nMatavfallet läggs i den gröna påsen, inte i den röda.\n"


@pytest.fixture
def lead():
    return an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)


@pytest.fixture
def browser(lead):
    client = Client()
    client.force_login(person_of(lead), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_gdpr_10_dos_2_a_film_is_uploaded_without_its_place_and_waits_for_words_before_it_can_go_out(lead, browser):
    file = SimpleUploadedFile("MVI_0042.mp4", a_film_file(), content_type="video/mp4")

    answer = browser.post(
        reverse("media:add_film"), {"intent": uuid7(), "film": file}, headers={"accept": "application/json"}
    )

    (shown,) = queries.library(lead, listed="saknar")
    film = films.film_of(lead, shown.asset)
    with films.opened(film) as opened:
        kept = opened.read()
    assert answer.json() == {"text": "", "to": reverse("media:asset", args=[shown.asset.uid])}
    assert b"Kameran" in a_film_file()
    assert b"Kameran" not in kept
    assert b"+59.3293" not in kept
    assert kept.find(b"moov") < kept.find(b"mdat")  # it can begin before it has come whole
    assert (film.width, film.height, film.duration_ms, film.has_sound) == (64, 48, 2000, True)
    assert any("saknar undertexter" in each for each in shown.lacks)
    assert films.offered(lead) == []
    assert queries.is_used(lead.authority_id, film.cover)
    page = browser.get(answer.json()["to"])
    assert "media-src 'self'" in page["Content-Security-Policy"]
    assert "<video" in page.content.decode()


def test_dos_2_captions_are_written_by_hand_mended_and_taken_away_and_each_time_the_film_is_a_row_of_its_own(
    lead, browser, django_assert_max_num_queries
):
    asset = a_film(lead, captions="")
    address = reverse("media:captions", args=[asset.uid])
    form = {"intent": uuid7(), "seen_version": asset.version, "language": "sv", "captions": SPOKEN}

    wrong = browser.post(address, form | {"captions": "00:00:01.000 --> 00:00:09.000\nFör långt.\n"})
    done = browser.post(address, form | {"intent": uuid7()})

    approved = films.film_of(lead, asset)
    (track,) = films.captions_of(approved)
    assert wrong.status_code == 422
    assert "slutar efter filmen" in wrong.content.decode()
    assert (done.status_code, approved.speech, films.offered(lead)) == (302, Speech.CAPTIONS, [approved])
    assert films.vtt_of(track).startswith(b"WEBVTT\n")
    assert queries.is_used(lead.authority_id, track.digest)
    mended = actions.put_captions(actor=lead, uid=asset.uid, language="sv", content=LATER)
    assert [Film.objects.of(lead).get(pk=approved.pk).is_current, mended.digest] == [False, approved.digest]
    assert films.vtt_of(films.captions_of(approved)[0]) == films.vtt_of(track)
    assert films.content_of(mended) != films.content_of(approved)
    with django_assert_max_num_queries(12):
        page = browser.get(reverse("media:asset", args=[asset.uid])).content.decode()
    assert (
        f'<track kind="captions" src="{reverse("media:film_track", args=[films.captions_of(mended)[0].uid])}"' in page
    )
    srt = browser.get(reverse("media:film_track", args=[track.uid]) + "?form=srt&hamta")
    assert b"00:00:00,200 --> 00:00:01,800" in srt.content
    bare = actions.remove_captions(actor=lead, uid=asset.uid, language="sv")
    assert (bare.speech, films.offered(lead)) == ("", [])
    with pytest.raises(Stale):
        actions.remove_captions(actor=lead, uid=asset.uid, language="sv")


def test_dos_2_a_person_says_that_nobody_speaks_and_a_film_without_sound_needs_nothing(lead):
    spoken, mute = a_film(lead, captions=""), a_film(lead, captions="", sound=False)

    said = actions.say_speech(actor=lead, uid=spoken.uid, speech=Speech.NOBODY)

    assert said.speech == Speech.NOBODY
    assert films.film_of(lead, mute).speech == Speech.SOUNDLESS
    assert {each.asset_id for each in films.offered(lead)} == {spoken.pk, mute.pk}
    with pytest.raises(Invalid):
        actions.say_speech(actor=lead, uid=spoken.uid, speech=Speech.SOUNDLESS)
    with pytest.raises(NotPermitted):
        actions.say_speech(actor=an_actor(spoken.authority, role=Role.AUDITOR), uid=spoken.uid, speech=Speech.NOBODY)


def test_a_player_gets_the_stretch_it_asks_for_and_another_authority_gets_none(lead, browser):
    film = films.film_of(lead, a_film(lead))
    address = reverse("media:film_file", args=[film.uid])
    with films.opened(film) as opened:
        whole = opened.read()

    for asked, start, end in (("bytes=0-99", 0, 100), ("bytes=100-", 100, len(whole)), ("bytes=-50", -50, len(whole))):
        answer = browser.get(address, headers={"range": asked})
        assert answer.status_code == 206
        assert answer.getvalue() == whole[start:end]
        assert answer["Content-Range"].endswith(f"/{len(whole)}")
    past = browser.get(address, headers={"range": f"bytes={len(whole)}-"})
    odd = browser.get(address, headers={"range": "rader=1-2"})

    assert (past.status_code, past["Content-Range"]) == (416, f"bytes */{len(whole)}")
    assert (odd.status_code, odd.getvalue()) == (200, whole)
    lent = Client().get(films.lent_address(film), headers={"range": "bytes=10-19"})
    assert (lent.getvalue(), lent["Cache-Control"]) == (whole[10:20], "private, no-store")
    assert Client().get(films.lent_address(film)[:-3] + "xx/").status_code == 404
    with pytest.raises(NotFound):
        films.film_for(an_actor(an_authority("Lillköping")), film.uid)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n", "MP4, MOV eller WebM"),
        (b"\0\0\0\x20ftypisom" + b"\xff" * 4000, "går inte att läsa"),
        (a_film_file()[:9000], "går inte att läsa"),
        (a_film_file(form="avi"), "MP4, MOV eller WebM"),
        (EVIL, "skadlig kod"),
    ],
    ids=["a list of other files", "only a head", "cut off", "another form", "infected"],
)  # fmt: skip
def test_sec_1_a_hostile_or_unplayable_film_is_refused_with_a_sentence(content, word, monkeypatch, tmp_path):
    (tmp_path / "upload").write_bytes(content)

    with a_clamd() as address:
        monkeypatch.setattr(settings.OPTIONS, "clamd", address)
        with pytest.raises(Invalid, match=word) as refusal, cleaned_film(tmp_path / "upload"):
            pass

    assert refusal.value.field == "film"


@pytest.mark.one_database
def test_sec_1_a_film_that_breaks_or_holds_up_its_reader_touches_nothing_else(monkeypatch, tmp_path):
    (tmp_path / "upload").write_bytes(a_film_file())
    monkeypatch.setattr(settings.OPTIONS, "film_megabytes", 0)
    with pytest.raises(Invalid, match="för stor"), cleaned_film(tmp_path / "upload"):
        pass
    monkeypatch.setattr(settings.OPTIONS, "film_megabytes", 1)
    monkeypatch.setattr(filming, "DEADLINE_SECONDS", 0.01)
    with pytest.raises(Invalid, match="för lång tid"), cleaned_film(tmp_path / "upload"):
        pass
    monkeypatch.setattr(sys, "executable", "/bin/false")
    monkeypatch.setattr(filming, "DEADLINE_SECONDS", 10)
    with pytest.raises(Invalid, match="går inte att läsa"), cleaned_film(tmp_path / "upload"):
        pass

    assert not list((settings.OPTIONS.data / "incoming").glob("film-*/cover"))


@pytest.mark.one_database
def test_a_film_held_on_its_side_is_shown_as_it_was_held_and_webm_is_kept_as_it_is(tmp_path):
    (tmp_path / "side").write_bytes(turned(a_film_file(sound=False)))
    (tmp_path / "webm").write_bytes(a_film_file(form="webm"))

    with cleaned_film(tmp_path / "side") as side, cleaned_film(tmp_path / "webm") as webm:
        assert (side.width, side.height, side.has_sound) == (48, 64, False)
        assert (webm.media_type, webm.width, round(webm.seconds)) == ("video/webm", 64, 2)
        assert b"Kameran" not in webm.path.read_bytes()
        assert store.keep_file(1, webm.path) == store.keep_file(1, webm.path)

    assert not webm.path.exists()


def turned(content: bytes) -> bytes:
    """Return a film with the mark of a telephone that was held upright: to be turned a quarter clockwise."""
    matrix = b"".join(n.to_bytes(4, "big", signed=True) for n in (0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30))
    at = content.index(b"tkhd") + 44
    return content[:at] + matrix + content[at + 36 :]
