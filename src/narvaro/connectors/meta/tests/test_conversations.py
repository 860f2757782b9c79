"""Private messages to a page and to an Instagram account, on a server as strict as Meta describes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors import private
from narvaro.connectors.meta import conversations
from narvaro.connectors.meta.tests.conftest import Site, a_site
from narvaro.connectors.oauth import App, way_in
from narvaro.connectors.port import (
    Capability,
    Kind,
    Misconfigured,
    NotThere,
    Outgoing,
    Published,
    Refused,
    Transient,
    Unknown,
    Visibility,
)
from narvaro.connectors.threads import Threads
from narvaro.testing.servers import graph_fields
from narvaro.testing.servers.graph import GraphServer
from narvaro.testing.servers.graph_messages import RIGHTS, conversation_of, told
from narvaro.testing.servers.scripted import Said, Scripted

pytestmark = [pytest.mark.one_database, pytest.mark.server]
SCOPES = {"facebook": graph_fields.PAGE_SCOPES, "instagram": graph_fields.INSTAGRAM_SCOPES}


@pytest.fixture(params=["facebook", "instagram"])
def desk(request: pytest.FixtureRequest, server: GraphServer) -> Site:
    """An account whose private messages the authority has chosen to read."""
    right = RIGHTS["page" if request.param == "facebook" else "instagram"]
    site = a_site(server, request.param, scopes=f"{SCOPES[request.param]},{right}")
    site.account = replace(site.account, options=private.chosen(site.account.options, is_read=True))
    return site


def write(site: Site, text: str, who: str = "anna", **values) -> str:
    return private.kept_id(told(site.server, site.owner, who, text, **values))


def talk(site: Site, who: str = "anna") -> str:
    return private.kept_id(conversation_of(site.server, site.owner, who))


def read_all(site: Site, cursor: str = ""):
    found, gaps = {}, []
    for _turn in range(60):
        page = site.connector.read(site.account, cursor)
        cursor = page.next_cursor
        found |= {item.remote_id: item for item in page.items}
        gaps += [page.gap_reason] if page.gap_reason else []
        if not page.has_more:
            return found, gaps, page
    raise AssertionError("it never ends")


def an_answer(site: Site, to: str, text: str = "Ring växeln.", **values) -> Outgoing:
    fields = {"root_remote_id": talk(site), "visibility": Visibility.PRIVATE, **values}
    return Outgoing("nyckel", text, parent_remote_id=to, **fields)


def sent(site: Site) -> list[str]:
    return [each["text"] for each in site.server.objects.values() if each.get("by_us")]


def public(site: Site) -> list[str]:
    kinds = ("_post", "_comment")
    return [each["text"] for each in site.server.objects.values() if each["kind"].endswith(kinds)]


def test_tf_2_p10_messages_are_read_beside_the_comments_and_then_only_what_is_new(desk, monkeypatch):
    monkeypatch.setattr(conversations, "PAGE_SIZE", 2)
    now = clock.now()
    comment = desk.server.comment(desk.owner.post("Öppet hus"), "bo", "Fint!")
    old = [write(desk, f"Hej {who}", who, at=now - timedelta(hours=9), files=1) for who in ("anna", "bo", "cilla")]
    more = [write(desk, f"Fråga {n}", at=now - timedelta(hours=8 - n)) for n in range(4)]
    ours = write(desk, "Svar i appen", by_us=True, at=now - timedelta(hours=1))

    first, gaps, page = read_all(desk)
    late = write(desk, "En sak till", "bo")
    asked = len(desk.server.calls)
    second, later_gaps, _page = read_all(desk, page.next_cursor)

    assert set(first) >= {comment, *old, *more, ours}
    item = first[old[0]]
    assert (item.kind, item.visibility, item.root_remote_id) == (Kind.MESSAGE, Visibility.PRIVATE, talk(desk))
    assert (item.text, item.is_own, len(item.media)) == ("Hej anna", False, 1)
    assert "anna" in (item.author.handle, item.author.display_name)
    assert json.loads(item.raw)["id"] == private.platform_id(old[0])
    assert (first[ours].is_own, first[comment].visibility) == (True, Visibility.PUBLIC)
    assert page.complete_to is not None
    assert not any("privata meddelanden" in gap for gap in gaps)
    assert late in second
    assert not {*more, old[0], old[2]} & set(second)
    assert later_gaps == []
    assert len(desk.server.calls) - asked <= 5, "what is known is not asked for again"


def test_p08_without_the_right_comments_are_read_all_the_same_and_it_is_told_once(desk):
    scopes = desk.server.keys[desk.owner.token].scopes
    right = scopes & set(RIGHTS.values())
    scopes -= right
    comment = desk.server.comment(desk.owner.post("Öppet hus"), "bo", "Fint!")
    message = write(desk, "Hemligt")

    found, gaps, page = read_all(desk)
    _again, more, _page = read_all(desk, page.next_cursor)
    probe = {each.capability: each.works for each in desk.connector.probe(desk.account)}
    scopes |= right
    mended, _gaps, _page = read_all(desk, page.next_cursor)

    assert comment in found
    assert message not in found
    assert sum("privata meddelanden" in gap for gap in gaps) == 1
    assert (more, page.complete_to is not None) == ([], True)
    assert (probe[Capability.READ], probe[Capability.READ_PRIVATE]) == (True, False)
    assert message in mended


def test_p25_what_nobody_has_chosen_is_neither_asked_for_nor_read(desk):
    message = write(desk, "Hemligt")
    _found, _gaps, page = read_all(desk)
    desk.account = replace(desk.account, options=private.chosen(desk.account.options, is_read=False))
    calls = len(desk.server.calls)

    found, gaps, _page = read_all(desk)
    _stopped, told_of, page = read_all(desk, page.next_cursor)
    _again, told_again, _page = read_all(desk, page.next_cursor)
    app = App("1", "h", "http://testserver/")
    narrow, wide = (
        way_in(desk.platform).begin(each, "läge").url for each in (app, replace(app, wants_messages=True))
    )  # fmt: skip

    assert message not in found
    assert any("privata meddelanden" in gap for gap in gaps)
    assert [call for call in desk.server.calls[calls:] if "conversations" in call.path] == []
    assert ["inte längre" in each for each in told_of] == [True]
    assert told_again == []
    assert [word for word in RIGHTS.values() if word in narrow] == []
    assert len([word for word in RIGHTS.values() if word in wide]) == 1


def test_trouble_with_messages_never_holds_up_comments_and_nothing_is_said_to_be_complete(desk):
    desk.server.fault("GET", "/conversations", Said(429, {"error": {"code": 613, "message": "för många"}}))
    comment = desk.server.comment(desk.owner.post("Öppet hus"), "bo", "Fint!")

    found, _gaps, page = read_all(desk)
    late = desk.server.comment(next(iter(desk.server.objects)), "bo", "Mer!")
    again, _gaps, waiting = read_all(desk, page.next_cursor)

    assert (comment in found, late in again) == (True, True)
    assert (page.complete_to, waiting.complete_to) == (None, None)


def test_more_messages_than_instagram_tells_of_is_a_gap_that_is_said(server):
    site = a_site(server, "instagram", scopes=f"{SCOPES['instagram']},{RIGHTS['instagram']}")
    site.account = replace(site.account, options=private.chosen(site.account.options, is_read=True))
    begun = clock.now() - timedelta(hours=5)
    first = write(site, "Hej", at=begun)
    _found, _gaps, page = read_all(site)
    for n in range(25):
        write(site, f"Meddelande {n}", at=begun + timedelta(minutes=n + 5))

    news, gaps, _page = read_all(site, page.next_cursor)

    assert (len(news), first in news) == (20, False)
    assert ["fler än 20" in gap for gap in gaps] == [True]


def test_p01_p03_an_answer_goes_to_the_one_who_wrote_once_and_is_found_by_reading(desk):
    asked = write(desk, "Var är nyckeln?")
    write(desk, "Annat", "bo")

    answered = desk.connector.publish(desk.account, an_answer(desk, asked))
    desk.server.fault("POST", "/messages", Said(502, b"<html>"), after_effect=True)
    unclear = desk.connector.publish(desk.account, an_answer(desk, asked, "Igen."))
    found = desk.connector.settle(desk.account, an_answer(desk, asked, "Igen."), clock.now())
    absent = desk.connector.settle(desk.account, an_answer(desk, asked, "Annat"), clock.now() - timedelta(minutes=5))

    assert isinstance(answered, Published)
    item = answered.item
    assert (item.visibility, item.kind, item.is_own) == (Visibility.PRIVATE, Kind.MESSAGE, True)
    assert (item.parent_remote_id, item.root_remote_id, item.text) == (asked, talk(desk), "Ring växeln.")
    assert isinstance(unclear, Unknown)
    assert isinstance(found, Published)
    assert (found.item.root_remote_id, found.item.visibility) == (talk(desk), Visibility.PRIVATE)
    assert isinstance(absent, NotThere)
    assert absent.certain
    assert sent(desk) == ["Ring växeln.", "Igen."]
    assert public(desk) == []


def test_an_answer_is_sent_within_a_day_by_a_person_within_seven_and_then_no_more(desk):
    asked = write(desk, "Var är nyckeln?")
    now = clock.now()
    outcomes = []
    for hours in (23, 25, 24 * 7 + 1):
        with clock.frozen(now + timedelta(hours=hours)):
            outcomes.append(desk.connector.publish(desk.account, an_answer(desk, asked, f"Efter {hours}")))
    desk.server.is_human_agent = False
    with clock.frozen(now + timedelta(hours=30)):
        not_approved = desk.connector.publish(desk.account, an_answer(desk, asked, "Inte godkänd"))

    assert [type(each) for each in outcomes] == [Published, Published, Refused]
    assert "sju dagar" in outcomes[2].reason
    assert isinstance(not_approved, Refused)
    assert "Human Agent" in not_approved.reason
    forms = [call.body.decode() for call in desk.server.calls if call.path.endswith("/messages") and call.body]
    assert ["HUMAN_AGENT" in form for form in forms] == [False, True, True]
    assert sent(desk) == ["Efter 23", "Efter 25"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"visibility": Visibility.PUBLIC}, "i en konversation som personen"),
        ({"root_remote_id": "12345"}, "i en konversation som personen"),
        ({"root_remote_id": "dm:t_0"}, "finns inte kvar"),
        ({"text": "å" * 2001}, "för långt"),
        ({"text": " "}, "tomt"),
    ],
)
def test_tf_4_what_is_private_never_becomes_a_comment(desk, change, words):
    asked = write(desk, "Bara till er")
    post = desk.owner.post("Öppet hus")

    private_one = desk.connector.publish(desk.account, an_answer(desk, asked, **change))
    beneath = desk.connector.publish(desk.account, replace(an_answer(desk, post), root_remote_id=post))
    with pytest.raises(Misconfigured):
        desk.connector.hide(desk.account, asked)
    with pytest.raises(Misconfigured):
        desk.connector.remove(desk.account, asked)

    assert isinstance(private_one, Refused)
    assert words in private_one.reason
    assert isinstance(beneath, Refused)
    assert (sent(desk), public(desk)) == ([], ["Öppet hus"])


def test_who_takes_no_messages_and_whom_the_answer_would_go_to_is_sure(desk):
    asked = write(desk, "Hej")
    desk.owner.blocked.append(desk.server.person_id("anna"))
    closed = desk.connector.publish(desk.account, an_answer(desk, asked))
    ours_only = write(desk, "Hallå?", "dora", by_us=True)
    nobody = desk.connector.publish(desk.account, an_answer(desk, ours_only, root_remote_id=talk(desk, "dora")))

    assert isinstance(closed, Refused)
    assert "tar inte emot meddelanden" in closed.reason
    assert closed.error is None
    assert isinstance(nobody, Refused)
    assert "vem svaret ska till" in nobody.reason


def test_p13_what_a_person_takes_back_is_seen_when_the_conversation_is_read_again(desk):
    stays, taken = write(desk, "Hej"), write(desk, "Jag ångrar mig")
    before = desk.connector.read_thread(desk.account, talk(desk), [stays, taken])
    del desk.server.objects[private.platform_id(taken)]

    after = desk.connector.read_thread(desk.account, talk(desk), [stays, taken])

    assert ({item.remote_id for item in before.items}, before.gone) == ({stays, taken}, ())
    assert ([item.remote_id for item in after.items], after.gone) == ([stays], (taken,))
    assert desk.connector.read_one(desk.account, taken) is None
    one = desk.connector.read_one(desk.account, stays)
    assert one is not None
    assert (one.text, one.visibility) == ("Hej", Visibility.PRIVATE)


def test_nothing_private_goes_out_where_there_are_no_messages():
    post = Outgoing("k", "Hej", parent_remote_id="17", visibility=Visibility.PRIVATE)

    refused = private.refused_in_public(post, "threads", "Threads")

    assert isinstance(refused, Refused)
    assert "egen app" in refused.reason
    assert private.refused_in_public(replace(post, visibility=Visibility.PUBLIC), "threads", "Threads") is None
    assert private.refused_in_public(post, "facebook", "Facebook") is None
    assert not hasattr(Threads, "desk")


@pytest.mark.parametrize(
    "said",
    [
        Said(200, b"<html>"), Said(200, b"{"), Said(200, []), Said(200, {"data": "x", "paging": 7}), Said(503, b""),
        Said(200, {"data": [{"id": {}, "from": []}, 7, {"id": "1", "created_time": "9999-99-99"}]}),
        Said(200, {"data": [{"id": "1", "created_time": "1", "updated_time": "2", "message": "\ud800\0", "from": "x",
                             "attachments": {"data": [None, {"image_data": 7}]}}],
                   "paging": {"next": "http://169.254.169.254/", "cursors": {"after": "om"}}}),
    ],
)  # fmt: skip
def test_hostile_answers_end_in_items_that_can_be_kept_or_in_an_error(said):
    from narvaro.connectors.facebook import Facebook
    from narvaro.connectors.meta.tests.conftest import Keys
    from narvaro.connectors.port import Account

    with Scripted(lambda _call: said) as running:
        options = private.chosen({"graph": running.base_url}, is_read=True)
        account = Account("", "a", "1001", Keys({"access_token": "a"}), True, options)
        turn = json.dumps({"public": "", "private": "{skräp", "is_private_turn": True, "private_to": ""})
        try:
            page = Facebook().read(account, turn)
            thread = Facebook().read_thread(account, "dm:t_1", ["dm:m_2"])
        except Transient:
            return
        for item in (*page.items, *thread.items):
            assert "\0" not in item.text
            assert item.published_at <= clock.now()
            assert item.visibility == Visibility.PRIVATE
