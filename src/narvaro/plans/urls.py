"""Addresses of plans."""

from __future__ import annotations

from django.urls import path

from narvaro.plans.views import closing, deciding, writing

app_name = "plans"
_one = "planer/<uuid:uid>/"
urlpatterns = [
    path("planer/", writing.plans, name="plans"),
    path("planer/ny/", writing.start, name="start"),
    path("planer/kanal/<uuid:uid>/", writing.of_channel, name="of_channel"),
    path("planer/kanal/<uuid:uid>/avslut/", closing.closing_of_channel, name="closing_of_channel"),
    path(_one, deciding.plan, name="plan"),
    path(f"{_one}andra/", writing.change, name="change"),
    path(f"{_one}lamna/", writing.send, name="send"),
    path(f"{_one}skillnad/", writing.difference, name="difference"),
    path(f"{_one}plan.pdf", deciding.pdf, name="pdf"),
    path(f"{_one}godkann/", deciding.approve, name="approve"),
    path(f"{_one}tillbaka/", deciding.refuse, name="refuse"),
    path(f"{_one}jav/", deciding.recuse, name="recuse"),
    path(f"{_one}oversyn/", deciding.review, name="review"),
    path(f"{_one}rad/", deciding.ask, name="ask"),
    path(f"{_one}rad/ge/", deciding.advise, name="advise"),
    path(f"{_one}kommentar/", deciding.comment, name="comment"),
    path("planer/kommentar/<uuid:uid>/klar/", deciding.settle, name="settle"),
    path(f"{_one}infor-start/", closing.starting, name="starting"),
    path(f"{_one}avslut/", closing.closing, name="closing"),
    path(f"{_one}checklista/", closing.tick, name="tick"),
]
