"""A picture that a platform fetches itself: open to whoever has the address, for an hour, and no other file."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client

from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.media import queries
from narvaro.media.testing import an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_a_lent_picture_is_its_own_bytes_for_an_hour_and_no_other_file(monkeypatch):
    lead = an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)
    picture = queries.pictures_of(lead, an_asset(lead))[0]
    place = urlsplit(queries.lent_address(picture)).path

    answer = Client().get(place)
    changed = Client().get(place[:-3] + "xx/")
    foreign = signing.dumps([picture.authority_id, "0" * 64, "image/png"], salt="annat")
    other = Client().get(f"/bilder/lanad/{foreign}/")
    began = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: began + timedelta(minutes=61).total_seconds())
    late = Client().get(place)

    assert answer.status_code == 200
    assert answer.content == queries.bytes_of(picture)
    assert (answer["Content-Type"], answer["Cache-Control"]) == (picture.media_type, "private, no-store")
    assert [each.status_code for each in (changed, other, late)] == [404, 404, 404]
