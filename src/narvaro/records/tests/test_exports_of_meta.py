"""Taking in what Facebook lets a page's owner download: mended, once, and with what it lacks in the gap ledger."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime

import pytest

from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, signed_in
from narvaro.channels.types import Connection, Platform
from narvaro.core.testing import an_authority
from narvaro.core.types import Invalid
from narvaro.records import actions, queries
from narvaro.records.models import Version
from narvaro.records.testing import a_page, an_item

pytestmark = pytest.mark.django_db
AT = 1_700_000_000


def an_export(at, name="Storköpings kommun"):
    posts = [
        {"timestamp": AT, "data": [{"post": "Öppet hus"}]},
        {"timestamp": AT + 60, "data": [{"post": "Stängt på måndag"}]},
    ]
    about = {"profile_v2": {"name": {"full_name": name}, "username": ""}}
    path = at / "export.zip"
    with zipfile.ZipFile(path, "w") as file:
        for where, value in (("posts/profile_posts_1.json", posts), ("x/profile_information.json", about)):
            file.writestr(where, json.dumps(value, ensure_ascii=False).encode().decode("latin-1"))
    return path


@pytest.fixture
def page_of_ours():
    authority = an_authority()
    lead = a_lead(authority)
    channel = a_channel(authority, platform=Platform.FACEBOOK, connection=Connection.MANUAL)
    rows = Channel.objects.everywhere("test").filter(pk=channel.pk)
    rows.update(handle="storkoping", name="Storköpings kommun", remote_id="", base_url="")
    return lead, rows.get()


def test_tf_1_p11_a_facebook_export_is_kept_once_also_beside_what_the_platform_gave(page_of_ours, tmp_path):
    lead, channel = page_of_ours
    known = an_item("Öppet hus", remote_id="1_2", at=datetime.fromtimestamp(AT, UTC), is_own=True)
    actions.capture(channel=channel, page=a_page(known))

    first = actions.import_archive(actor=lead, channel=channel, path=an_export(tmp_path))
    again = actions.import_archive(actor=lead, channel=channel, path=an_export(tmp_path))

    assert (first["new"], first["known"]) == (1, 1)
    assert (again["new"], again["known"]) == (0, 2)
    assert sorted(Version.objects.of(lead).values_list("text", flat=True)) == ["Stängt på måndag", "Öppet hus"]
    assert any("Besökares kommentarer" in gap.why for gap in queries.gaps(lead, channel))


def test_p8_an_export_of_another_page_is_refused_and_nothing_is_kept(page_of_ours, tmp_path):
    lead, channel = page_of_ours

    with pytest.raises(Invalid, match="Lillköping"):
        actions.import_archive(actor=lead, channel=channel, path=an_export(tmp_path, name="Lillköping"))

    assert not Version.objects.of(lead).exists()


def test_the_page_offers_it_where_the_platform_has_an_export(page_of_ours):
    lead, channel = page_of_ours

    shown = signed_in(lead).get(f"/kanaler/{channel.uid}/arkiv/")

    assert shown.status_code == 200
    assert "i formatet JSON" in shown.content.decode()
