"""The exports of X and of Google Takeout: what they hold, what they lack, and files made to do harm."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from narvaro.base import clock
from narvaro.connectors import archives
from narvaro.connectors.archives import ArchiveError
from narvaro.connectors.mastodon import archive as mastodon
from narvaro.connectors.port import Kind

pytestmark = pytest.mark.one_database

HEADINGS = (  # as Takeout wrote them in German; the order is the same in every language
    "Kommentar-ID,Kanal-ID,Zeitstempel der Erstellung des Kommentars,Preis,Übergeordnete Kommentar-ID,Beitrags-ID,"
    "Video-ID,Kommentartext,Kommentar-ID der obersten Ebene"
)
CHANNEL = "UCstorkoping00000000000a"


def a_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def tweets(*posts):
    return "window.YTD.tweets.part0 = " + json.dumps([{"tweet": each} for each in posts])


def a_tweet(remote_id, text, **more):
    return {"id_str": remote_id, "full_text": text, "created_at": "Wed Oct 10 20:19:24 +0000 2018", **more}


ACCOUNT = 'window.YTD.account.part0 = [{"account": {"accountId": "1001", "username": "storkoping"}}]'


def test_an_archive_of_x_gives_our_posts_as_they_were_typed_with_their_files(tmp_path):
    photo = {"media_url_https": "https://pbs.twimg.com/media/abc.jpg", "type": "photo", "url": "https://t.co/p"}
    path = a_zip(tmp_path / "x.zip", {
        "data/account.js": ACCOUNT,
        "data/tweets.js": tweets(
            a_tweet("11", "Öppet &amp; gratis https://t.co/a https://t.co/p",
                    entities={"urls": [{"url": "https://t.co/a", "expanded_url": "https://exempel.se"}],
                              "media": [photo]},
                    extended_entities={"media": [photo]}),
            a_tweet("12", "Svar", in_reply_to_status_id_str="9"), a_tweet("13", "RT @annan: hej"),
            a_tweet("12", "Svar igen"), {"id_str": "x"},
        ),
        "data/tweets-part1.js": tweets(
            a_tweet("15", "Rättat", edit_info={"edit": {"editControlInitial": {"editTweetIds": ["14", "15"]}}})
        ),
        "data/tweets_media/11-abc.jpg": b"bild",
        "data/direct-messages.js": "window.YTD.direct_messages.part0 = []",
    })  # fmt: skip

    with archives.opened("x", path) as archive:
        items = {item.remote_id: item for item in archive.items()}
        content, media_type = archive.medium(items["11"].media[0].url, 100)
        report = archive.report

    assert items.keys() == {"11", "12", "14"}
    assert items["11"].text == "Öppet & gratis https://exempel.se"
    assert (items["12"].kind, items["12"].parent_remote_id) == (Kind.COMMENT, "9")
    assert items["14"].edited_at is not None
    assert (content, media_type) == (b"bild", "image/jpeg")
    assert (report.boosts, report.duplicates, report.bad_count) == (1, 1, 1)
    assert archive.author.handle == "storkoping"
    assert any("Andras svar" in lack for lack in report.lacks)


def test_takeouts_comments_are_read_whatever_language_the_headings_are_in(tmp_path):
    rows = [
        'Ugzaaaaaaaaaaaa,%s,2025-12-30T14:28:42.897233+00:00,0,,,cX_uOoBhxqI,"{""text"":""Hej""},{""text"":""\\n""},{""text"":""då""}",',
        'Ugzaaaaaaaaaaaa.9x,%s,2025-12-31T14:28:42+00:00,0,Ugzaaaaaaaaaaaa,,cX_uOoBhxqI,"{""text"":""Svar""}",Ugzaaaaaaaaaaaa',
        'Ugzbbbbbbbbbbbb,%s,ingen tid,0,,,cX_uOoBhxqI,"{""text"":""x""}",',
    ]
    table = "\ufeff" + HEADINGS + "\n" + "\n".join(row % CHANNEL for row in rows[:2]) + "\n"
    other = "Titel,Adress\nEn spellista,https://exempel.se\n"
    path = a_zip(tmp_path / "t.zip", {"Takeout/YouTube/kommentarer.csv": table, "Takeout/YouTube/listor.csv": other})

    with archives.opened("youtube", path) as archive:
        first, second = archive.items()

    assert (first.text, first.parent_remote_id, first.root_remote_id) == ("Hej\ndå", "cX_uOoBhxqI", "cX_uOoBhxqI")
    assert second.parent_remote_id == first.remote_id
    assert archive.author.remote_id == CHANNEL
    assert first.published_at < clock.now()
    assert any("Andras kommentarer" in lack for lack in archive.report.lacks)


@pytest.mark.parametrize("platform", ["x", "youtube"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>", b"%PDF"])
def test_a_file_that_is_no_archive_is_told_as_such(tmp_path, platform, content):
    path = tmp_path / "fil"
    path.write_bytes(content)

    with pytest.raises(ArchiveError):
        archives.opened(platform, path)


def test_archives_made_to_do_harm_are_refused_or_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(mastodon, "FREE_BYTES", 100_000)
    bomb = io.BytesIO(b"window.YTD.tweets.part0 = [" + b" " * 3_000_000 + b"]")
    swells = a_zip(tmp_path / "b.zip", {"data/account.js": ACCOUNT, "data/tweets.js": bomb.getvalue()})
    odd = a_zip(tmp_path / "o.zip", {
        "../../data/tweets.js": 'window.YTD.tweets.part0 = [{}, [], 7, "x", {"tweet": ' + "[" * 2000 + "]" * 2000 + "}",
        "data/account.js": ACCOUNT,
    })  # fmt: skip

    with archives.opened("x", swells) as archive, pytest.raises(ArchiveError, match="sväller"):
        list(archive.items())
    with archives.opened("x", odd) as archive:
        assert list(archive.items()) == []
        assert archive.report.is_truncated
