"""Addresses looked for only where they can stand lead where they always led."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, include, path, resolve, reverse
from django.urls.resolvers import RegexPattern, RoutePattern

from narvaro.web import urls
from narvaro.web.first_words import _first, _FirstWord, addresses_of


def every_route(patterns, before=""):
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from every_route(each.url_patterns, before + str(each.pattern))
        elif isinstance(each.pattern, RoutePattern) and "<" not in before + str(each.pattern):
            yield before + str(each.pattern), each.callback


def test_every_address_of_the_product_still_leads_to_its_view():
    lost = [route for route, view in every_route(get_resolver().url_patterns) if resolve(f"/{route}").func is not view]

    assert lost == []


def test_an_address_without_a_fixed_beginning_is_looked_for_always():
    slug = path("<slug:slug>/kanaler/", lambda request: None)
    bare = path("", include([path("x/", lambda request: None)]))
    odd = URLPattern(RegexPattern(r"^y/$"), lambda request: None)

    assert [_first(each) for each in (slug, bare, odd, path("kallor/ny/", lambda request: None))] == [
        "",
        "",
        "",
        "kallor",
    ]
    assert _FirstWord([slug]).match("vad/som/helst/") is not None
    assert _FirstWord([path("kallor/ny/", lambda request: None)]).match("inkorg/") is None


@pytest.mark.parametrize("name", ["publishing:new_post", "inbox:inbox", "channels:channels"])
def test_addresses_are_made_as_before(name):
    assert resolve(reverse(name)).view_name == name
    assert any(isinstance(each, URLResolver) for each in urls.urlpatterns)
    assert addresses_of("narvaro.sources.urls").url_patterns
