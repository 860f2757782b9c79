"""Mastodon's archive: whole, broken and hostile. Made after the documented shape; no real person's archive is used."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from narvaro.connectors.mastodon import archive as archives
from narvaro.connectors.mastodon.archive import ArchiveError, MastodonArchive
from narvaro.connectors.port import Item, Kind, MediaKind, Visibility
from narvaro.testing.effort import within

HOME = "https://social.storkoping.example"
US = f"{HOME}/users/kommunen"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
ACTOR = {"id": US, "type": "Person", "preferredUsername": "kommunen", "name": "Storköping", "url": f"{HOME}/@kommunen"}


def a_note(number: int, text: str = "Hej", **more: Any) -> dict[str, Any]:
    note = {
        "id": f"{US}/statuses/{number}",
        "type": "Note",
        "summary": None,
        "inReplyTo": None,
        "published": f"2025-01-01T12:00:{number % 60:02}Z",
        "url": f"{HOME}/@kommunen/{number}",
        "to": [PUBLIC],
        "cc": [f"{US}/followers"],
        "content": f"<p>{text}</p>",
        "contentMap": {"sv": f"<p>{text}</p>"},
        "attachment": [],
        **more,
    }
    return {"id": f"{US}/statuses/{number}/activity", "type": "Create", "actor": US, "object": note}


def an_outbox(*entries: Any) -> bytes:
    outbox = {"@context": "x", "id": "outbox.json", "type": "OrderedCollection", "totalItems": len(entries)}
    return json.dumps({**outbox, "orderedItems": entries}, ensure_ascii=False).encode()


def a_zip(at: Path, outbox: bytes, more: Mapping[str, bytes] | None = None, actor: bytes | None = None) -> Path:
    path = at / "archive.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("actor.json", actor if actor is not None else json.dumps(ACTOR))
        file.writestr("outbox.json", outbox)
        for name, content in (more or {}).items():
            file.writestr(name, content)
    return path


def a_tar(at: Path, outbox: bytes, more: Mapping[str, bytes] | None = None) -> Path:
    path = at / "archive.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for name, content in {**(more or {}), "outbox.json": outbox, "actor.json": json.dumps(ACTOR).encode()}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return path


def taken(path: Path) -> tuple[list[Item], archives.Report]:
    with MastodonArchive(path) as archive:
        return list(archive.items()), archive.report


@pytest.mark.parametrize("packed", [a_zip, a_tar])
def test_posts_answers_pictures_and_warnings_are_taken_one_by_one(tmp_path: Path, packed: Any):
    picture = {"type": "Document", "mediaType": "image/png", "url": "/media_attachments/files/1.png", "name": "En ko."}
    outbox = an_outbox(
        a_note(1, "Först &amp; främst<br>åäö", attachment=[picture], summary="Varning"),
        a_note(2, inReplyTo=f"{US}/statuses/1"),
        a_note(3, inReplyTo="https://annan.example/users/x/statuses/9", to=[f"{US}/followers"], cc=[]),
        a_note(4, to=["https://annan.example/users/x"], cc=[]),
        {"type": "Announce", "object": "https://annan.example/1"},
        a_note(1, "En gång till"),
    )
    path = packed(tmp_path, outbox, {"media_attachments/files/1.png": b"\x89PNG"})

    with MastodonArchive(path) as archive:
        items = list(archive.items())
        medium = archive.medium(items[0].media[0].url, 100)
        report, author = archive.report, archive.author

    assert author.handle == "kommunen@social.storkoping.example"
    assert [item.remote_id for item in items] == ["1", "2", "3", "4"]
    assert items[0].text == "Varning\n\nFörst & främst\nåäö"
    assert [item.kind for item in items] == [Kind.POST, Kind.COMMENT, Kind.COMMENT, Kind.MESSAGE]
    assert [item.visibility for item in items][1:] == [Visibility.PUBLIC, Visibility.FOLLOWERS, Visibility.PRIVATE]
    assert (items[1].parent_remote_id, items[2].parent_remote_id) == ("1", "https://annan.example/users/x/statuses/9")
    assert (items[0].media[0].alt, items[0].media[0].kind) == ("En ko.", MediaKind.IMAGE)
    assert medium == (b"\x89PNG", "image/png")
    assert (report.items, report.boosts, report.duplicates, report.bad_count) == (4, 1, 1, 0)
    assert json.loads(items[0].raw)["object"]["id"].endswith("/1")
    assert any("Andras svar" in lack for lack in report.lacks)


def test_a_bad_entry_takes_no_neighbour_along(tmp_path: Path):
    good = [json.dumps(a_note(number)).encode() for number in range(4)]
    bad = [b'{"type": "Create", "object": {broken}}', b"{}", b'{"type":"Create","object":"x"}', b"[1, 2]"]
    no_time = a_note(9)
    del no_time["object"]["published"]
    entries = [good[0], bad[0], good[1], bad[1], bad[2], good[2], bad[3], json.dumps(no_time).encode(), good[3]]
    outbox = b'{"type":"OrderedCollection", "orderedItems" : [ ' + b" ,\n".join(entries) + b'], "x": []}'

    items, report = taken(a_zip(tmp_path, outbox))

    assert [item.remote_id for item in items] == ["0", "1", "2", "3"]
    assert report.bad_count == 5
    assert [each.position for each in report.bad] == [2, 4, 5, 7, 8]
    assert all(each.reason.endswith(".") for each in report.bad)


def test_brackets_and_quotes_in_texts_cut_nothing(tmp_path: Path):
    text = 'a " ] } [ { \\\\ \\" ]}' * 50

    items, report = taken(a_zip(tmp_path, an_outbox(a_note(1, text), a_note(2))))

    assert [item.remote_id for item in items] == ["1", "2"]
    assert items[0].text == text
    assert not report.bad


def test_reading_in_other_pieces_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = a_zip(tmp_path, an_outbox(*(a_note(number, 'å"]}\\🐄') for number in range(20))))
    whole, _report = taken(path)
    for size in (1, 2, 7):
        monkeypatch.setattr(archives, "CHUNK_BYTES", size)

        assert taken(path)[0] == whole


@pytest.mark.parametrize("packed", [a_zip, a_tar])
def test_an_outbox_that_breaks_off_gives_what_came_before(tmp_path: Path, packed: Any):
    outbox = an_outbox(*(a_note(number) for number in range(5)))

    items, report = taken(packed(tmp_path, outbox[:-900]))

    assert 0 < len(items) < 5
    assert report.is_truncated


def test_a_tar_that_was_not_downloaded_whole_gives_what_came_or_says_so(tmp_path: Path):
    path = a_tar(tmp_path, an_outbox(*(a_note(number, "Hej " * number) for number in range(400))))
    whole = path.read_bytes()
    for share in (10, 50, 90, 99):
        path.write_bytes(whole[: len(whole) * share // 100])
        try:
            _items, report = taken(path)
        except ArchiveError as error:
            sentence = str(error)
            assert sentence.endswith((".", "?"))
        else:
            assert report.is_truncated or report.items == 400


def test_a_zip_that_was_not_downloaded_whole_says_so(tmp_path: Path):
    path = a_zip(tmp_path, an_outbox(a_note(1)))
    path.write_bytes(path.read_bytes()[:-60])

    with pytest.raises(ArchiveError, match="Ladda ner den igen"):
        taken(path)


def test_damaged_bytes_inside_a_zip_are_told_not_raised(tmp_path: Path):
    path = a_zip(tmp_path, an_outbox(*(a_note(number, str(number) * 500) for number in range(50))))
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = b"\0" * 40
    path.write_bytes(bytes(content))

    _items, report = taken(path)

    assert report.is_truncated or report.bad_count


def test_wrong_encoding_keeps_the_item(tmp_path: Path):
    outbox = an_outbox(a_note(1, "Blåbär"), a_note(2)).replace("å".encode(), b"\xe5")

    items, _report = taken(a_zip(tmp_path, outbox))

    assert [item.text for item in items] == ["Bl\ufffdbär", "Hej"]
    assert b"Bl\xe5b" in items[0].raw


def test_an_outbox_in_utf16_is_a_clear_error(tmp_path: Path):
    with pytest.raises(ArchiveError, match="outbox"):
        taken(a_zip(tmp_path, an_outbox(a_note(1)).decode().encode("utf-16")))


@pytest.mark.parametrize("outbox", [b"", b"null", b"<html></html>", b"[" * 100_000, b'{"orderedItems": {}}'])
def test_an_outbox_that_is_none_is_a_clear_error_or_nothing(tmp_path: Path, outbox: bytes):
    try:
        items, report = taken(a_zip(tmp_path, outbox))
    except ArchiveError as error:
        sentence = str(error)
        assert "outbox.json" in sentence
    else:
        assert not items
        assert report.is_truncated or report.bad_count


def a_swelling_zip(at: Path, megabytes: int) -> Path:
    path = at / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("actor.json", json.dumps(ACTOR))
        with file.open("outbox.json", "w") as outbox:
            outbox.write(b'{"orderedItems": [')
            for _part in range(megabytes):
                outbox.write(b" " * 1_000_000)
            outbox.write(b"]}")
    return path


def test_a_zip_bomb_is_left_before_it_swells(tmp_path: Path):
    path = a_swelling_zip(tmp_path, 300)

    with pytest.raises(ArchiveError, match="sväller"):
        taken(path)


def test_a_tar_bomb_is_left_before_it_swells(tmp_path: Path):
    path = tmp_path / "bomb.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        member = tarfile.TarInfo("media_attachments/nollor")
        member.size = 200_000_000
        file.addfile(member, io.BytesIO(bytes(member.size)))

    with pytest.raises(ArchiveError, match="sväller"):
        taken(path)


@pytest.mark.seldom
def test_a_line_above_what_one_post_may_weigh_costs_only_itself(tmp_path: Path):
    huge = a_note(1, "x" * (archives.MAX_ENTRY_BYTES + 10))
    path = a_zip(tmp_path, an_outbox(a_note(0), huge, a_note(2)))
    tracemalloc.start()

    with within(20):
        items, report = taken(path)

    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [item.remote_id for item in items] == ["0", "2"]
    assert [each.reason for each in report.bad] == ["Posten är orimligt stor."]
    assert peak < 4 * archives.MAX_ENTRY_BYTES


def test_a_header_of_a_gigabyte_is_not_read_into_memory(tmp_path: Path):
    path = tmp_path / "header.tar.gz"
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 1_000_000_000
    path.write_bytes(gzip.compress(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000)))

    with pytest.raises(ArchiveError, match="filhuvud"):
        taken(path)


def test_paths_out_of_the_archive_and_links_lead_nowhere(tmp_path: Path):
    secret = tmp_path / "hemligt"
    secret.write_text("hemligt")
    path = tmp_path / "links.tar.gz"
    picture = {"type": "Document", "mediaType": "image/png", "url": "/media/länk", "name": ""}
    with tarfile.open(path, "w:gz") as file:
        for name, content in {
            "actor.json": json.dumps(ACTOR).encode(),
            "outbox.json": an_outbox(a_note(1, attachment=[picture])),
        }.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("media/länk")
        link.type, link.linkname = tarfile.SYMTYPE, str(secret)
        file.addfile(link)
        hard = tarfile.TarInfo("media/hård")
        hard.type, hard.linkname = tarfile.LNKTYPE, "../../hemligt"
        file.addfile(hard)

    with MastodonArchive(path) as archive:
        assert [item.remote_id for item in archive.items()] == ["1"]
        assert archive.report.missing_media == ["/media/länk"]
        for url in ("/media/länk", "/media/hård", "../../hemligt", str(secret)):
            with pytest.raises(ArchiveError):
                archive.medium(url, 100)


def test_a_link_in_a_zip_leads_nowhere(tmp_path: Path):
    path = a_zip(tmp_path, an_outbox(a_note(1)))
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("media/länk")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/hostname")

    with MastodonArchive(path) as archive, pytest.raises(ArchiveError):
        archive.medium("/media/länk", 100)


@pytest.mark.parametrize(
    "content", [b"", b"hej", b"PK\x03\x04", b"\x1f\x8b", b"\x1f\x8b\x08\0" + bytes(50), b"PK\x05\x06" + bytes(18)]
)
def test_a_file_that_is_no_archive_says_so(tmp_path: Path, content: bytes):
    path = tmp_path / "fil"
    path.write_bytes(content)

    with pytest.raises(ArchiveError) as error:
        taken(path)

    assert str(error.value).endswith((".", "?"))


@pytest.mark.parametrize(
    "actor", [b"", b"[]", b"{}", b'{"id": "javascript:alert(1)"}', b"[" * 200_000, b"x" * 5_000_000]
)
def test_an_archive_without_a_usable_account_says_so(tmp_path: Path, actor: bytes):
    with pytest.raises(ArchiveError, match="konto"):
        taken(a_zip(tmp_path, an_outbox(a_note(1)), actor=actor))


def test_a_missing_file_says_so(tmp_path: Path):
    with pytest.raises(ArchiveError, match="går inte att läsa"):
        taken(tmp_path / "finns-inte.zip")
