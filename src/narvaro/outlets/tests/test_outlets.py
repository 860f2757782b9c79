"""Our own pages, feeds and newsletters: out once, as approved, to those who asked, and to nobody else."""

from __future__ import annotations

import re
import smtplib
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from narvaro.channels.queries import channel_for, overseen
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.channels.types import Platform
from narvaro.core.testing import a_unit, an_actor
from narvaro.core.types import Actor, NotPermitted
from narvaro.media import actions as media
from narvaro.media.testing import a_photo
from narvaro.media.types import Basis
from narvaro.outlets import actions, queries, rules, tasks
from narvaro.outlets.models import Delivery, Subscriber
from narvaro.outlets.testing import a_post_out, a_reader, an_outlet
from narvaro.outlets.types import DeliveryState
from narvaro.publishing import tasks as publishing
from narvaro.publishing.models import Publication
from narvaro.publishing.types import State

pytestmark = pytest.mark.django_db
ADDRESS = "lasare@exempel.example"


@pytest.fixture
def letter(authority):
    return an_outlet(authority, Platform.NEWSLETTER)


class Failing(EmailBackend):
    """A mail server that says what it is told to say."""

    says: Exception | None = None

    def send_messages(self, messages):
        if Failing.says is not None:
            raise Failing.says
        return super().send_messages(messages)


@pytest.fixture
def server(settings, monkeypatch):
    monkeypatch.setattr(tasks, "get_connection", Failing)
    Failing.says = None
    return Failing


def states(actor):
    return sorted(Delivery.objects.of(actor).values_list("state", flat=True))


def test_a_feed_is_added_taken_into_use_and_read_by_anybody_without_a_platform(authority, lead):
    a_unit(authority)
    office = signed_in(lead)
    unit = a_unit(authority)
    page = office.get("/kanaler/ny/")
    responsible = next(uid for uid, _name in page.context["form"].fields["responsible"].choices if uid)
    sent = filled(
        page, platform="feed", account="nyheter", name="Nyheter", unit=str(unit.uid), responsible=responsible
    )  # fmt: skip
    connect = office.post("/kanaler/ny/", sent).url
    begun = {"intent": office.get(connect).context["begin_form"]["intent"].value(), "shows_code": ""}
    taken = office.post(f"{connect}eget/", begun)
    channel = channel_for(lead, connect.split("/")[2])

    post = a_post_out(channel, "Badet öppnar\n\nKlockan 9. <b>Välkomna</b>", actor=lead)
    here = Client().get(f"/{authority.slug}/nyheter/{channel.uid}/").content.decode()
    one = Client().get(f"/{authority.slug}/nyheter/{channel.uid}/?inlagg={post.key}")

    assert taken.status_code == 302
    assert post.state == State.DELIVERED
    assert post.kept_item_id is not None, "a record before anybody can change it"
    assert "&lt;b&gt;Välkomna" in here
    assert one.status_code == 200
    assert post.remote_url.endswith(f"?inlagg={post.key}")
    assert channel.pk not in [each.pk for each in overseen(lead)], "nobody writes there, so nobody does rounds"


def test_an_attempt_that_was_cut_off_lets_the_post_out_once(authority, lead):
    channel = an_outlet(authority)
    post = a_post_out(channel, actor=lead)
    rows = Publication.objects.of(lead)
    rows.filter(pk=post.pk).update(state=State.UNKNOWN, remote_id="", settle_at=post.written_at, settled_at=None)

    publishing.settle_unclear.call()
    publishing.settle_unclear.call()

    assert [each.uid for each in queries.posts_of(lead, channel)] == [post.uid]
    assert rows.get(pk=post.pk).remote_id == post.key


def test_the_feed_has_lasting_ids_and_answers_not_modified(authority, lead):
    channel = an_outlet(authority)
    first, second = a_post_out(channel, "Ett & två", actor=lead), a_post_out(channel, "Tre", actor=lead)
    address = f"/{authority.slug}/nyheter/{channel.uid}.rss"

    answer = Client().get(address)
    again = Client().get(address, headers={"if-none-match": answer["ETag"]})
    found = [
        (item.findtext("guid"), item.findtext("title"))
        for item in ElementTree.fromstring(answer.content)[0].iter("item")
    ]

    assert found == [(f"urn:uuid:{second.uid}", "Tre"), (f"urn:uuid:{first.uid}", "Ett & två")]
    assert again.status_code == 304
    assert answer["Content-Type"].startswith("application/rss+xml")


def test_what_is_taken_away_leaves_page_feed_and_letters_but_not_the_records(authority, lead, letter, server):
    a_reader(letter)
    post = a_post_out(letter, "Det här var fel.", actor=lead)
    actions.make_issues()
    office = signed_in(lead)
    address = f"/kanaler/egna/{post.uid}/ta-bort/"

    office.post(address, filled(office.get(address), why="Fel dag."))
    tasks.send_newsletters.call()

    anybody = Client()
    assert "Det här var fel" not in anybody.get(f"/{authority.slug}/nyheter/{letter.uid}/").content.decode()
    assert anybody.get(f"/{authority.slug}/nyheter/{letter.uid}/?inlagg={post.key}").status_code == 404
    assert b"Det h" not in anybody.get(f"/{authority.slug}/nyheter/{letter.uid}.rss").content.partition(b"<item>")[2]
    assert mail.outbox == []
    assert Publication.objects.of(lead).get(pk=post.pk).kept_item_id
    with pytest.raises(NotPermitted):
        actions.withdraw_post(actor=an_actor(authority), publication=post, why="Nej.")


def test_gdpr_1_nobody_gets_a_letter_without_having_confirmed_it_in_their_own_mailbox(authority, lead, letter, server):
    anybody = Client()
    page = f"/{authority.slug}/nyheter/{letter.uid}/"

    first = anybody.post(page, {"address": ADDRESS})
    again = anybody.post(page, {"address": ADDRESS.replace("exempel", "EXEMPEL")})
    a_post_out(letter, "För tidigt", actor=lead)
    tasks.send_newsletters.call()
    (asked,) = mail.outbox
    link = re.search(r"(/brev/[\w-]+/)", asked.body)[1]
    anybody.get(link)  # programs that look for dangerous links open them
    assert queries.readers_of(lead, [letter]) == {}
    anybody.post(link, {"do": "confirm"})
    known = anybody.post(page, {"address": ADDRESS})
    a_post_out(letter, "Lagom\n\nVattnet är tillbaka.", actor=lead)
    tasks.send_newsletters.call()
    tasks.send_newsletters.call()

    assert len(mail.outbox) == 2
    assert mail.outbox[1].subject == "Lagom"
    assert {answer.content.count(b"Titta i din e-post") > 0 for answer in (first, again, known)} == {True}
    assert anybody.post(page, {"address": "inte en adress"}).status_code == 422


def test_gdpr_1_one_press_in_the_mail_program_ends_it_and_forgets_the_address(authority, lead, letter, server):
    a_reader(letter)
    a_post_out(letter, actor=lead)
    tasks.send_newsletters.call()
    (sent,) = mail.outbox
    address = re.search(r"<https?://[^/]+(/[^>]+)>", sent.extra_headers["List-Unsubscribe"])[1]

    anybody = Client(enforce_csrf_checks=True)
    assert anybody.get(address).status_code == 302
    assert Subscriber.objects.of(lead).count() == 1, "only pressing has effect"
    gone = [anybody.post(address, {"List-Unsubscribe": "One-Click"}).status_code for _twice in range(2)]

    assert gone == [200, 200]
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not Subscriber.objects.of(lead).exists()
    assert list(Delivery.objects.of(lead).values_list("state", "subscriber")) == [("sent", None)]
    html = sent.alternatives[0][0]
    assert "<img" not in html
    assert "http" not in re.sub(r'href="[^"]*"', "", html.partition("<body>")[2]), (
        "nothing is fetched when it is opened"
    )


@pytest.mark.parametrize(
    ("said", "becomes"),
    [
        (smtplib.SMTPRecipientsRefused({ADDRESS: (550, b"No such")}), "refused"),
        (smtplib.SMTPRecipientsRefused({ADDRESS: (451, b"Later")}), "waiting"),
        (smtplib.SMTPDataError(554, b"No"), "refused"),
        (smtplib.SMTPServerDisconnected("gone"), "unknown"),
        (TimeoutError(), "unknown"),
    ],
)
def test_p01_a_letter_of_unclear_fate_is_never_sent_again_and_a_refused_one_may_be(
    authority, lead, letter, server, said, becomes
):
    a_reader(letter)
    a_post_out(letter, actor=lead)
    server.says = said

    tasks.send_newsletters.call()
    assert states(lead) == [becomes]
    server.says = None
    Delivery.objects.of(lead).update(due_at=letter.opened_at)
    tasks.send_newsletters.call()

    assert len(mail.outbox) == (1 if becomes == "waiting" else 0)


def test_p04_a_letter_whose_worker_vanished_is_unclear_and_stays_so(authority, lead, letter, server):
    a_reader(letter)
    a_post_out(letter, actor=lead)
    actions.make_issues()
    held = actions.claim_letter()
    Delivery.objects.of(lead).update(lease_until=letter.opened_at - timedelta(hours=1))

    tasks.send_newsletters.call()
    actions.store_letter(held, DeliveryState.SENT)

    assert states(lead) == ["unknown"]
    assert mail.outbox == []


def test_addresses_that_nobody_confirms_are_forgotten_and_the_form_cannot_flood_a_mailbox(authority, lead, letter):
    visitor = Actor.visitor(authority)
    for _press in range(5):
        actions.ask_for_letter(actor=visitor, channel=letter, address=ADDRESS)
    asked = Delivery.objects.of(lead).count()
    Subscriber.objects.of(lead).update(asked_at=letter.opened_at - rules.CONFIRMED_WITHIN - timedelta(hours=1))

    tasks.forget_unconfirmed.call()

    assert asked == 1
    assert not Subscriber.objects.of(lead).exists()
    assert states(lead) == ["dropped"]


def test_the_pages_count_readers_name_none_and_ask_the_database_little(
    authority, lead, letter, server, django_assert_max_num_queries
):
    a_reader(letter)
    feed = an_outlet(authority)
    for text in ("Torget stängs", "Torget öppnar"):
        a_post_out(letter, text, actor=lead)
        a_post_out(feed, text, actor=lead)
    tasks.send_newsletters.call()
    office = signed_in(lead)

    with django_assert_max_num_queries(12):
        page = office.get("/kanaler/egna/").content.decode()
    with django_assert_max_num_queries(12):
        office.get(f"/{authority.slug}/nyheter/{feed.uid}/")
    with django_assert_max_num_queries(12):
        office.get(f"/{authority.slug}/nyheter/{feed.uid}.rss")

    assert "1 av 1 brev" in page
    assert ADDRESS not in page


@pytest.mark.one_database
def test_a_title_is_the_first_line_cut_at_a_word():
    assert rules.title_of("\n  Badet   öppnar \nmer") == "Badet öppnar"
    assert rules.title_of("ord " * 60).endswith("ord…")
    assert len(rules.title_of("x" * 500)) == rules.MOST_TITLE


def test_p24_a_picture_stands_on_the_open_page_with_its_words_and_in_the_letter_as_words(
    authority, lead, letter, server
):
    a_reader(letter)
    picture = media.add_picture(actor=lead, content=a_photo(), alt="En tom bassäng", basis=Basis.NOBODY)
    post = a_post_out(letter, "Badet är tomt.", actor=lead, pictures=[picture])
    tasks.send_newsletters.call()
    anybody, address = Client(), f"/{authority.slug}/nyheter/{letter.uid}/"

    page = anybody.get(address).content.decode()
    shown = anybody.get(f"{address}?inlagg={post.key}&bild=0")

    assert 'alt="En tom bassäng"' in page
    assert shown["Content-Type"].startswith("image/")
    assert anybody.get(f"{address}?inlagg={post.key}&bild=1").status_code == 404
    assert "Bild: En tom bassäng" in mail.outbox[-1].body
