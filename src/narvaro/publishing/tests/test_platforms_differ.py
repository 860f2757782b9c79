"""What only some platforms take: films where no other post is taken, and polls that are shorter than elsewhere."""

from __future__ import annotations

import pytest

from narvaro.channels.models import Channel
from narvaro.channels.types import Platform
from narvaro.core.types import Invalid
from narvaro.media.models import Film
from narvaro.publishing import queries
from narvaro.publishing.types import Extras

pytestmark = pytest.mark.one_database


def a_channel(platform):
    return Channel(platform=platform, remote_id="connected-once")


def a_poll(*options, is_multiple=False):
    return Extras(poll={"options": list(options), "hours": 24, "is_multiple": is_multiple})


def test_on_youtube_a_film_goes_out_by_itself_and_any_other_post_by_hand():
    youtube, bluesky = a_channel(Platform.YOUTUBE), a_channel(Platform.BLUESKY)

    assert queries.is_by_hand(youtube)
    assert not queries.is_by_hand(youtube, Film())
    assert not queries.is_by_hand(bluesky)


def test_a_poll_on_x_is_one_that_x_takes():
    x = a_channel(Platform.X)

    queries.refuse_extras(x, a_poll("Ja", "å" * 25), 0)
    for poll in (a_poll("Ja", "å" * 26), a_poll("Ja", "Nej", is_multiple=True)):
        with pytest.raises(Invalid, match="X"):
            queries.refuse_extras(x, poll, 0)
    with pytest.raises(Invalid, match="omröstningar"):
        queries.refuse_extras(a_channel(Platform.THREADS), a_poll("Ja", "Nej"), 0)
    assert queries.extras_for(x, a_poll("Ja", "Nej"))["poll"]
