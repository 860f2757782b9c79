"""What bringing in promises: archives, pasted threads, screenshots, e-mail, what we published ourselves."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels import queries as channel_queries
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.channels.types import Connection, Platform
from narvaro.core import jobs
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotPermitted, Role
from narvaro.records import actions, queries, tasks, uploads
from narvaro.records.actions.manual import HandItem
from narvaro.records.models import File, Import, Item, Version, WatchedThread
from narvaro.records.testing import a_page, an_item
from narvaro.records.types import FileState, Source, WorkState
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db

HOME = "https://social.example"
US = f"{HOME}/users/kommunen"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


@pytest.fixture(autouse=True)
def own_addresses(settings):
    settings.ROOT_URLCONF = "narvaro.records.tests.import_addresses"


def a_note(number, text="Hej", **more):
    note = {
        "id": f"{US}/statuses/{number}", "type": "Note", "published": f"2025-01-{number % 28 + 1:02}T12:00:00Z",
        "to": [PUBLIC], "content": f"<p>{text}</p>", "attachment": [], **more,
    }  # fmt: skip
    return {"id": f"{US}/statuses/{number}/activity", "type": "Create", "actor": US, "object": note}


def an_archive(*entries, files=None, name="kommunen", outbox=None):
    actor = {"id": f"{HOME}/users/{name}", "type": "Person", "preferredUsername": name}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("actor.json", json.dumps(actor))
        archive.writestr("outbox.json", outbox if outbox is not None else json.dumps({"orderedItems": entries}))
        for path, content in (files or {}).items():
            archive.writestr(path, content)
    return packed.getvalue()


def a_mastodon(authority, **values):
    channel = a_channel(authority, connection=Connection.NOT_CONNECTED, **values)
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(
        handle="kommunen@social.example", handle_key="kommunen@social.example"
    )
    return channel_queries.channel_for(a_lead(authority), channel.uid)


def a_manual(authority):
    return a_channel(authority, platform=Platform.MANUAL, connection=Connection.MANUAL)


def uploaded(client, channel, content, **values):
    page = client.get(f"/kanaler/{channel.uid}/arkiv/")
    data = filled(page, archive=SimpleUploadedFile("arkiv.zip", content), from_other_account="", **values)
    return client.post(f"/kanaler/{channel.uid}/arkiv/", data)


def worked():
    tasks.start_asked_work.call()
    jobs.run_until_idle()


def a_picture(colour="red"):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def texts(actor, channel):
    items = Item.objects.of(actor).filter(channel=channel).order_by("id")
    return [shown.text for shown in queries.shown(actor, list(items.select_related("channel")))]


# --- Archives -------------------------------------------------------------------------------------------------------


def test_an_uploaded_archive_is_taken_in_with_its_files_and_says_what_it_lacks():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    client = signed_in(lead)
    picture = {"type": "Document", "mediaType": "image/png", "url": "/media/1.png", "name": "En ko."}
    content = an_archive(
        a_note(1, "Först"), a_note(2, "Sedan", attachment=[picture]), files={"media/1.png": a_picture()}
    )

    answer = uploaded(client, channel, content)
    waiting = client.get(answer.url)
    worked()
    done = client.get(answer.url).content.decode()

    assert "data-poll" in waiting.content.decode()
    assert client.get(answer.url, {"token": waiting.context["token"]}).status_code == 200
    assert texts(lead, channel) == ["Först", "Sedan"]
    (file,) = File.objects.of(lead)
    assert (file.state, queries.file_content(lead, file.uid)[1]) == (FileState.KEPT, a_picture())
    assert "Arkivet är inläst" in done
    assert "Andras svar" in done
    assert any("Andras svar" in gap.why for gap in queries.gaps(lead, channel))
    assert not uploads.path_of(Import.objects.of(lead).get().uid).exists()
    assert verify(lead).holds


def test_p32_what_is_taken_in_is_marked_as_imported():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    uploaded(signed_in(lead), channel, an_archive(a_note(1), a_note(2)))
    worked()

    assert set(Version.objects.of(lead).values_list("source", flat=True)) == {Source.IMPORT}


def test_threads_of_an_archive_are_read_again_in_a_row_and_not_all_at_once():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    uploaded(signed_in(lead), channel, an_archive(*[a_note(n) for n in range(1, 30)]))
    worked()

    turns = sorted(WatchedThread.objects.of(lead).values_list("next_at", flat=True))

    assert len(turns) == 29
    assert turns[-1] - turns[0] >= timedelta(minutes=13)


def test_p11_what_is_kept_already_is_left_as_it_is():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    actions.capture(channel=channel, page=a_page(an_item("Som plattformen sade", remote_id="1")))
    client = signed_in(lead)
    for _ in range(2):
        uploaded(client, channel, an_archive(a_note(1, "Som exporten säger"), a_note(2)))
        worked()

    assert texts(lead, channel) == ["Som plattformen sade", "Hej"]
    assert Version.objects.of(lead).count() == 2


def test_p8_another_accounts_archive_is_refused_unless_a_person_says_it_has_moved():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    client = signed_in(lead)
    content = an_archive(a_note(1), name="nagonannan")

    refused = uploaded(client, channel, content)
    worked()
    shown = client.get(refused.url).content.decode()
    page = client.get(f"/kanaler/{channel.uid}/arkiv/")
    data = filled(page, archive=SimpleUploadedFile("arkiv.zip", content), from_other_account="on")
    client.post(f"/kanaler/{channel.uid}/arkiv/", data)
    assert texts(lead, channel) == []
    worked()

    assert "nagonannan" in shown
    assert texts(lead, channel) == ["Hej"]


def _bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("actor.json", json.dumps({"id": US, "preferredUsername": "kommunen"}))
        archive.writestr("outbox.json", b'{"orderedItems": [' + b" " * 120_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"inte ett arkiv",
        b"PK\x03\x04trasig",
        gzip.compress(b"\0" * 10_000),
        an_archive(outbox="{"),
        an_archive(outbox="[]"),
        an_archive(a_note(1))[:-40],
        _bomb,
    ],
    ids=["text", "cut", "gzip", "no-json", "empty", "short", "bomb"],
)
def test_a_hostile_archive_gives_a_clear_error_and_nothing_is_kept(content):
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    client = signed_in(lead)

    answer = uploaded(client, channel, content() if callable(content) else content)
    worked()

    asked = Import.objects.of(lead).get()
    assert (asked.state, bool(asked.error)) == (WorkState.FAILED, True)
    assert asked.error in client.get(answer.url).content.decode()
    assert texts(lead, channel) == []
    assert not uploads.path_of(asked.uid).exists()


def test_a_damaged_post_takes_no_neighbour_with_it_and_is_told():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    broken = '{"type": "Create", "object": {"type": "Note"}}'
    notes = json.dumps(a_note(1, "<script>alert(1)</script>Ett")), json.dumps(a_note(2, "\u202eTvå"))
    outbox = f'{{"orderedItems": [{notes[0]}, {broken}, {notes[1]}]}}'
    client = signed_in(lead)
    answer = uploaded(client, channel, an_archive(outbox=outbox))
    worked()
    page = client.get(answer.url).content.decode()

    assert len(texts(lead, channel)) == 2
    assert "Poster som inte gick att läsa" in page


def test_an_upload_sent_twice_is_one_import_and_leaves_nothing_behind():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    client = signed_in(lead)
    page = client.get(f"/kanaler/{channel.uid}/arkiv/")
    statuses = []
    for _ in range(2):
        data = filled(page, archive=SimpleUploadedFile("arkiv.zip", an_archive(a_note(1))), from_other_account="")
        statuses.append(client.post(f"/kanaler/{channel.uid}/arkiv/", data).status_code)

    assert statuses == [302, 409]
    assert len(list(uploads.path_of(uuid7()).parent.glob("*"))) == 1
    worked()
    assert list(uploads.path_of(uuid7()).parent.glob("*")) == []


def test_a_worker_that_was_stopped_half_way_loses_nothing_and_doubles_nothing():
    authority = an_authority()
    channel, lead = a_mastodon(authority), a_lead(authority)
    uploaded(signed_in(lead), channel, an_archive(*[a_note(n) for n in range(1, 450)]))
    asked = actions.claim_import()
    seen = []

    def stop(done, total):
        seen.append(done)
        if done >= 200:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.import_archive(actor=lead, channel=channel, path=uploads.path_of(asked.uid), progress=stop)
    Import.objects.of(lead).update(lease_until=datetime(2020, 1, 1, tzinfo=UTC))
    worked()

    assert Item.objects.of(lead).count() == 449
    assert Version.objects.of(lead).count() == 449
    assert Import.objects.of(lead).get().state == WorkState.DONE


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EMPLOYEE, Role.REGISTRAR])
def test_others_take_in_no_archive(role):
    authority = an_authority()
    channel = a_mastodon(authority)
    client = signed_in(an_actor(authority, role=role))

    assert client.get(f"/kanaler/{channel.uid}/arkiv/").status_code == 403
    assert client.post(f"/kanaler/{channel.uid}/arkiv/").status_code == 403


def test_another_organisations_channel_and_import_look_missing():
    authority = an_authority("Storköping")
    channel, lead = a_mastodon(authority), a_lead(authority)
    answer = uploaded(signed_in(lead), channel, an_archive(a_note(1)))
    stranger = signed_in(a_lead(an_authority("Lillköping")))

    for page in (answer.url, *(f"/kanaler/{channel.uid}/{way}/" for way in ("arkiv", "lagg-in", "publicerat"))):
        assert stranger.get(page).status_code == 404
    worked()


# --- By hand --------------------------------------------------------------------------------------------------------

PASTED = """Storköpings kommun
Nu öppnar badet för säsongen.
2 tim · Gilla · Svara

Anna
Är det varmt i vattnet?
1 tim · Gilla · Svara

Bengt
Anna det är 19 grader
30 min · Gilla · Svara
"""


def split(client, channel, **values):
    place = f"/kanaler/{channel.uid}/lagg-in/"
    data = filled(client.get(place), **values)
    for name in ("mail", "pictures", "is_private"):
        data[name] = values.get(name, "")
    return client.post(place, data)


def looked_through(page, **changes):
    """Return the page of parts as a browser would send it."""
    form = page.context["form"]
    data = {field.html_name: field.value() or "" for field in form if field.html_name != "is_private"}
    data["is_private"] = "on" if form["is_private"].value() else ""
    for each in (*form.parts, *form.shown):
        for field in each:
            value = field.value()
            data[field.html_name] = value.strftime("%Y-%m-%dT%H:%M") if isinstance(value, datetime) else value or ""
    return {**data, "pictures": form.signed_pictures, "do": "keep", **changes}


def test_a_pasted_thread_is_split_looked_through_and_kept_with_who_answers_whom():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, text=PASTED)
    changes = {"part-0-is_own": "on", "part-1-text": "Är det varmt i vattnet nu?"}

    answer = client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page, **changes))

    post, question, reply = Item.objects.of(lead).order_by("id")
    assert [post.origin, question.origin] == ["drawn_up", "received"]
    assert (question.parent_remote_id, reply.parent_remote_id) == (post.remote_id, question.remote_id)
    assert {post.thread_key, question.thread_key, reply.thread_key} == {post.remote_id}
    assert texts(lead, channel)[1] == "Är det varmt i vattnet nu?"
    assert timedelta(minutes=50) < now() - question.published_at < timedelta(minutes=70)
    assert answer.url == f"/handlingar/{post.uid}/"
    assert verify(lead).holds


def test_parts_are_added_and_removed_and_what_was_typed_stays():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    place = f"/kanaler/{channel.uid}/lagg-in/"
    page = split(client, channel, text=PASTED, link="https://forum.example/1")

    more = client.post(place, looked_through(page, do="add", **{"part-1-text": "Ändrat"}))
    fewer = client.post(place, looked_through(more, do="remove:1", **{"part-3-text": "Ny del", "part-3-parent": "2"}))
    client.post(place, looked_through(fewer))

    assert [row["text"] for row in more.context["form"].rows][1] == "Ändrat"
    assert texts(lead, channel)[-1] == "Ny del"
    assert len(texts(lead, channel)) == 3
    third = Item.objects.of(lead).order_by("id").last()
    assert third.parent_remote_id == Item.objects.of(lead).order_by("id")[1].remote_id
    assert Version.objects.of(lead).first().url == "https://forum.example/1"


def test_screenshots_are_kept_unchanged_as_files_of_the_record():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    pictures = [SimpleUploadedFile("a.png", a_picture()), SimpleUploadedFile("b.png", a_picture("blue"))]
    page = split(client, channel, text=PASTED, pictures=pictures)

    changes = {"picture-1-item": "2", "picture-1-alt": "Skärmbild av svaret"}
    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page, **changes))

    first, second = File.objects.of(lead).order_by("id")
    assert queries.file_content(lead, first.uid)[1] == a_picture()
    assert queries.file_content(lead, second.uid)[1] == a_picture("blue")
    assert second.alt == "Skärmbild av svaret"
    assert verify(lead).holds


def test_a_screenshot_alone_is_enough():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, pictures=[SimpleUploadedFile("a.png", a_picture())])

    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page, **{"part-0-author": "Anna"}))

    assert File.objects.of(lead).get().state == FileState.KEPT


def test_bbs_10_a_screenshot_beside_suspected_words_is_not_taken():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    from narvaro import screening

    text = "Jag säljer barnpornografi, skriv till mig"
    assert screening.suspects_child_abuse_material(screening.screen(text, direction=screening.Direction.INCOMING)), (
        "the words of this test should be suspected"
    )
    page = split(client, channel, text=text, pictures=[SimpleUploadedFile("a.png", a_picture())])

    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page))

    assert File.objects.of(lead).get().state == FileState.WITHHELD


MAIL = b"""From: Forum <notis@forum.example>\r
To: kommunen@storkoping.example\r
Subject: Ny kommentar\r
Date: Fri, 20 Nov 2026 12:00:00 +0100\r
Content-Type: text/plain; charset=utf-8\r
\r
Anna skrev:\r
N\xc3\xa4r \xc3\xb6ppnar badet?\r
"""


def test_a_forwarded_notification_is_split_too():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, mail=SimpleUploadedFile("notis.eml", MAIL))

    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page))

    assert texts(lead, channel) == ["När öppnar badet?"]
    assert Version.objects.of(lead).get().author_name == "Anna"


def test_p11_the_same_thread_with_its_link_pasted_again_only_adds_what_is_new():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    items = [
        HandItem("Inlägg", "Vi", is_own=True),
        HandItem("Tack", "Anna", parent=0),
        HandItem("Tack", "Anna", parent=0),
    ]
    link = "https://forum.example/7"

    actions.capture_by_hand(actor=lead, channel=channel, items=items, link=link)
    actions.capture_by_hand(
        actor=lead, channel=channel, items=[*items, HandItem("Ny fråga", "Bo", parent=0)], link=link
    )

    assert texts(lead, channel) == ["Inlägg", "Tack", "Tack", "Ny fråga"]
    assert Item.objects.of(lead).values("thread_key").distinct().count() == 1
    assert Version.objects.of(lead).count() == 4


def lacks(actor, channel):
    return [gap.why for gap in queries.gaps(actor, channel)]


def test_what_a_thread_entered_by_hand_lacks_stands_in_the_gap_ledger_with_its_span():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    at = now() - timedelta(days=3)
    items = [
        HandItem("Inlägg", "Anna", at),
        HandItem("Svar", "Bo", at + timedelta(hours=1)),
        HandItem("Utan tid", "Bo"),
    ]

    for _ in range(2):
        actions.capture_by_hand(actor=lead, channel=channel, items=items, link="https://forum.example/7")

    gaps = queries.gaps(lead, channel)
    assert len(gaps) == 2
    assert any("svar som var dolda" in gap.why for gap in gaps)
    assert any("1 av 3 delar saknade tidpunkt" in gap.why for gap in gaps)
    assert {gap.from_at for gap in gaps} == {at}
    assert all(gap.until_at > at for gap in gaps)


def test_what_a_mail_a_screenshot_and_our_own_post_lack_is_told_each_in_its_way():
    authority = an_authority()
    lead = a_lead(authority)
    mailed, seen, ours = a_manual(authority), a_manual(authority), a_manual(authority)
    picture = actions.store_screenshot(actor=lead, content=a_picture(), name="skärm.png")
    said = [HandItem("Se bilden", "Anna", now())]

    actions.capture_by_hand(actor=lead, channel=mailed, items=said, is_mail=True)
    actions.capture_by_hand(actor=lead, channel=seen, items=said, pictures=[picture])
    actions.register_published(actor=lead, channel=ours, text="Vi har öppet", link="https://forum.example/9")

    assert "aviseringsmejl" in lacks(lead, mailed)[0]
    assert any("skärmbilder" in why for why in lacks(lead, seen))
    assert len(lacks(lead, ours)) == 1
    assert "svar på det vi publicerade" in lacks(lead, ours)[0]


def test_without_a_link_the_same_words_twice_are_two_records():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)

    for _ in range(2):
        actions.capture_by_hand(actor=lead, channel=channel, items=[HandItem("När öppnar ni?", "Anna")])

    assert texts(lead, channel) == ["När öppnar ni?", "När öppnar ni?"]


def test_a_page_of_parts_sent_twice_is_kept_once():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    data = looked_through(split(client, channel, text=PASTED))

    statuses = [client.post(f"/kanaler/{channel.uid}/lagg-in/", data).status_code for _ in range(2)]

    assert statuses == [302, 409]
    assert Item.objects.of(lead).count() == 3


def test_bbs_1_what_was_written_to_us_alone_is_kept_as_private():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, text="Anna: Min son är sjuk", is_private="on")

    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page))

    assert Item.objects.of(lead).get().visibility == "private"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"text": "   \n\t "},
        {"text": "Hej", "mail": SimpleUploadedFile("x.eml", MAIL)},
        {"mail": SimpleUploadedFile("x.eml", b"Subject: x\r\n\r\n")},
        {"pictures": [SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")]},
        {"pictures": [SimpleUploadedFile("<script>.png", a_picture()[:60])]},
        {"text": "\n\n".join(f"Person {n}: text {n}" for n in range(150))},
    ],
    ids=["nothing", "space", "both", "no-mail", "svg", "cut", "many"],
)
def test_what_cannot_be_split_is_told_and_what_was_pasted_stays(values):
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)

    answer = split(signed_in(lead), channel, **values)

    assert answer.status_code == 422
    assert "<script>.png" not in answer.content.decode()
    if values.get("text", "").strip():
        assert values["text"][:20] in answer.content.decode()


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "ftp://x", "https://" + "x" * 2000, "\u202ex"]
)
def test_a_link_that_acts_is_refused_and_nothing_is_kept(link):
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, text=PASTED)

    answer = client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page, link=link))

    assert answer.status_code == 422
    assert texts(lead, channel) == []


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", "\u202eekram\u2066", "a\u0000b", "👩‍👩‍👧" * 100, "{{ x }}", "'; DROP"]
)
def test_hostile_words_are_kept_and_shown_as_text(words):
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    page = split(client, channel, text=f"Anna: {words}")
    assert "<script>alert" not in page.content.decode()

    answer = client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page))

    assert answer.status_code in (302, 422)
    assert verify(lead).holds


def test_made_up_pictures_are_not_taken():
    authority, elsewhere = an_authority("Storköping"), an_authority("Lillköping")
    channel, lead, stranger = a_manual(authority), a_lead(authority), a_lead(elsewhere)
    their_page = split(
        signed_in(stranger), a_manual(elsewhere), pictures=[SimpleUploadedFile("a.png", a_picture())]
    )  # fmt: skip
    stolen = their_page.context["form"].signed_pictures
    client = signed_in(lead)
    page = split(client, channel, text=PASTED)

    client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(page, pictures=stolen, **{"picture-0-item": "0"}))

    assert not File.objects.of(lead).exists()


@pytest.mark.parametrize(
    "items",
    [[], [HandItem("")], [HandItem("a", parent=0)], [HandItem("a"), HandItem("b", parent=1)], [HandItem("x")] * 101],
)
def test_a_thread_that_cannot_be_is_refused(items):
    authority = an_authority()

    with pytest.raises(Invalid):
        actions.capture_by_hand(actor=a_lead(authority), channel=a_manual(authority), items=items)


def test_who_only_audits_brings_in_nothing_and_an_employee_may():
    authority = an_authority()
    channel = a_manual(authority)
    auditor, employee = an_actor(authority, role=Role.AUDITOR), an_actor(authority, role=Role.EMPLOYEE)

    with pytest.raises(NotPermitted):
        actions.capture_by_hand(actor=auditor, channel=channel, items=[HandItem("x")])
    assert signed_in(auditor).get(f"/kanaler/{channel.uid}/lagg-in/").status_code == 403
    client = signed_in(employee)
    answer = client.post(f"/kanaler/{channel.uid}/lagg-in/", looked_through(split(client, channel, text="Anna: Hej")))

    assert answer.url == f"/kanaler/{channel.uid}/"


def test_tf_5_what_we_published_ourselves_is_registered_with_its_link_once():
    authority = an_authority()
    channel, lead = a_manual(authority), a_lead(authority)
    client = signed_in(lead)
    place = f"/kanaler/{channel.uid}/publicerat/"

    for _ in range(2):
        data = filled(client.get(place), text="Badet öppnar i dag.", link="https://forum.example/inlagg/9")
        answer = client.post(place, data)
    refused = client.post(place, filled(client.get(place), text="x", link="javascript:alert(1)"))

    item = Item.objects.of(lead).get()
    assert (item.origin, item.kind) == ("drawn_up", "post")
    assert answer.url == f"/handlingar/{item.uid}/"
    assert refused.status_code == 422
