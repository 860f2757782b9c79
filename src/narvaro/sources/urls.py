"""Addresses of sources, under what is published."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from narvaro.sources.views import hook, pages

app_name = "sources"
_here = "publicerat/kallor/"
urlpatterns: list[URLPattern | URLResolver] = [
    path(_here, pages.sources, name="sources"),
    path(f"{_here}ny/", pages.choose, name="choose"),
    path(f"{_here}ny/<slug:kind>/", pages.add, name="add"),
    path(f"{_here}<uuid:uid>/", pages.source, name="source"),
    path(f"{_here}<uuid:uid>/andra/", pages.change, name="change"),
    path(f"{_here}<uuid:uid>/prova/", pages.try_out, name="try_out"),
    path(f"{_here}<uuid:uid>/fil/", pages.put_file, name="put_file"),
    path(f"{_here}<uuid:uid>/hemlighet/", pages.change_secret, name="change_secret"),
    path(f"{_here}<uuid:uid>/pausa/", pages.pause, name="pause"),
    path(f"{_here}<uuid:uid>/starta/", pages.resume, name="resume"),
    path(f"{_here}<uuid:uid>/avsluta/", pages.end, name="end"),
    path(f"{_here}<uuid:uid>/in/", hook.take, name="hook"),
]
