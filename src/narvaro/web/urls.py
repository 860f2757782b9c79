"""The root of all addresses. Swedish paths, since people read and say them."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from narvaro.web import views

handler404 = views.missing
handler500 = views.broken

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("narvaro.channels.api_urls")),
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
    path("", include("narvaro.core.urls")),
    path("", include("narvaro.media.urls")),
    path("", include("narvaro.channels.urls")),
    path("", include("narvaro.records.import_urls")),
    path("", include("narvaro.records.urls")),
    path("", include("narvaro.policy.urls")),
    path("", include("narvaro.plans.urls")),
    path("", include("narvaro.training.urls")),
    path("", include("narvaro.links.urls")),
    path("", include("narvaro.sources.urls")),
    path("", include("narvaro.publishing.urls")),
    path("", include("narvaro.outlets.urls")),
    path("", include("narvaro.moderation.urls")),
    path("", include("narvaro.inbox.urls")),
    path("", include("narvaro.watch.urls")),
    path("handbok/", include("narvaro.web.handbook.urls")),
    # Last: open pages stand under an authority's short name, which is never the first word of an address above.
    path("", include("narvaro.channels.open_urls")),
    path("", include("narvaro.policy.open_urls")),
    path("", include("narvaro.publishing.open_urls")),
    path("", include("narvaro.outlets.open_urls")),
]
