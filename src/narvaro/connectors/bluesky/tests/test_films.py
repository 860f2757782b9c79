"""A film goes out with its description and its captions, once, on the real network."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import BinaryIO

import pytest

from narvaro.connectors.bluesky import Bluesky, new_key
from narvaro.connectors.bluesky.tests.accounts import an_account, an_unreal_account, keeper_of
from narvaro.connectors.port import Captions, Film, MediaKind, Outgoing, Published, Refused
from narvaro.testing.films import a_film_file
from narvaro.testing.servers.bluesky import BlueskyNetwork

pytestmark = pytest.mark.server
VTT = "WEBVTT\n\n00:00:00.200 --> 00:00:01.800\nMatavfallet läggs i den gröna påsen.\n".encode()
ALT = "En hand lägger matavfall i en grön påse"


def a_film(opened: Callable[[], BinaryIO] | None = None) -> Film:
    content = a_film_file()
    given = opened or (lambda: io.BytesIO(content))
    return Film(given, len(content), "video/mp4", 2.0, 64, 48, ALT, captions=(Captions("sv", VTT),))


def test_dos_2_a_film_arrives_once_with_its_description_its_shape_and_each_captions(bluesky_network: BlueskyNetwork):
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    post = Outgoing(new_key(), "Så sorterar du matavfall.", film=a_film())

    first, again = Bluesky().publish(account, post), Bluesky().publish(account, post)

    assert isinstance(first, Published)
    assert isinstance(again, Published)
    assert len(us.posts()) == 1
    item = first.item
    assert [(each.kind, each.media_type, each.alt) for each in item.media] == [(MediaKind.VIDEO, "video/mp4", ALT)]
    embed = us.posts()[0]["value"]["embed"]
    assert embed["aspectRatio"] == {"width": 64, "height": 48}
    assert [(each["lang"], each["file"]["size"]) for each in embed["captions"]] == [("sv", len(VTT))]
    content, _media_type = Bluesky().fetch_media(account, item.media[0].url, 1_000_000)
    assert content == a_film_file()


def test_p07_a_film_is_sent_from_its_beginning_again_when_the_key_was_old(bluesky_network: BlueskyNetwork):
    us = bluesky_network.citizen()
    account = an_account(bluesky_network, us)
    keeper_of(account).spoil()

    outcome = Bluesky().publish(account, Outgoing(new_key(), "Så sorterar du matavfall.", film=a_film()))

    assert isinstance(outcome, Published)
    assert keeper_of(account).renewals == 1
    assert Bluesky().fetch_media(account, outcome.item.media[0].url, 1_000_000)[0] == a_film_file()


def test_what_the_network_would_not_take_is_refused_before_anything_is_read():
    def opened() -> BinaryIO:
        raise AssertionError("read")

    fit = a_film(opened)
    for film, word in (
        (replace(fit, media_type="video/webm"), "MP4"),
        (replace(fit, size_bytes=100_000_001), "100 MB"),
        (replace(fit, seconds=181.0), "tre minuter"),
        (replace(fit, captions=(Captions("sv", bytes(20_001)),)), "20 kB"),
    ):
        outcome = Bluesky().publish(an_unreal_account("http://127.0.0.1:9"), Outgoing(new_key(), "Hej", film=film))

        assert isinstance(outcome, Refused)
        assert word in outcome.reason
