"""Facebook's and Instagram's exports: whole, mended, broken and hostile. Made after the documented shapes."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from narvaro.connectors import archives
from narvaro.connectors.archives import ArchiveError
from narvaro.connectors.meta.archive import FacebookArchive, InstagramArchive, mended
from narvaro.connectors.port import Kind, MediaKind
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database


def as_meta_writes(value: Any) -> bytes:
    """Return JSON as the platforms write it: each byte of UTF-8 as a sign of its own."""
    text = json.dumps(value, ensure_ascii=False).encode().decode("latin-1")
    return text.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")


def a_zip(at: Path, files: dict[str, bytes]) -> Path:
    path = at / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


FACEBOOK = {
    "profile_information/profile_information.json": {
        "profile_v2": {"name": {"full_name": "Storköpings kommun"}, "username": "storkoping"}},
    "this_profile's_activity_across_facebook/posts/profile_posts_1.json": [
        {"timestamp": 1700000000, "data": [{"post": "Öppet hus på lördag 🎈"}, {"update_timestamp": 1700000001}],
         "attachments": [{"data": [{"media": {"uri": "posts/media/gunga.jpg", "creation_timestamp": 1700000000}}]}]},
        {"timestamp": 1700000100, "data": [{"post": "Läs mer"}],
         "attachments": [{"data": [{"external_context": {"url": "https://kommunen.example/"}}]}]},
        {"timestamp": "trasig", "data": [{"post": "Utan tid"}]},
        "ingen post",
    ],
    "this_profile's_activity_across_facebook/comments_and_reactions/comments.json": {"comments_v2": [
        {"timestamp": 1700000200, "title": "…",
         "data": [{"comment": {"timestamp": 1700000200, "comment": "Tack för frågan å ä ö", "author": "x"}}]}]},
}  # fmt: skip
INSTAGRAM = {
    "personal_information/personal_information/personal_information.json": {
        "profile_user": [
            {"string_map_data": {"Användarnamn": {"value": "storkoping"}, "Namn": {"value": "Storköping"}}}]},
    "your_instagram_activity/content/posts_1.json": [
        {"media": [{"uri": "media/posts/1.jpg", "creation_timestamp": 1700000000, "title": "Höst i parken"}]},
        {"title": "Två bilder", "creation_timestamp": 1700000300,
         "media": [{"uri": "media/posts/2.jpg"}, {"uri": "media/posts/3.mp4"}]}],
    "your_instagram_activity/comments/post_comments_1.json": [
        {"string_map_data": {"Comment": {"value": "Välkomna!"}, "Media Owner": {"value": "x"},
                             "Time": {"timestamp": 1700000400}}}],
}  # fmt: skip


def opened(at: Path, platform: str, more: dict[str, bytes] | None = None) -> archives.Archive:
    shown = FACEBOOK if platform == "facebook" else INSTAGRAM
    files = {name: as_meta_writes(each) for name, each in shown.items()}
    return archives.opened(platform, a_zip(at, {**files, **(more or {})}))


def test_tf_1_facebooks_export_gives_our_words_as_they_were_written_and_says_what_it_lacks(tmp_path):
    with opened(tmp_path, "facebook", {"posts/media/gunga.jpg": b"\xff\xd8\xff"}) as archive:
        found = list(archive.items())
        picture = archive.medium("posts/media/gunga.jpg", 100)

    texts = {item.text: item for item in found}
    assert set(texts) == {"Öppet hus på lördag 🎈", "Läs mer\n\nhttps://kommunen.example/", "Tack för frågan å ä ö"}
    first = texts["Öppet hus på lördag 🎈"]
    assert (first.kind, first.is_own, first.published_at.year) == (Kind.POST, True, 2023)
    assert texts["Tack för frågan å ä ö"].kind == Kind.COMMENT
    assert picture == (b"\xff\xd8\xff", "image/jpeg")
    assert (archive.author.handle, archive.author.display_name) == ("storkoping", "Storköpings kommun")
    assert (archive.report.bad_count, archive.report.missing_media) == (2, [])
    assert any("Besökares kommentarer" in lack for lack in archive.report.lacks)


def test_instagrams_export_in_swedish_is_read_as_well(tmp_path):
    with opened(tmp_path, "instagram") as archive:
        found = {item.text: item for item in archive.items()}
        again = [item.remote_id for item in archive.items()]

    assert set(found) == {"Höst i parken", "Två bilder", "Välkomna!"}
    assert [each.kind for each in found["Två bilder"].media] == [MediaKind.IMAGE, MediaKind.VIDEO]
    assert archive.author.handle == "storkoping"
    assert again == [item.remote_id for item in found.values()], "the same post has the same id every time (P11)"
    assert len(archive.report.missing_media) == 3


@pytest.mark.parametrize(("written", "meant"), [
    ("Ã¥Ã¤Ã¶", "åäö"), ("hej", "hej"), ("ð\u009f\u008e\u0088", "🎈"), ("åäö", "åäö"), ("50 £", "50 £"),
    ("日本", "日本"),
])  # fmt: skip
def test_only_what_was_broken_is_mended(written, meant):
    assert mended(written) == meant


def test_what_is_no_such_archive_is_told(tmp_path):
    html = {"posts/your_posts_1.html": b"<html>"}
    for files, words in ((html, "JSON"), ({"a.txt": b"x"}, "inga inlägg")):
        with pytest.raises(ArchiveError, match=words):
            FacebookArchive(a_zip(tmp_path, files))
    (tmp_path / "inte.zip").write_bytes(b"PK\x03\x04trasig")
    with pytest.raises(ArchiveError, match="skadad"):
        InstagramArchive(tmp_path / "inte.zip")


def test_hostile_archives_cost_little(tmp_path):
    deep = b"[" * 100_000
    bomb = b'[{"timestamp":1700000000,"data":[{"post":"' + b"a" * 30_000_000 + b'"}]}]'
    nested = as_meta_writes([{"timestamp": 1700000000, "data": [{"post": "Hel"}]}])
    with within(5):
        with opened(
            tmp_path, "facebook", {"posts/your_posts_2.json": deep, "posts/your_posts_3.json": nested}
        ) as archive:
            texts = {item.text for item in archive.items()}
            for odd in ("../../etc/passwd", "/etc/passwd", "posts\\..\\x"):
                with pytest.raises(ArchiveError):
                    archive.medium(odd, 100)

        with (
            pytest.raises(ArchiveError, match="sväller"),
            FacebookArchive(a_zip(tmp_path, {"posts/your_posts_1.json": bomb})) as swelling,
        ):
            list(swelling.items())

    assert "Hel" in texts, "a broken file takes no other along"
