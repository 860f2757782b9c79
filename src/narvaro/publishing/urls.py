"""Addresses of publishing."""

from __future__ import annotations

from django.urls import path

from narvaro.publishing.views import calendar, following, messages, moving, promotion, publications

app_name = "publishing"
_draft = "publicerat/utkast/<uuid:uid>/"
urlpatterns = [
    path("publicerat/", publications.unclear, name="unclear"),
    path("publicerat/nytt/", messages.new_post, name="new_post"),
    path("publicerat/nytt/granska/", messages.check_post, name="check_post"),
    path("publicerat/kalender/", calendar.calendar, name="calendar"),
    path("publicerat/kalender/<day:on>/", calendar.day, name="day"),
    path("publicerat/kalender/tank-pa/", calendar.calendar_hints, name="calendar_hints"),
    path("publicerat/kalender/folj/", following.follow, name="follow_calendar"),
    path("publicerat/kalender/valdagar/", following.election_days, name="election_days"),
    path("kalender/<str:secret>.ics", following.feed, name="calendar_feed"),
    path("publicerat/fyra-ogon/", messages.four_eyes, name="four_eyes"),
    path("publicerat/utkast/", messages.drafts, name="drafts"),
    path(_draft, messages.message, name="message"),
    path(f"{_draft}andra/", messages.change, name="change_message"),
    path(f"{_draft}flytta/", moving.move, name="move_message"),
    path(f"{_draft}godkann/", messages.approve, name="approve_message"),
    path(f"{_draft}tillbaka/", messages.send_back, name="return_message"),
    path(f"{_draft}slang/", messages.throw, name="throw_message"),
    path(f"{_draft}hamta/", messages.bring_back, name="bring_back_message"),
    path(f"{_draft}kommentera/", messages.comment, name="comment_message"),
    path(f"{_draft}kopia/", messages.duplicate, name="duplicate_message"),
    path("publicerat/betalt/", promotion.promotions, name="promotions"),
    path("publicerat/betalt/nytt/", promotion.enter, name="enter_promotion"),
    path("publicerat/betalt/<uuid:uid>/", promotion.promotion, name="promotion"),
    path("publicerat/betalt/<uuid:uid>/stryk/", promotion.withdraw, name="withdraw_promotion"),
    path("publicerat/<uuid:uid>/", publications.publication, name="publication"),
    path("publicerat/<uuid:uid>/igen/", publications.try_again, name="try_again"),
    path("publicerat/<uuid:uid>/lat-vara/", publications.let_be, name="let_be"),
    path("publicerat/<uuid:uid>/angra/", publications.undo, name="undo"),
]
