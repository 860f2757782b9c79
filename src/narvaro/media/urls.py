"""Addresses of the library and of consents."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from narvaro.media.views import consent_files, consents, films, lent, library

app_name = "media"
_one = "bilder/<uuid:uid>/"
_consents = "bilder/samtycken/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("bilder/", library.library, name="library"),
    path("bilder/lagg-till/", library.add, name="add"),
    path("bilder/lanad/<str:token>/", lent.lent, name="lent"),
    path("bilder/lanad/film/<str:token>/", lent.lent_film, name="lent_film"),
    path("bilder/film/lagg-till/", films.add, name="add_film"),
    path("bilder/film/<uuid:uid>/fil/", films.file, name="film_file"),
    path("bilder/film/<uuid:uid>/omslag/", films.cover, name="film_cover"),
    path("bilder/film/text/<uuid:uid>/", films.track, name="film_track"),
    path("bilder/valj/", library.pick, name="pick"),
    path("bilder/fil/<uuid:uid>/", library.file, name="file"),
    path("bilder/fil/<uuid:uid>/liten/", library.thumb, name="thumb"),
    path("bilder/borttaget/<uuid:uid>/", library.taken_down, name="taken_down"),
    path(_one, library.asset, name="asset"),
    path(f"{_one}andra/", library.change, name="change"),
    path(f"{_one}beskar/", library.crop, name="crop"),
    path(f"{_one}undertexter/", films.captions, name="captions"),
    path(f"{_one}undertexter/bort/", films.remove_captions, name="remove_captions"),
    path(f"{_one}tal/", films.speech, name="speech"),
    path(f"{_one}ur-bruk/", library.retire, name="retire"),
    path(f"{_one}i-bruk/", library.bring_back, name="bring_back"),
    path(f"{_one}samtycke/", consents.cover, name="cover"),
    path(_consents, consents.consents, name="consents"),
    path(f"{_consents}nytt/", consents.add, name="add_consent"),
    path(f"{_consents}ta-ut/", consent_files.take_out, name="take_out_consents"),
    path(f"{_consents}<uuid:uid>/gallra/", consent_files.forget, name="forget_consent"),
    path(f"{_consents}<uuid:uid>/", consents.consent, name="consent"),
    path(f"{_consents}<uuid:uid>/aterkalla/", consents.withdraw, name="withdraw"),
    path(f"{_consents}<uuid:uid>/galler-inte/", consents.uncover, name="uncover"),
]
