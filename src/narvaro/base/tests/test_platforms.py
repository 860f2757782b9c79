"""Platforms as data: whole, and found by the addresses that people copy."""

from __future__ import annotations

import pytest

from narvaro.base.platforms import OTHER, catalogue, platform, platform_at


def test_any_other_place_is_offered_last():
    assert list(catalogue())[-1] == OTHER


def test_every_platform_says_whose_it_is_and_leads_to_terms_over_https():
    for key, facts in catalogue().items():
        assert facts.operator, key
        assert all(not each or each.startswith("https://") for each in (
            facts.terms_url, facts.privacy_url, facts.joint_controller_url
        )), key  # fmt: skip


def test_no_host_leads_to_two_platforms():
    hosts = [host for facts in catalogue().values() for host in facts.hosts]

    assert len(hosts) == len(set(hosts))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://www.facebook.com/storkoping", "facebook"),
        ("https://sv-se.facebook.com/storkoping/", "facebook"),
        ("m.facebook.com/storkoping", "facebook"),
        ("https://WWW.INSTAGRAM.COM/storkoping/?hl=sv", "instagram"),
        ("https://youtu.be/abc", "youtube"),
        ("https://twitter.com/storkoping", "x"),
        ("https://bsky.app/profile/storkoping.example", "bluesky"),
        ("https://notfacebook.com/storkoping", ""),
        ("https://facebook.com.storkoping.example/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_a_platform_is_known_by_its_host_alone(address, key):
    assert platform_at(address) == key


def test_a_platform_that_is_gone_from_the_catalogue_is_any_other_place():
    assert platform("vine").key == OTHER
