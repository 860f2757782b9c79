"""What is open to anybody is reached by anybody: from the house rules on, by links alone and without signing in."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.links import actions as links
from narvaro.links.testing import a_link
from narvaro.moderation import actions
from narvaro.records.testing import a_kept
from tests.architecture.test_pages import doors

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<(?:a|link)\b[^>]*\bhref="(/[^"#?]*)')


def open_addresses(slug: str, channel_uid: object, news_uid: object) -> set[str]:
    """Return every address that says that anybody may enter it, as it reads for one authority and its channels."""
    found = doors(get_resolver().url_patterns)
    named = {f"/{address}" for address, view in found if getattr(view, "access", None) == "open"}
    uids = {each: news_uid if "/nyheter/" in each else channel_uid for each in named}
    return {each.replace("<slug:slug>", slug).replace("<uuid:uid>", str(uid)) for each, uid in uids.items()}


def reached(start: str) -> set[str]:
    """Return the open addresses that links lead to from one of them, each opened by somebody who is not signed in."""
    anybody, seen, to_do = Client(), set(), [start]
    while to_do:
        address = to_do.pop()
        if address in seen:
            continue
        answer = anybody.get(address)
        assert answer.status_code == 200, address
        assert settings.SESSION_COOKIE_NAME not in answer.cookies, address
        seen.add(address)
        ours = start.split("/")[1]
        to_do += [link for link in LINK.findall(answer.content.decode()) if link.split("/")[1] == ours]
    return seen


@pytest.mark.parametrize("page", ["kommentarsregler/", "kommentarsregler/{channel}/"])
def test_anybody_reaches_every_open_page_from_the_house_rules(authority, page):
    channel = a_channel(authority)
    news = a_channel(authority, platform=Platform.FEED)
    every = open_addresses(authority.slug, channel.uid, news.uid)

    found = reached(f"/{authority.slug}/{page.format(channel=channel.uid)}")

    assert len(every) > 12
    assert every - found == set()


@pytest.mark.parametrize("language", ["sv", "en"])
def test_anybody_follows_a_short_link_sees_where_it_leads_and_is_told_when_it_is_gone(authority, lead, language):
    link, ended = a_link(lead), a_link(lead)
    links.retire_link(actor=lead, uid=ended.uid)
    anybody = Client()

    led = anybody.get(f"/l/{link.code}")
    told, gone = (anybody.get(f"/l/{each.code}{end}?sprak={language}") for each, end in ((link, "+"), (ended, "")))

    assert (led.status_code, led["Location"]) == (302, link.target)
    assert (told.status_code, gone.status_code) == (200, 410)
    assert not anybody.cookies
    assert all(f'<html lang="{language}"' in page.content.decode() for page in (told, gone))


@pytest.mark.parametrize("language", ["sv", "en"])
def test_bbs_4_anybody_reports_complains_and_reads_the_answer_in_their_own_language(authority, lead, language):
    anybody = Client()
    anybody.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    decided = actions.decide_measure(
        actor=lead, item=a_kept(authority, "Jag ska slå dig"), kind="hide", ground="BBS-5a", reasons="Ett hot.",
        waive_notice_why="Det är ett automatiskt konto.",
    )  # fmt: skip
    channel = a_channel(authority)

    codes = []
    for path, sent in (
        ("anmal/", {"kind": "wrong", "channel": str(channel.uid), "text": "Tiden är fel."}),
        ("klaga/", {"code": decided.code, "text": "Jag hotade ingen."}),
    ):
        shown = anybody.get(f"/{authority.slug}/{path}")
        begun = {field.html_name: field.value() or "" for field in shown.context["form"]}
        taken = anybody.post(f"/{authority.slug}/{path}", begun | sent)
        assert f'<html lang="{language}"' in taken.content.decode()
        codes += re.findall(r"<code>([A-Z0-9]{5}-[A-Z0-9]{5})</code>", taken.content.decode())
    waits = [anybody.post(f"/{authority.slug}/klaga/svar/", {"code": code}).content.decode() for code in codes]

    assert len(codes) == 2
    said = {"sv": ("Väntar", "Väntar på omprövning"), "en": ("Waiting", "Waiting for a new look")}[language]
    assert all(words in page for words, page in zip(said, waits, strict=True)), said


def test_rf_1_whoever_decided_is_never_the_one_who_answers_the_complaint(authority, lead):
    decided = actions.decide_measure(
        actor=lead, item=a_kept(authority, "Jag ska slå dig"), kind="hide", ground="BBS-5a", reasons="Ett hot.",
        waive_notice_why="Det är ett automatiskt konto.",
    )  # fmt: skip
    heard = actions.keep_complaint(actor=Actor.visitor(authority), code=decided.code, text="Nej.")
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=decided.measure.channel.unit)

    pages = {}
    for name, actor in (("decider", lead), ("other", manager)):
        client = Client()
        client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
        pages[name] = client.get(f"/moderering/klagomal/{heard.row.uid}/").content.decode()

    assert "Avgör klagomålet" in pages["other"]
    assert "Avgör klagomålet" not in pages["decider"]
    assert "Du fattade beslutet." in pages["decider"]
