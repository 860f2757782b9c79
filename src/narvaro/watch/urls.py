"""Addresses of watch; the open one stands under the authority's short name."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from narvaro.watch.views import anybody, cases, elsewhere, searches

app_name = "watch"
_cases = "bevakning/falska-konton/"
_searches = "bevakning/omvarlden/"
_elsewhere = "bevakning/annanstans/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("bevakning/", cases.around, name="around"),
    path(_cases, cases.cases, name="cases"),
    path(f"{_cases}nytt/", cases.add, name="add_case"),
    path(f"{_cases}sok-nu/", cases.look_now, name="look_now"),
    path(f"{_cases}bild/<uuid:uid>/", cases.picture, name="picture"),
    path(f"{_cases}<uuid:uid>/", cases.case, name="case"),
    path(f"{_cases}<uuid:uid>/lank/", cases.add_link, name="add_link"),
    path(f"{_cases}<uuid:uid>/skarmbild/", cases.add_picture, name="add_picture"),
    path(f"{_cases}<uuid:uid>/avgor/", cases.confirm, name="confirm"),
    path(f"{_cases}<uuid:uid>/lamna/", cases.leave, name="leave"),
    path(f"{_cases}<uuid:uid>/anmalt/", cases.report, name="report"),
    path(f"{_cases}<uuid:uid>/utfall/", cases.end, name="end"),
    path(f"{_cases}<uuid:uid>/varna/", cases.warn, name="warn"),
    path(f"{_cases}<uuid:uid>/ta-bort-varningen/", cases.end_warning, name="end_warning"),
    path(_searches, searches.searches, name="searches"),
    path(f"{_searches}ny/", searches.add, name="add_search"),
    path(f"{_searches}hur-lange/", searches.keeping, name="keeping"),
    path(f"{_searches}<uuid:uid>/", searches.search, name="search"),
    path(f"{_searches}<uuid:uid>/floden/", searches.feeds, name="feeds"),
    path(f"{_searches}<uuid:uid>/avsluta/", searches.end, name="end_search"),
    path(_elsewhere, elsewhere.found, name="elsewhere"),
    path(f"{_elsewhere}nytt/", elsewhere.bring, name="bring"),
    path(f"{_elsewhere}<uuid:uid>/", elsewhere.one, name="one_elsewhere"),
    path(f"{_elsewhere}<uuid:uid>/avgor/", elsewhere.decide, name="decide"),
    path(f"{_elsewhere}<uuid:uid>/svaret/", elsewhere.keep_reply, name="keep_reply"),
    path("<slug:slug>/kanaler/tipsa/", anybody.tip, name="tip"),
]
