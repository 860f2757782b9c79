"""The root of all addresses. Swedish paths, since people read and say them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from narvaro.web import views
from narvaro.web.first_words import addresses_of

handler404 = views.missing
handler500 = views.broken

urlpatterns: list[URLPattern | URLResolver] = [
    addresses_of("narvaro.channels.api_urls"),
    path("", views.front, name="front"),
    path("kom-igang/", views.set_up, name="set_up"),
    path("kom-igang/prova/", views.start_demo, name="start_demo"),
    path("att-gora/", views.start, name="start"),
    path("antal/", views.counts, name="counts"),
    path("farger/", views.colours, name="colours"),
    path("sprak/", views.language, name="set_language"),
    path("myndighet/farger.css", views.theme_css, name="theme"),
    path("myndighet/logotyp", views.logo, name="logo"),
    path("healthz", views.healthy, name="healthy"),
    path("readyz", views.ready, name="ready"),
    path("accounts/", include("narvaro.core.account_urls")),
    addresses_of("narvaro.core.urls"),
    addresses_of("narvaro.media.urls"),
    addresses_of("narvaro.channels.urls"),
    addresses_of("narvaro.records.import_urls"),
    addresses_of("narvaro.records.urls"),
    addresses_of("narvaro.policy.urls"),
    addresses_of("narvaro.plans.urls"),
    addresses_of("narvaro.training.urls"),
    addresses_of("narvaro.links.urls"),
    addresses_of("narvaro.sources.urls"),
    addresses_of("narvaro.publishing.urls"),
    addresses_of("narvaro.outlets.urls"),
    addresses_of("narvaro.moderation.urls"),
    addresses_of("narvaro.inbox.urls"),
    addresses_of("narvaro.watch.urls"),
    path("handbok/", include("narvaro.web.handbook.urls")),
    # Last: open pages stand under an authority's short name, which is never the first word of an address above.
    addresses_of("narvaro.channels.open_urls"),
    addresses_of("narvaro.policy.open_urls"),
    addresses_of("narvaro.publishing.open_urls"),
    addresses_of("narvaro.outlets.open_urls"),
]
