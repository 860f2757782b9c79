"""Who may enter the pages of the inbox, and hostile words on them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from narvaro.base.ids import uuid7
from narvaro.connectors.port import Author, Kind, Visibility
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Role
from narvaro.inbox import queries
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.tests.pages.desk import (
    HEAVIEST_BYTES,
    a_png,
    an_answer,
    body,
    seen,
    sent,
    signed_in,
    step_url,
    thread_url,
)
from narvaro.inbox.types import State

pytestmark = pytest.mark.django_db


def test_another_authoritys_item_looks_missing(comment):
    stranger = signed_in(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD))

    for url in (thread_url(comment), step_url(comment, "tilldela"), reverse("inbox:live_thread", args=[comment.uid])):
        assert stranger.get(url).status_code == 404
    assert stranger.post(step_url(comment, "inget-svar"), sent(comment)).status_code == 404
    assert stranger.get(reverse("inbox:thread", args=[uuid4()])).status_code == 404


def test_nobody_enters_without_signing_in(comment):
    answer = Client().get(thread_url(comment))

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_an_employee_may_bring_in_and_read_nothing(authority, channel, comment):
    employee = signed_in(an_actor(authority, role=Role.EMPLOYEE))

    assert employee.get(reverse("inbox:inbox")).status_code == 403
    assert employee.get(thread_url(comment)).status_code == 403
    posted = {
        "intent": str(uuid7()), "channel_uid": str(channel.uid), "text": "Hittat i en grupp: när öppnar ni?",
        "author": "Grannen", "url": "https://exempel.example/1",
    }  # fmt: skip
    assert employee.get(reverse("inbox:bring_in")).status_code == 200
    assert employee.post(reverse("inbox:bring_in"), posted).status_code == 302
    assert Incoming.objects.everywhere("test").count() == 2


def test_what_is_brought_in_twice_is_kept_once(client, authority, channel):
    posted = {"intent": str(uuid7()), "channel_uid": str(channel.uid), "text": "Hittat: när öppnar ni?"}
    first = client.post(reverse("inbox:bring_in"), posted)
    client.post(reverse("inbox:bring_in"), posted)
    bad = client.post(reverse("inbox:bring_in"), posted | {"url": "javascript:alert(1)"})
    nothing = client.post(reverse("inbox:bring_in"), posted | {"text": " "})

    assert first["Location"].startswith("/inkorg/")
    assert Incoming.objects.everywhere("test").count() == 1
    assert (bad.status_code, nothing.status_code) == (422, 422)


def test_pictures_are_brought_in_with_what_was_found(client, worker, channel):
    posted = {"intent": str(uuid7()), "channel_uid": str(channel.uid), "text": "Skärmbild: när öppnar ni?"}

    html = seen(client, reverse("inbox:bring_in"))
    bad = client.post(
        reverse("inbox:bring_in"), posted | {"picture": a_png(), "picture_2": SimpleUploadedFile("x.png", b"nej")}
    )
    done = client.post(
        reverse("inbox:bring_in"), posted | {"picture": a_png(), "picture_2": a_png("red"), "alt_2": "Anslaget"}
    )

    assert html.count('type="file"') == 4
    assert 'enctype="multipart/form-data"' in html
    assert bad.status_code == 422
    assert 'id="id_picture_2_error"' in body(bad)
    shown = seen(client, done["Location"])
    assert "Anslaget" in shown
    assert shown.count("Bild:") == 2


def test_the_auditor_reads_and_changes_nothing(authority, comment):
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))

    html = seen(auditor, thread_url(comment))

    assert "Publicera svaret" not in html
    assert "Fler åtgärder" not in html
    assert auditor.post(step_url(comment, "inget-svar"), sent(comment)).status_code == 403
    assert auditor.post(thread_url(comment), an_answer(comment)).status_code == 403
    assert auditor.post(thread_url(comment), sent(comment, kind="note", text="x")).status_code == 403
    assert reread(comment).state == State.OPEN


def test_a_private_message_looks_missing_to_those_of_another_unit(authority, channel):
    asked = a_comment(authority, "Till er.", channel=channel, kind=Kind.MESSAGE, visibility=Visibility.PRIVATE)
    other = signed_in(an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Simhallen")))

    assert other.get(thread_url(asked)).status_code == 404
    assert "Till er." not in seen(other, f"{reverse('inbox:inbox')}?lista=alla")


def test_saved_answers_are_kept_changed_and_removed_by_those_who_answer(authority, client, worker):
    client.post(reverse("inbox:add_saved_answer"), {"intent": str(uuid7()), "title": "Öppet", "text": "Nio."})
    (saved,) = queries.saved_answers(worker)
    url = reverse("inbox:saved_answer", args=[saved.uid])
    client.post(url, {"intent": str(uuid7()), "seen_version": saved.version, "title": "Öppet", "text": "Tio."})
    stale = client.post(url, {"intent": str(uuid7()), "seen_version": saved.version, "title": "Öppet", "text": "Elva."})
    html = seen(client, reverse("inbox:saved_answers"))
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))
    removed = client.post(reverse("inbox:remove_saved_answer", args=[saved.uid]), {"intent": str(uuid7())})

    assert "Tio." in html
    assert stale.status_code == 409
    assert "Tio." in body(stale)
    assert "Elva.</textarea>" in body(stale)
    assert auditor.get(reverse("inbox:add_saved_answer")).status_code == 403
    assert not queries.saved_answers(worker)
    back = reverse("inbox:put_back_saved_answer", args=[saved.uid])
    assert f'action="{back}"' in seen(client, removed["Location"])
    assert auditor.post(back, {"intent": str(uuid7())}).status_code == 403
    client.post(back, {"intent": str(uuid7())})
    assert [one.uid for one in queries.saved_answers(worker)] == [saved.uid]


def test_scripts_and_turned_letters_in_names_and_texts_are_only_shown(client, authority, channel):
    name = '<script>alert("x")</script>\u202egnirrots'
    text = '<img src=x onerror=alert(1)> \u202eabc https://user:pw@ond.example/<b>?a="1 javascript:alert(1)'
    asked = a_comment(authority, text, channel=channel, author=Author("a", "a@x.example", name))

    for url in (thread_url(asked), f"{reverse('inbox:inbox')}?lista=alla", step_url(asked, "tilldela")):
        html = seen(client, url)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert "&lt;script&gt;" in html
        assert "<bdi>&lt;script" in html
    assert 'rel="noopener noreferrer nofollow"' in seen(client, thread_url(asked))
    assert "<b>ond.example</b>" in seen(client, thread_url(asked))


def test_a_huge_text_is_folded_and_its_page_stays_light(client, authority, channel):
    asked = a_comment(authority, "ordet " * 300_000, channel=channel)

    answer = client.get(thread_url(asked))

    assert len(answer.content) < 3 * HEAVIEST_BYTES
    assert "Visa hela texten" in body(answer)
    assert "Resten står i handlingen" in body(answer)
