"""What the port promises, on two servers that disagree about nearly everything (snac and mastodon_mock)."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from narvaro.base import clock
from narvaro.connectors.mastodon import Mastodon, oauth
from narvaro.connectors.mastodon.tests.conftest import DELIVERED_SECONDS, a_picture, an_account, read_all, until
from narvaro.connectors.port import (
    Capability,
    Item,
    Kind,
    MediaKind,
    Misconfigured,
    NotThere,
    Outgoing,
    Picture,
    Poll,
    Published,
    ReconnectNeeded,
    Refused,
    Visibility,
)
from narvaro.testing.servers.mastodon_mock import MastodonMock
from narvaro.testing.servers.person import Person, call, lasting
from narvaro.testing.servers.snac import Snac

pytestmark = pytest.mark.server

Server = Snac | MastodonMock
Written = dict[str, tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def authority(server: Server) -> Person:
    return server.person("kommunen")


@pytest.fixture(scope="module")
def resident(server: Server) -> Person:
    return server.person("invanare")


@pytest.fixture(scope="module")
def story(authority: Person, resident: Person) -> dict[str, str]:
    """What was written before the tests began: name → id. One wait for all, since snac delivers in some ten seconds."""
    told = {
        "post": authority.post("Vattnet stängs av på Storgatan.\nKoka det först."),
        "bathing": authority.post("Vad tycker ni om badplatsen?"),
        "evening": authority.post("Frågestund i kväll."),
        "mistake": authority.post("@invanare Det här tar vi bort."),
    }
    written = {
        "comment": ("@kommunen Hur länge då? 1 < 2 & åäö 🐄", {"answers": told["post"]}),
        "message": ("@kommunen Det här är bara till er.", {"visibility": "direct"}),
        "opening": ("@kommunen Är receptionen öppen?", {}),
        "bath": ("@kommunen När öppnar badet?", {}),
        "bus": ("@kommunen Går bussen?", {}),
        "picture": ("@kommunen Så här ser det ut.", {"picture": a_picture(30), "alt": "Ett hål i vägen."}),
        "warned": ("@kommunen Bilder från olyckan.", {"warning": "Otäckt"}),
        "kept": ("@kommunen Jag kommer.", {"answers": told["evening"]}),
        "removed": ("@kommunen Jag ångrar det här.", {"answers": told["evening"]}),
        "orphan": ("@kommunen Varför då?", {"answers": told["mistake"]}),
        "edited": ("@kommunen Före ändringen.", {}),
    } | {f"many {number}": (f"@kommunen fråga nummer {number}", {}) for number in range(45)}
    told["unnamed"] = resident.post("Den är fin.", answers=told["bathing"])
    _handed_on(told, written, authority, resident)
    until(lambda: told["unnamed"] in _context(authority, told["bathing"]), "the answer in the thread")
    return told


def _handed_on(told: dict[str, str], written: Written, authority: Person, resident: Person) -> None:
    """Write all this and wait until it has come. Of a burst snac may lose one, having said yes: it is written again."""
    missing = set(written)
    for _time in range(3):
        for name in sorted(missing):
            words, how = written[name]
            told[name] = resident.post(words, **how)
        end = time.monotonic() + DELIVERED_SECONDS / 2
        while missing and time.monotonic() < end:
            seen = _notified(authority)
            missing = {name for name in missing if told[name] not in seen}
            time.sleep(0.1)
    assert not missing


def _notified(authority: Person) -> set[str]:
    seen: set[str] = set()
    older = ""
    for _page in range(20):
        url = f"{authority.base_url}/api/v1/notifications?limit=40{older}"
        page = json.loads(call("GET", url, token=authority.token)[2])
        if not page:
            break
        seen |= {lasting(each["status"]) for each in page if each.get("status")}
        older = f"&max_id={page[-1]['id']}"
    return seen


def _context(authority: Person, post: str) -> set[str]:
    url = f"{authority.base_url}/api/v1/statuses/{post}/context"
    return {lasting(each) for each in json.loads(call("GET", url, token=authority.token)[2])["descendants"]}


def delivered(authority: Person, remote_id: str) -> None:
    """Wait until a post by somebody else has come in to the authority."""
    until(
        lambda: any(lasting(n["status"]) == remote_id for n in authority.notifications() if n.get("status")),
        f"the notification of {remote_id}",
    )


def found(items: list[Item] | tuple[Item, ...], remote_id: str) -> Item:
    return next(item for item in items if item.remote_id == remote_id)


def test_a_comment_under_our_post_is_read_whole_with_its_bytes_and_thread(
    authority: Person, resident: Person, story: dict[str, str]
):
    items, last = read_all(an_account(authority))

    ours, theirs = found(items, story["post"]), found(items, story["comment"])
    assert (ours.kind, ours.is_own, ours.root_remote_id) == (Kind.POST, True, story["post"])
    assert ours.text == "Vattnet stängs av på Storgatan.\nKoka det först."
    assert (theirs.kind, theirs.is_own, theirs.parent_remote_id) == (Kind.COMMENT, False, story["post"])
    assert theirs.root_remote_id == story["post"]
    assert "Hur länge då? 1 < 2 & åäö 🐄" in theirs.text
    assert lasting(json.loads(theirs.raw)) == story["comment"]
    assert theirs.author.handle == resident.handle
    assert theirs.published_at.tzinfo is UTC
    assert last.complete_to is not None
    assert not last.gap_reason


def test_p10_only_mentions_are_read_and_every_page_down_to_the_known(
    authority: Person, resident: Person, story: dict[str, str]
):
    resident.like(story["mistake"])

    items, last = read_all(an_account(authority))

    # By their words: a server under load may give a post an id of the second after the one it says it was written.
    asked = [item.text.rpartition(" ")[2] for item in items if "fråga nummer" in item.text]
    assert sorted(asked, key=int) == [str(number) for number in range(45)]
    assert {item.author.handle for item in items} <= {resident.handle, authority.handle}
    assert not last.gap_reason


def test_what_is_known_is_not_given_again_and_an_edit_is(authority: Person, resident: Person, story: dict[str, str]):
    comment = story["edited"]
    first, page = read_all(an_account(authority))
    unchanged, page = read_all(an_account(authority), page.next_cursor)
    resident.edit(comment, "@kommunen Efter ändringen.")

    changed = Mastodon().read_thread(an_account(authority), comment, [comment])
    again, _page = read_all(an_account(authority))

    assert comment in {item.remote_id for item in first}
    assert not unchanged
    for items in (changed.items, again):
        assert "Efter ändringen." in found(items, comment).text
        assert found(items, comment).edited_at is not None


def test_an_edit_of_our_newest_comes_with_the_next_reading(authority: Person):
    post = authority.post("Öppet till 17.")
    _items, page = read_all(an_account(authority))
    authority.edit(post, "Öppet till 18.")

    items, _page = read_all(an_account(authority), page.next_cursor)

    assert found(items, post).text == "Öppet till 18."


def test_an_answer_that_does_not_mention_us_is_found_by_walking_our_thread(authority: Person, story: dict[str, str]):
    items, _last = read_all(an_account(authority))

    answer = found(items, story["unnamed"])
    assert (answer.kind, answer.root_remote_id) == (Kind.COMMENT, story["bathing"])


def test_a_direct_message_is_private_and_the_answer_inherits_it(
    authority: Person, resident: Person, story: dict[str, str]
):
    message = story["message"]

    items, _last = read_all(an_account(authority))
    answer = Outgoing("nyckel-1", "Tack, vi ringer.", parent_remote_id=message, mention_handle=resident.handle)
    outcome = Mastodon().publish(an_account(authority), answer)

    assert found(items, message).visibility is Visibility.PRIVATE
    assert found(items, message).kind is Kind.MESSAGE
    assert isinstance(outcome, Published)
    assert outcome.item.visibility is Visibility.PRIVATE
    assert authority.status(outcome.item.remote_id)["visibility"] in {"direct", "private"}


def test_what_is_written_in_the_platforms_own_app_is_read_as_our_own(
    authority: Person, resident: Person, story: dict[str, str]
):
    comment = story["opening"]
    answer = authority.post("@invanare Ja, till 16.", answers=comment)

    items, _last = read_all(an_account(authority))

    assert found(items, answer).is_own
    assert found(items, answer).parent_remote_id == comment
    assert found(items, answer).kind is Kind.COMMENT


def test_an_answer_is_published_once_names_its_author_and_is_read_back(
    authority: Person, resident: Person, story: dict[str, str]
):
    comment = story["bath"]

    outcome = Mastodon().publish(
        an_account(authority),
        Outgoing("nyckel-2", "Badet öppnar 1 juni.", parent_remote_id=comment, mention_handle=resident.handle),
    )

    assert isinstance(outcome, Published)
    assert (outcome.item.is_own, outcome.item.parent_remote_id) == (True, comment)
    assert "Badet öppnar 1 juni." in outcome.item.text
    assert outcome.item.text.startswith("@invanare")
    assert lasting(json.loads(outcome.item.raw)) == outcome.item.remote_id
    same = [each for each in authority.statuses() if "Badet öppnar 1 juni." in each["content"]]
    assert len(same) == 1


def test_p24_pictures_carry_the_alt_text_that_was_approved(authority: Person):
    pictures = (Picture(a_picture(), "image/png", "En röd buss på väg.\nTvå barn väntar."),)
    outcome = Mastodon().publish(an_account(authority), Outgoing("nyckel-3", "Nya busslinjer.", pictures=pictures))

    assert isinstance(outcome, Published)
    stored = authority.status(outcome.item.remote_id)["media_attachments"]
    assert [each["description"] for each in stored] == ["En röd buss på väg. Två barn väntar."]
    assert [(each.kind, each.alt) for each in outcome.item.media] == [
        (MediaKind.IMAGE, "En röd buss på väg. Två barn väntar.")
    ]
    content, media_type = Mastodon().fetch_media(an_account(authority), outcome.item.media[0].url, 100_000)
    assert content.startswith(b"\x89PNG")
    assert media_type == "image/png"


def test_a_picture_in_a_comment_is_given_with_its_alt_text(authority: Person, resident: Person, story: dict[str, str]):
    comment = story["picture"]

    items, _last = read_all(an_account(authority))

    assert [medium.alt for medium in found(items, comment).media] == ["Ett hål i vägen."]


def test_a_content_warning_stands_before_the_text(authority: Person, resident: Person, story: dict[str, str]):
    comment = story["warned"]

    items, _last = read_all(an_account(authority))

    text = found(items, comment).text
    assert "Bilder från olyckan." in text
    if authority.status(comment)["spoiler_text"]:
        assert text.startswith("Otäckt\n\n")


def test_p01_an_answer_to_what_is_gone_is_refused_and_nothing_is_published(authority: Person):
    before = len(authority.statuses())

    outcome = Mastodon().publish(an_account(authority), Outgoing("nyckel-4", "Hej!", parent_remote_id="99999999"))

    assert isinstance(outcome, Refused)
    assert "finns inte kvar" in outcome.reason
    assert len(authority.statuses()) == before


def test_an_empty_post_is_refused_before_any_server_can_publish_it(authority: Person):
    outcome = Mastodon().publish(an_account(authority), Outgoing("nyckel-5", "  \n "))

    assert isinstance(outcome, Refused)


def test_p03_settling_reads_the_account_and_needs_no_key(authority: Person, resident: Person, story: dict[str, str]):
    comment = story["bus"]
    post = Outgoing(
        "nyckel-6",
        "Ja, den går. Läs mer på https://www.storkoping.example/buss?linje=4&tid=nu *obs*",
        parent_remote_id=comment,
        mention_handle=resident.handle,
    )
    attempted_at = clock.now()
    published = Mastodon().publish(an_account(authority), post)
    assert isinstance(published, Published)

    settled = Mastodon().settle(an_account(authority), replace(post, key="en-helt-annan"), attempted_at)

    assert isinstance(settled, Published)
    assert settled.item.remote_id == published.item.remote_id


def test_p03_an_answer_to_a_direct_message_is_settled_too(authority: Person, resident: Person, story: dict[str, str]):
    post = Outgoing(
        "nyckel-9", "Vi ringer i morgon.", parent_remote_id=story["message"], visibility=Visibility.PRIVATE,
        mention_handle=resident.handle,
    )  # fmt: skip
    attempted_at = clock.now()
    published = Mastodon().publish(an_account(authority), post)
    assert isinstance(published, Published)

    settled = Mastodon().settle(an_account(authority), post, attempted_at)

    assert isinstance(settled, Published)
    assert settled.item.remote_id == published.item.remote_id


def test_p02_settling_shows_the_latest_posts_when_it_is_not_there(authority: Person):
    live = authority.post("Det här är ute.")
    post = Outgoing("nyckel-7", "Det här kom aldrig fram.")

    early = Mastodon().settle(an_account(authority), post, clock.now() - timedelta(seconds=20))
    late = Mastodon().settle(an_account(authority), post, clock.now() - timedelta(minutes=3))

    assert isinstance(early, NotThere)
    assert not early.certain
    assert isinstance(late, NotThere)
    assert late.certain
    assert live in {item.remote_id for item in late.similar}


def test_an_older_post_with_the_same_words_does_not_settle_a_new_attempt(authority: Person):
    authority.post("Samma ord som förra veckan.")
    later = clock.now() + timedelta(minutes=1)

    outcome = Mastodon().settle(an_account(authority), Outgoing("nyckel-8", "Samma ord som förra veckan."), later)

    assert isinstance(outcome, NotThere)


def test_p06_a_dead_key_asks_for_a_new_connection_whatever_code_the_server_uses(authority: Person):
    account = an_account(authority, token="inte-en-nyckel")

    for attempt in (Mastodon().profile, lambda account: Mastodon().read(account, ""), Mastodon().probe):
        with pytest.raises(ReconnectNeeded) as error:
            attempt(account)
        assert "inte-en-nyckel" not in str(error.value)
    outcome = Mastodon().publish(account, Outgoing("nyckel-9", "Hej"))
    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, ReconnectNeeded)


def test_p08_every_capability_is_tried_and_trying_changes_nothing(authority: Person):
    authority.post("Nu finns vi här.")  # snac does not know an account that has written nothing
    before = [each["id"] for each in authority.statuses()]

    tried = {each.capability: each for each in Mastodon().probe(an_account(authority))}

    assert set(tried) == set(Capability)
    for capability in (Capability.READ, Capability.PUBLISH, Capability.PUBLISH_IMAGE, Capability.BLOCK):
        assert tried[capability].works, tried[capability]
    assert not tried[Capability.HIDE].works
    assert tried[Capability.HIDE].note
    assert [each["id"] for each in authority.statuses()] == before


def test_the_profile_and_the_limits_are_the_servers_own(authority: Person, server: Server):
    profile = Mastodon().profile(an_account(authority))
    limits = Mastodon().limits(an_account(authority))

    assert (profile.remote_id, profile.handle) == (authority.remote_id, authority.handle)
    assert limits.max_length == (100_000 if isinstance(server, Snac) else 500)


def test_a_thread_is_read_again_with_edits_and_what_is_gone(
    server: Server, authority: Person, resident: Person, story: dict[str, str]
):
    post, kept, removed = story["evening"], story["kept"], story["removed"]
    _removed_by_author(server, resident, removed)
    until(lambda: _is_gone(authority, removed), "the removal")

    thread = Mastodon().read_thread(an_account(authority), post, [post, kept, removed])

    assert {post, kept} <= {item.remote_id for item in thread.items}
    assert thread.gone == (removed,)
    assert all(item.root_remote_id == post for item in thread.items)


def test_a_thread_whose_start_is_gone_still_gives_the_rest(server: Server, authority: Person, story: dict[str, str]):
    post, comment = story["mistake"], story["orphan"]
    _removed_by_author(server, authority, post)
    until(lambda: _is_gone(authority, post), "the removal")

    thread = Mastodon().read_thread(an_account(authority), post, [comment])

    assert thread.gone == (post,)
    assert [item.remote_id for item in thread.items] == [comment]


def _removed_by_author(server: Server, author: Person, remote_id: str) -> None:
    if isinstance(server, Snac):
        server.delete(author, remote_id)
    else:
        author.delete(remote_id)


def _is_gone(reader: Person, remote_id: str) -> bool:
    url = f"{reader.base_url}/api/v1/statuses/{remote_id}"
    return call("GET", url, token=reader.token)[0] == 404


def test_our_own_post_is_removed_or_the_server_is_said_not_to_be_able(server: Server, authority: Person):
    post = authority.post("Fel datum, tas bort.")

    if isinstance(server, Snac):
        with pytest.raises(Misconfigured, match="egen app"):
            Mastodon().remove(an_account(authority), post)
    else:
        Mastodon().remove(an_account(authority), post)
        Mastodon().remove(an_account(authority), post)  # already gone: fine
        assert _is_gone(authority, post)


def test_nobody_elses_answer_can_be_hidden_and_it_is_said(authority: Person):
    with pytest.raises(Misconfigured, match="kan inte dölja"):
        Mastodon().hide(an_account(authority), "1")


def test_an_account_is_connected_through_the_browser(server: Server):
    name, back = "ansluten", "http://127.0.0.1:1/tillbaka"
    person = server.person(name)

    app = oauth.register_app(server.base_url, back, allow_private_hosts=True)
    address = oauth.authorize_url(app, "ett-hemligt-ord")
    place = server.allow(address, name, person.password)
    answer = parse_qs(urlsplit(place).query)
    token = oauth.exchange_code(app, answer["code"][0], allow_private_hosts=True)

    assert place.startswith(back)
    assert answer["state"] == ["ett-hemligt-ord"]
    assert Mastodon().profile(an_account(person, token=token.access_token)).remote_id == person.remote_id
    assert token.access_token not in repr(token)
    assert app.client_secret not in repr(app)


def test_a_code_that_is_not_ours_begins_anew(server: Server):
    app = oauth.register_app(server.base_url, "http://127.0.0.1:1/tillbaka", allow_private_hosts=True)

    with pytest.raises(ReconnectNeeded):
        oauth.exchange_code(app, "påhittad", allow_private_hosts=True)


def test_a_commenter_can_be_blocked(server: Server, authority: Person, resident: Person, story: dict[str, str]):
    neighbour = server.person("granne")
    account = next(each["account"] for each in authority.notifications() if each["account"]["username"] == "invanare")
    assert not _is_blocked(authority, account["id"])

    Mastodon().block(an_account(authority), account["id"])

    assert _is_blocked(authority, account["id"])
    if isinstance(server, Snac):  # the mock says that somebody is blocked, and lets their posts in all the same
        unwanted = resident.post("@kommunen Når det här fram?", answers=story["post"])
        delivered(authority, neighbour.post("@kommunen Det här når fram.", answers=story["post"]))
        assert unwanted not in _notified(authority)
        assert unwanted not in {item.remote_id for item in read_all(an_account(authority))[0]}


def _is_blocked(authority: Person, remote_id: str) -> bool:
    url = f"{authority.base_url}/api/v1/accounts/relationships?id[]={remote_id}"
    (relationship,) = json.loads(call("GET", url, token=authority.token)[2])
    return bool(relationship["blocking"])


def test_naughty_strings_go_out_and_come_home_without_a_crash(snac: Snac):
    authority, resident = snac.person("strangar"), snac.person("avsandare")
    strings = json.loads((Path(__file__).parent / "blns.json").read_text(encoding="utf-8"))
    wanted = [text for text in strings if text.strip()][::8]  # every eighth goes by the real server
    outcomes = [Mastodon().publish(an_account(authority), Outgoing(f"n{at}", text)) for at, text in enumerate(wanted)]
    last = resident.post("@strangar " + "".join(wanted[:40]))
    delivered(authority, last)

    items, _page = read_all(an_account(authority))

    assert all(isinstance(outcome, Published) for outcome in outcomes)
    ids = {item.remote_id for item in items}
    assert last in ids
    for item in items:
        item.text.encode("utf-8")
        assert "\0" not in item.text


def test_a_warning_a_language_and_a_poll_go_out_as_they_were_approved(authority: Person, server: Server):
    post = Outgoing("nyckel-med-fragan", "Ska badet ha öppet?", language="fi", warning="Simning")
    asking = replace(post, key="nyckel-med-svar", text="Hur länge?", poll=Poll(("Till sju", "Till nio"), 24))

    warned, asked = (Mastodon().publish(an_account(authority), each) for each in (post, asking))

    assert isinstance(warned, Published)
    status = authority.status(warned.item.remote_id)
    assert (status["spoiler_text"], status["sensitive"]) == ("Simning", True)
    if isinstance(server, Snac):  # it would publish the text and drop the poll
        assert isinstance(asked, Refused)
        return
    assert isinstance(asked, Published)
    poll = authority.status(asked.item.remote_id)["poll"]
    assert [option["title"] for option in poll["options"]] == ["Till sju", "Till nio"]
