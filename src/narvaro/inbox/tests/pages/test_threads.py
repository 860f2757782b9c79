"""What the page of a thread promises: what was said, and answering it."""

from __future__ import annotations

import io
import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.connectors.port import Kind, Visibility
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions
from narvaro.inbox.models import Note
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.tests.pages.desk import a_png, an_answer, body, seen, sent, signed_in, step_url, thread_url
from narvaro.inbox.types import State
from narvaro.publishing.models import Publication, PublicationPicture

pytestmark = pytest.mark.django_db


def test_a_thread_shows_our_post_and_what_hangs_under_it(client, authority, channel):
    a_comment_of_ours = {"remote_id": "ours", "kind": Kind.POST, "is_own": True, "root_remote_id": "ours"}
    from narvaro.records.testing import a_kept

    a_kept(authority, "Nu öppnar vi simhallen.", channel=channel, **a_comment_of_ours)
    asked = a_comment(
        authority, "Vilken tid?", channel=channel, remote_id="q", parent_remote_id="ours", root_remote_id="ours"
    )

    html = seen(client, thread_url(asked))

    assert html.index("Nu öppnar vi simhallen.") < html.index('class="said said--them said--target"')
    assert "said--us" in html


def test_a_records_own_page_leads_to_its_thread(client, authority, comment):
    stranger = signed_in(an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD))
    address = reverse("inbox:of_record", args=[comment.item.uid])

    assert client.get(address)["Location"] == f"/inkorg/{comment.uid}/"
    assert stranger.get(address).status_code == 404
    assert client.get(reverse("inbox:of_record", args=[uuid4()])).status_code == 404


def test_marks_open_with_a_sentence_and_the_provision(client, authority, channel):
    asked = a_comment(authority, "Jag vill ta del av handlingen om avtalet. Var får jag en kopia?", channel=channel)

    html = seen(client, thread_url(asked))

    assert "Begär handling" in html
    assert 'class="law"' in html
    assert "JO" in html


def test_an_answer_is_queued_signed_and_can_be_undone_with_its_text_kept(client, worker, comment):
    answered = client.post(thread_url(comment), an_answer(comment))
    html = seen(client, answered["Location"])
    publication = Publication.objects.of(worker).get()
    undone = client.post(reverse("inbox:undo_answer", args=[publication.uid]), {"intent": str(uuid7())})
    again = seen(client, undone["Location"])

    assert publication.text.startswith("Vi öppnar klockan nio.")
    assert "/Representative" in publication.text
    assert "Svaret skickas om några sekunder" in html
    assert "Ångra" in html
    assert "Vi öppnar klockan nio.</textarea>" in again
    assert reread(comment).state == State.OPEN


def test_an_answer_sent_twice_is_one_answer(client, worker, comment):
    posted = an_answer(comment)
    first, second = client.post(thread_url(comment), posted), client.post(thread_url(comment), posted)

    assert first.status_code == 302
    assert second.status_code == 409
    assert Publication.objects.of(worker).count() == 1


def test_an_answer_while_another_is_on_its_way_is_refused_and_its_text_comes_back(client, worker, comment):
    client.post(thread_url(comment), an_answer(comment))

    refused = client.post(thread_url(comment), an_answer(reread(comment), "Ett svar till."))

    assert refused.status_code == 409
    assert "Ett svar till.</textarea>" in body(refused)
    assert "Ett svar är redan på väg" in body(refused)
    assert Publication.objects.of(worker).count() == 1


def test_a_stale_answer_comes_back_with_its_text_and_what_is_new(client, authority, unit, comment):
    posted = an_answer(comment, "Ett långt och omsorgsfullt svar.")
    colleague = an_actor(authority, role=Role.DEPUTY, unit=unit)
    actions.add_note(actor=colleague, uid=comment.uid, text="Ring simhallen först.")
    actions.take(actor=colleague, uid=comment.uid)

    refused = client.post(thread_url(comment), posted)
    html = body(refused)
    version = re.search(r'name="seen_version" value="(\d+)"[^>]*>.{0,400}?composer__tabs', html)
    again = client.post(thread_url(comment), an_answer(reread(comment), "Ett långt och omsorgsfullt svar."))

    assert refused.status_code == 409
    assert "Ett långt och omsorgsfullt svar.</textarea>" in html
    assert "Någon hann ändra detta" in html
    assert "Ring simhallen först." in html
    assert version
    assert again.status_code == 302


def test_an_empty_answer_is_refused_at_its_field(client, worker, comment):
    answer = client.post(thread_url(comment), an_answer(comment, "   "))

    assert answer.status_code == 422
    assert "Skriv något först." in body(answer)
    assert not Publication.objects.of(worker).exists()


def test_personal_data_stops_an_answer_and_a_decision_is_asked_about_once(client, worker, comment):
    stopped = client.post(thread_url(comment), an_answer(comment, "Din journal: 19811218-9876."))
    text = "Vi beviljar din ansökan om bygglov."
    asked = client.post(thread_url(comment), an_answer(comment, text))
    agreed = client.post(thread_url(comment), an_answer(comment, text, agreed="on"))

    assert stopped.status_code == 422
    assert "personnummer" in body(stopped)
    assert "19811218-9876.</textarea>" in body(stopped)
    assert asked.status_code == 422
    assert "Jag har läst det och vill publicera ändå" in body(asked)
    assert agreed.status_code == 302
    assert Publication.objects.of(worker).count() == 1


def test_screening_answers_while_one_types_and_shows_the_other_person(client, authority, unit, worker, comment):
    checked = client.post(reverse("inbox:check", args=[comment.uid]), {"kind": "answer", "text": "Ring 19811218-9876"})
    colleague = signed_in(an_actor(authority, role=Role.DEPUTY, unit=unit))
    html = seen(colleague, thread_url(comment))

    assert checked.status_code == 200
    assert 'id="checks"' in body(checked)
    assert "check--stop" in body(checked)
    assert "skriver ett svar" in html
    assert person_of(worker).name in html


def test_polling_a_thread_says_one_is_there_and_answers_204_when_nothing_is_new(client, authority, unit, comment):
    colleague = signed_in(an_actor(authority, role=Role.DEPUTY, unit=unit))
    token = re.search(r'id="live"[^>]*data-poll-token="([^"]+)"', seen(client, thread_url(comment)))[1]
    url = reverse("inbox:live_thread", args=[comment.uid])
    still = client.get(url, {"token": token})
    colleague.get(url)
    changed = client.get(url, {"token": token})

    assert still.status_code == 204
    assert changed.status_code == 200
    assert "tittar också" in body(changed)
    assert 'id="thread-actions" data-along' in body(changed)
    assert "<textarea" not in body(changed)


def test_a_note_is_written_shown_and_made_a_file_note(client, worker, comment):
    written = client.post(thread_url(comment), sent(comment, kind="note", text="Kollat med badet."))
    html = seen(client, written["Location"])
    note = Note.objects.of(worker).get()
    kept = client.post(reverse("inbox:file_note", args=[note.uid]), {"intent": str(uuid7())})

    assert "Kollat med badet." in html
    assert "said--note" in html
    assert kept.status_code == 302
    assert Note.objects.of(worker).get().kept_item_id is not None
    assert not Publication.objects.of(worker).exists()


def test_a_picture_goes_with_its_description_and_not_without(client, worker, comment):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), "teal").save(content, "PNG")
    refused = client.post(
        thread_url(comment), an_answer(comment, picture=SimpleUploadedFile("bad.png", content.getvalue()))
    )
    done = client.post(
        thread_url(comment),
        an_answer(comment, picture=SimpleUploadedFile("bad.png", content.getvalue()), alt="En bassäng", who="nobody"),
    )
    not_a_picture = client.post(
        thread_url(comment), an_answer(reread(comment), picture=SimpleUploadedFile("x.png", b"nej"), alt="x")
    )

    assert refused.status_code == 422
    assert "Beskriv bilden i ord" in body(refused)
    assert done.status_code == 302
    assert PublicationPicture.objects.of(worker).get().picture.alt == "En bassäng"
    assert not_a_picture.status_code == 422


def test_several_pictures_go_out_in_their_order_each_with_its_own_description(client, worker, comment):
    html = seen(client, thread_url(comment))
    undescribed = client.post(
        thread_url(comment), an_answer(comment, picture=a_png(), alt="En bassäng", picture_3=a_png("navy"))
    )
    unchosen = client.post(thread_url(comment), an_answer(comment, picture=a_png(), alt="En", alt_2="Två"))
    done = client.post(
        thread_url(comment),
        an_answer(
            comment, picture=a_png(), alt="En bassäng", who="nobody", picture_2=a_png("red"), alt_2="Ett torn",
            who_2="nobody", picture_4=a_png("navy"), alt_4="En skylt", who_4="interest",
        ),
    )  # fmt: skip

    assert len(re.findall(r'type="file"', html)) == 4
    assert "Beskriv bilden i ord" in body(undescribed)
    assert 'value="En bassäng"' in body(undescribed)
    assert "Välj bilderna en gång till" in body(undescribed)
    assert "Välj bilden som du har beskrivit" in body(unchosen)
    assert done.status_code == 302
    sent_out = PublicationPicture.objects.of(worker).order_by("place")
    assert [row.picture.alt for row in sent_out] == ["En bassäng", "Ett torn", "En skylt"]


def test_there_are_places_for_as_many_pictures_as_the_channel_takes(client, channel, comment):
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(limits={"max_pictures": 2})

    html = seen(client, thread_url(comment))

    assert len(re.findall(r'type="file"', html)) == 2


@pytest.mark.parametrize(
    ("text", "limits", "over"),
    [
        ("å" * 500, {}, None),  # the usual limit, with the signature and the name of whoever is answered
        ("å" * 500, {"max_length": 600}, 0),
        ("å" * 560, {"max_length": 600}, None),
        ("👩‍👩‍👧‍👧" * 400, {"max_length": 600}, 0),
        ("Se https://storkoping.example/" + "x" * 600, {"max_length": 100, "url_length": 23}, 0),
    ],
)
def test_an_answer_longer_than_the_channel_takes_is_refused_by_how_much_and_its_text_stays(
    client, worker, channel, comment, text, limits, over
):
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(limits=limits)
    most = limits.get("max_length", 500)

    answer = client.post(thread_url(comment), an_answer(comment, text))

    assert answer.status_code == (302 if over == 0 else 422)
    assert Publication.objects.of(worker).exists() == (over == 0)
    if over is None:
        told = re.search(r"Texten är (\d+) tecken för lång. Här får den vara (\d+)", body(answer))
        taken = len(" /Representative 1, Biblioteket")
        assert text + "</textarea>" in body(answer)
        assert abs(int(told[1]) - (len(text) + taken - int(told[2]))) <= 3
        assert int(told[2]) < most


@pytest.mark.parametrize(("limits", "most"), [({}, 500), ({"max_length": 5000}, 5000), ({"max_length": 90_000}, None)])
def test_the_counter_counts_to_what_the_channel_takes(client, channel, comment, limits, most):
    type(channel).objects.everywhere("test").filter(pk=channel.pk).update(limits=limits)

    shown = int(re.search(r'data-limit="(\d+)"', seen(client, thread_url(comment)))[1])

    assert shown == 10_000 if most is None else most - 100 < shown < most


def test_an_acknowledgement_that_is_too_long_is_refused_at_its_field(client, channel, comment):
    refused = client.post(step_url(comment, "sett"), sent(comment, text="å" * 600))

    assert refused.status_code == 422
    assert "tecken för lång" in body(refused)
    assert "å" * 600 + "</textarea>" in body(refused)


def test_a_saved_answer_is_put_after_what_is_written_and_nothing_is_sent(client, worker, comment):
    saved = actions.save_answer(actor=worker, title="Öppettider", text="Vi har öppet 9 till 20.")
    chosen = client.post(thread_url(comment), an_answer(comment, "Hej!", insert="valj"))
    put = client.post(thread_url(comment), an_answer(comment, "Hej!", insert=str(saved.uid)))

    assert "Öppettider" in body(chosen)
    assert "Hej! Vi har öppet 9 till 20.</textarea>" in body(put)
    assert not Publication.objects.of(worker).exists()


def test_a_private_question_says_that_the_answer_is_private(client, authority, channel):
    asked = a_comment(authority, "Kan ni ringa mig?", channel=channel, kind=Kind.MESSAGE, visibility=Visibility.PRIVATE)

    html = seen(client, thread_url(asked))

    assert "Svaret blir privat." in html
    assert "Privat" in html


def test_a_channel_kept_by_hand_leads_to_registering_the_answer(client, authority, unit, worker):
    channel = a_channel(authority, unit=unit, responsible=person_of(worker), platform=Platform.MANUAL)
    asked = a_comment(authority, "Hur gör jag?", channel=channel)

    html = seen(client, thread_url(asked))
    done = client.post(step_url(asked, "eget-svar"), sent(asked, text="Så här gör du.", url="https://x.example/1"))

    assert "Registrera ett svar du publicerat själv" in html
    assert "Publicera svaret" not in html
    assert done.status_code == 302
    assert reread(asked).state == State.DONE
