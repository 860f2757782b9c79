"""What is uploaded goes out with its description and without anything about where it was taken."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role
from narvaro.media import actions, queries, store
from narvaro.media.types import BlobMissing

pytestmark = pytest.mark.django_db


def a_number() -> int:
    """Return an authority's number that no other test has: the store's folder outlives a rolled-back test."""
    return time.monotonic_ns()


def a_photo(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    picture = Image.new("RGB", (40, 30), "#14596b")
    exif = picture.getexif()
    exif[0x010F] = "Kameran i fickan"
    picture.save(out, kind, **({"exif": exif} if kind == "JPEG" else {}))
    return out.getvalue()


def test_dos_2_a_picture_without_a_description_is_refused():
    with pytest.raises(Invalid) as refusal:
        actions.add_picture(actor=an_actor(an_authority()), content=a_photo(), alt="  ")

    assert refusal.value.field == "alt"


def test_gdpr_10_where_and_with_what_it_was_taken_is_taken_away():
    actor = an_actor(an_authority())

    picture = actions.add_picture(actor=actor, content=a_photo(), alt="Simhallens entré")

    assert b"Kameran" in a_photo()
    assert b"Kameran" not in queries.bytes_of(picture)
    assert (picture.width, picture.height, picture.media_type) == (40, 30, "image/jpeg")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg onload=alert(1)>", a_photo()[:200], b"\x00" * 9_000_000])
def test_what_is_no_picture_is_refused_with_a_sentence(content):
    with pytest.raises(Invalid) as refusal:
        actions.add_picture(actor=an_actor(an_authority()), content=content, alt="Simhallens entré")

    assert str(refusal.value).endswith(".")


def test_an_auditor_adds_no_pictures():
    with pytest.raises(NotPermitted):
        actions.add_picture(
            actor=an_actor(an_authority(), role=Role.AUDITOR), content=a_photo("PNG"), alt="Simhallens entré"
        )


def test_another_organisations_picture_looks_missing():
    picture = actions.add_picture(actor=an_actor(an_authority("Storköping")), content=a_photo(), alt="Simhallens entré")

    with pytest.raises(NotFound):
        queries.picture_for(an_actor(an_authority("Lillköping")), picture.uid)


def test_the_store_keeps_the_same_bytes_once_and_gives_them_back():
    ours = a_number()

    first, again = store.keep(ours, b"samma"), store.keep(ours, b"samma")

    assert first == again
    assert list(store.digests(ours)) == [first]
    assert b"".join(store.open_blob(ours, first)) == b"samma"


def test_only_orphans_that_are_old_are_swept(monkeypatch):
    ours = a_number()
    wanted, orphan = store.keep(ours, b"handling"), store.keep(ours, b"commit som aldrig kom")

    assert store.sweep_orphans(ours, {wanted}.__contains__) == 0
    monkeypatch.setattr(store, "ORPHAN_AGE_SECONDS", -1.0)
    assert store.sweep_orphans(ours, {wanted}.__contains__) == 1

    assert list(store.digests(ours)) == [wanted]
    with pytest.raises(BlobMissing):
        store.read(ours, orphan)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_a_name_that_is_no_digest_leads_nowhere(digest):
    with pytest.raises(BlobMissing):
        store.read(1, digest)
