"""What the pages of the inbox promise, asked through Django's own client."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.testing import a_channel
from narvaro.channels.types import Platform
from narvaro.connectors.port import Author, Kind, Visibility
from narvaro.core.models import Letter
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.inbox import actions, queries
from narvaro.inbox.models import Escalation, Incoming, Note
from narvaro.inbox.testing import a_comment, reread
from narvaro.inbox.types import Outcome, State
from narvaro.publishing.models import Publication, PublicationPicture
from narvaro.records.models import RegistryEntry

pytestmark = pytest.mark.django_db
EVERY_QUERY = 12
HEAVIEST_BYTES = 60_000


def signed_in(actor):
    client = Client()
    client.force_login(person_of(actor), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def unit(authority):
    return a_unit(authority)


@pytest.fixture
def worker(authority, unit):
    return an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)


@pytest.fixture
def channel(authority, unit, worker):
    return a_channel(authority, unit=unit, responsible=person_of(worker))


@pytest.fixture
def comment(authority, channel):
    return a_comment(authority, "När öppnar simhallen på lördag?", channel=channel)


@pytest.fixture
def client(worker):
    return signed_in(worker)


def body(response):
    return re.sub(r"\s+", " ", response.content.decode())


def thread_url(incoming, query=""):
    return reverse("inbox:thread", args=[incoming.uid]) + query


def step_url(incoming, name, query=""):
    return reverse("inbox:step", args=[incoming.uid, name]) + query


def sent(incoming, **values):
    return {"intent": str(uuid7()), "seen_version": incoming.version, **values}


def an_answer(incoming, text="Vi öppnar klockan nio.", **values):
    return sent(incoming, kind="answer", text=text, **values)


def seen(client, url):
    answer = client.get(url)
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return body(answer)


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_a_list_shows_who_wrote_what_where_and_by_when(client, comment):
    html = seen(client, reverse("inbox:inbox"))

    assert "En medborgare" in html
    assert "När öppnar simhallen på lördag?" in html
    assert comment.channel.name in html
    assert 'class="deadline' in html
    assert "thread-row--unread" in html


@pytest.mark.parametrize("name", ["mina", "enhet", "utan", "sena", "akuta", "vilande", "alla", "klara"])
def test_every_list_can_be_opened_and_says_kindly_when_it_is_empty(client, name):
    html = seen(client, f"{reverse('inbox:inbox')}?lista={name}")

    assert 'class="empty' in html
    assert 'aria-current="page"' in html


def test_a_list_that_is_none_of_ours_is_refused_with_a_sentence(client):
    answer = client.get(f"{reverse('inbox:inbox')}?lista=hemlig")

    assert answer.status_code == 422
    assert "Den listan finns inte" in body(answer)


def test_what_is_missing_or_none_of_ours_leads_to_the_inbox(client, comment):
    for url in (
        f"{reverse('inbox:inbox')}?lista=nya", thread_url(comment, "?lista=nya"),
        reverse("inbox:thread", args=[uuid4()]), reverse("inbox:step", args=[uuid4(), "vila"]),
    ):  # fmt: skip
        answer = client.get(url)
        assert answer.status_code in (404, 422), url
        assert 'class="button button--primary" href="/inkorg/"' in body(answer), url


def test_every_item_is_reached_by_paging(client, authority, channel):
    wanted = {str(a_comment(authority, f"Fråga nummer {n}?", channel=channel).uid) for n in range(30)}
    found, url = set(), f"{reverse('inbox:inbox')}?lista=alla"
    for _ in range(5):
        html = seen(client, url)
        found |= set(re.findall(r'id="t-([0-9a-f-]{36})"', html))
        more = re.search(r'href="([^"]+)" rel="next"', html)
        if more is None:
            break
        url = more[1].replace("&amp;", "&")

    assert found == wanted


def test_the_list_and_how_far_down_stay_in_the_address(client, comment):
    html = seen(client, f"{reverse('inbox:inbox')}?lista=alla")

    assert f"/inkorg/{comment.uid}/?lista=alla#" in html


def test_polling_answers_with_nothing_until_something_changes(client, worker, authority, channel, comment):
    url = reverse("inbox:live_list")
    token = re.search(r'data-poll-token="([^"]+)"', seen(client, f"{url}?lista=alla"))[1]
    still = client.get(url, {"lista": "alla", "token": token})
    a_comment(authority, "En ny fråga?", channel=channel)
    changed = client.get(url, {"lista": "alla", "token": token})

    assert still.status_code == 204
    assert changed.status_code == 200
    assert "En ny fråga?" in body(changed)
    assert 'id="list"' in body(changed)


def test_what_is_urgent_stands_first_with_whom_it_has_reached(client, authority, channel):
    a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)

    html = seen(client, reverse("inbox:inbox"))

    assert html.index('id="alarms"') < html.index('id="threads"')
    assert "Risk för självmord" in html


# --- Several at once -------------------------------------------------------------------------------------------------


def test_several_are_marked_at_once_and_can_be_taken_back(client, authority, channel):
    rows = [a_comment(authority, f"Tack för {n}", channel=channel) for n in range(3)]
    uids = [str(row.uid) for row in rows]

    done = client.post(
        reverse("inbox:bulk") + "?lista=alla", {"intent": str(uuid7()), "item": uids, "steg": "inget-svar"}
    )
    html = seen(client, done["Location"])
    after = {reread(row).outcome for row in rows}
    undone = client.post(reverse("inbox:undo_bulk") + "?lista=alla", {"intent": str(uuid7()), "item": uids})

    assert after == {Outcome.NO_ANSWER_NEEDED}
    assert "Ångra" in html
    assert "3 markerade: inget svar behövs." in html
    assert undone.status_code == 302
    assert {reread(row).state for row in rows} == {State.OPEN}
    assert "De är som de var" in seen(client, undone["Location"])


def test_a_bulk_step_says_what_it_left_as_it_was(client, worker, authority, channel):
    rows = [a_comment(authority, f"Fråga {n}?", channel=channel) for n in range(2)]
    actions.mark_no_answer_needed(actor=worker, uid=rows[0].uid)
    uids = [str(row.uid) for row in rows]

    done = client.post(reverse("inbox:bulk"), {"intent": str(uuid7()), "item": uids, "steg": "besvarad"})

    html = seen(client, done["Location"])
    assert "1 lämnades som den var" in html
    assert "Markerad: besvarad av annan." in html
    assert reread(rows[0]).outcome == Outcome.NO_ANSWER_NEEDED


def test_the_same_bulk_step_sent_twice_is_refused_and_does_nothing_twice(client, comment):
    posted = {"intent": str(uuid7()), "item": [str(comment.uid)], "steg": "besvarad"}
    first = client.post(reverse("inbox:bulk"), posted)
    second = client.post(reverse("inbox:bulk"), posted)

    assert first.status_code == 302
    assert second.status_code == 409
    assert "redan gjort" in body(second)


@pytest.mark.parametrize("name", ["tilldela", "vidare", "vila"])
def test_a_bulk_step_that_needs_more_asks_first(client, authority, comment, name):
    other, colleague = a_unit(authority, "Simhallen"), None
    colleague = an_actor(authority, role=Role.DEPUTY, unit=other)
    posted = {"intent": str(uuid7()), "item": [str(comment.uid)], "steg": name}

    question = client.post(reverse("inbox:bulk"), posted)
    empty = client.post(reverse("inbox:bulk"), posted | {"klar": "1"})
    answers = {
        "tilldela": {"person_uid": str(person_of(colleague).uid)},
        "vidare": {"unit_uid": str(other.uid)},
        "vila": {"when": "tomorrow"},
    }
    done = client.post(reverse("inbox:bulk"), posted | {"klar": "1"} | answers[name])

    assert question.status_code == 200
    assert str(comment.uid) in body(question)
    assert empty.status_code == 422
    assert done.status_code == 302
    row = reread(comment)
    assert {
        "tilldela": row.person_id == colleague.person_id,
        "vidare": row.unit_id == other.pk,
        "vila": row.state == State.SNOOZED,
    }[name]


def test_addresses_that_are_only_sent_to_lead_back_when_a_sign_in_opens_them(client, authority, worker, comment):
    an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    actions.escalate(actor=worker, uid=comment.uid, text="Vad gör vi?")
    note = actions.add_note(actor=worker, uid=comment.uid, text="Internt.")
    answer = actions.answer(actor=worker, uid=comment.uid, text="Nio.")
    thread, lists = f"/inkorg/{comment.uid}/?lista=mina", "/inkorg/?lista=mina"

    for name, args, back in (
        ("bulk", [], lists), ("undo_bulk", [], lists), ("discuss", [comment.uid], f"{thread}#samtal"),
        ("decide", [comment.uid], f"{thread}#samtal"), ("file_note", [note.uid], thread),
        ("undo_answer", [answer.uid], f"/publicerat/{answer.uid}/"),
    ):  # fmt: skip
        assert client.get(reverse(f"inbox:{name}", args=args))["Location"] == back, name
    assert Note.objects.of(worker).get().kept_item_id is None


def test_a_bulk_step_with_nothing_chosen_goes_back_to_the_list(client):
    answer = client.post(reverse("inbox:bulk") + "?lista=sena", {"steg": "inget-svar"})

    assert answer["Location"] == "/inkorg/?lista=sena"


# --- One thread ------------------------------------------------------------------------------------------------------


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
        an_answer(comment, picture=SimpleUploadedFile("bad.png", content.getvalue()), alt="En bassäng"),
    )
    not_a_picture = client.post(
        thread_url(comment), an_answer(reread(comment), picture=SimpleUploadedFile("x.png", b"nej"), alt="x")
    )

    assert refused.status_code == 422
    assert "Beskriv bilden i ord" in body(refused)
    assert done.status_code == 302
    assert PublicationPicture.objects.of(worker).get().picture.alt == "En bassäng"
    assert not_a_picture.status_code == 422


def a_png(colour="teal"):
    content = io.BytesIO()
    Image.new("RGB", (20, 20), colour).save(content, "PNG")
    return SimpleUploadedFile("bild.png", content.getvalue())


def test_several_pictures_go_out_in_their_order_each_with_its_own_description(client, worker, comment):
    html = seen(client, thread_url(comment))
    undescribed = client.post(
        thread_url(comment), an_answer(comment, picture=a_png(), alt="En bassäng", picture_3=a_png("navy"))
    )
    unchosen = client.post(thread_url(comment), an_answer(comment, picture=a_png(), alt="En", alt_2="Två"))
    done = client.post(
        thread_url(comment),
        an_answer(
            comment, picture=a_png(), alt="En bassäng", picture_2=a_png("red"), alt_2="Ett torn",
            picture_4=a_png("navy"), alt_4="En skylt",
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


# --- Steps -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "outcome"), [("inget-svar", Outcome.NO_ANSWER_NEEDED), ("besvarad", Outcome.ANSWERED_BY_OTHER)]
)
def test_one_key_closes_and_goes_on_to_the_next(client, authority, channel, comment, name, outcome):
    following = a_comment(authority, "Och söndag?", channel=channel)

    done = client.post(step_url(comment, name, "?lista=mina"), sent(comment, nasta=str(following.uid)))
    html = seen(client, done["Location"])

    assert reread(comment).outcome == outcome
    assert done["Location"].startswith(f"/inkorg/{following.uid}/?lista=mina")
    assert "Ångra" in html
    assert "Och söndag?" in html


def test_a_step_that_goes_on_offers_to_take_it_back_in_the_pane_that_a_phone_shows(client, authority, channel, comment):
    following = a_comment(authority, "Och på söndag?", channel=channel)

    done = client.post(step_url(comment, "inget-svar"), sent(comment, nasta=str(following.uid)))
    html = seen(client, done["Location"])

    assert html.count("Markerad: inget svar behövs. Här är nästa i listan.") == 1
    assert html.index('id="thread"') < html.index("Här är nästa i listan.")


def test_the_keys_are_on_the_page(client, comment):
    html = seen(client, thread_url(comment))

    assert set(re.findall(r'data-key="(.)"', html)) >= {"r", "a", "e", "n", "b"}


def test_a_stale_step_is_refused(client, authority, unit, comment):
    posted = sent(comment)
    actions.take(actor=an_actor(authority, role=Role.DEPUTY, unit=unit), uid=comment.uid)

    refused = client.post(step_url(comment, "inget-svar"), posted)

    assert refused.status_code == 409
    assert reread(comment).state == State.OPEN


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("inget-svar", {}), ("besvarad", {}), ("ta", {}), ("vila", {"when": "soon"}),
        ("annan-myndighet", {"authority": "Regionen"}), ("sett", {"text": "Vi har sett det."}),
        ("registrator", {"note": "Fråga.", "is_done": "on"}),
    ],
)  # fmt: skip
def test_a_step_while_an_answer_is_on_its_way_says_what_to_do_and_leads_back(client, worker, comment, name, values):
    client.post(thread_url(comment), an_answer(comment))

    refused = client.post(step_url(comment, name, "?lista=alla"), sent(reread(comment), **values))

    assert refused.status_code == 409
    assert "Vänta tills det är publicerat, eller ångra det" in body(refused)
    assert f'href="/inkorg/{comment.uid}/?lista=alla"' in body(refused)
    assert all(value in body(refused) for value in values.values() if value not in ("soon", "on"))
    assert reread(comment).state == State.ANSWERING
    assert Publication.objects.of(worker).count() == 1


def test_every_refused_step_leads_back_to_its_thread(client, authority, worker, comment):
    twice, stale = sent(comment), sent(comment)
    client.post(step_url(comment, "ta"), twice)
    note = actions.add_note(actor=worker, uid=comment.uid, text="Internt.")
    client.post(thread_url(comment), an_answer(reread(comment)))
    publication = Publication.objects.of(worker).get()
    Publication.objects.of(worker).update(state="attempting")
    auditor = signed_in(an_actor(authority, role=Role.AUDITOR))

    refused = [
        client.post(step_url(comment, "ta"), twice),
        client.post(step_url(comment, "inget-svar"), stale | {"intent": str(uuid7())}),
        client.post(reverse("inbox:undo_answer", args=[publication.uid]), {"intent": str(uuid7())}),
        auditor.post(step_url(comment, "inget-svar"), sent(reread(comment))),
        auditor.post(reverse("inbox:file_note", args=[note.uid]), {"intent": str(uuid7())}),
        auditor.post(thread_url(comment), an_answer(reread(comment))),
    ]

    assert [answer.status_code for answer in refused] == [409, 409, 409, 403, 403, 403]
    for answer in refused:
        assert f'href="/inkorg/{comment.uid}/?lista=' in body(answer)


def test_an_opened_link_to_a_one_click_step_does_nothing(client, comment):
    answer = client.get(step_url(comment, "inget-svar"))

    assert answer.status_code == 302
    assert reread(comment).state == State.OPEN


def test_an_urgent_item_shows_numbers_and_a_reply_and_is_taken_with_one_press(client, worker, authority, channel):
    urgent = a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)

    html = seen(client, thread_url(urgent))
    taken = client.post(step_url(urgent, "akut"), sent(urgent))
    after = seen(client, taken["Location"])
    reply = client.post(thread_url(urgent), an_answer(reread(urgent), "", insert="akut"))

    for number in ("112", "1177", "90101"):
        assert f"<strong>{number}</strong>" in html
    assert "Jag tar den" in html
    assert "har tagit den" in after
    assert "Du är inte ensam" in body(reply)


@pytest.mark.parametrize("number", ["", "0123-45 67 89"])
def test_the_card_shows_the_social_emergency_number_or_that_112_puts_people_through(client, authority, channel, number):
    authority.social_emergency_phone = number
    authority.save()
    in_need = a_comment(authority, "Jag orkar inte leva längre, jag ska ta mitt liv i kväll.", channel=channel)
    threat = a_comment(authority, "Jag ska döda dig, handläggare.", channel=channel)

    card, other = seen(client, thread_url(in_need)), seen(client, thread_url(threat))

    assert ('href="tel:0123456789"' in card) == bool(number)
    assert ("vid fara för liv, och socialjouren utanför kontorstid" in card) == (not number)
    assert "vår socialjour" not in other
    assert len(cost(client, thread_url(in_need))) <= EVERY_QUERY


def test_every_step_that_asks_shows_its_question(client, comment):
    from narvaro.inbox.views.steps import QUESTIONS

    for name in QUESTIONS:
        answer = client.get(step_url(comment, name))
        assert answer.status_code == 200, name
        assert "<h1>" in body(answer)


def test_assigning_passing_on_and_resting(client, authority, comment):
    other = a_unit(authority, "Simhallen")
    colleague = an_actor(authority, role=Role.DEPUTY, unit=other)
    client.post(step_url(comment, "tilldela"), sent(comment, person_uid=str(person_of(colleague).uid)))
    assigned = reread(comment).person_id
    client.post(step_url(comment, "vidare"), sent(reread(comment), unit_uid=str(other.uid), why="De vet."))
    passed = reread(comment).unit_id
    unset = client.post(step_url(comment, "vila"), sent(reread(comment), when="day"))
    client.post(step_url(comment, "vila"), sent(reread(comment), when="soon"))

    assert assigned == colleague.person_id
    assert passed == other.pk
    assert unset.status_code == 422
    assert reread(comment).state == State.SNOOZED


def test_acknowledging_keeps_the_question_open_and_referring_leads_elsewhere(client, worker, comment):
    shown = seen(client, step_url(comment, "sett"))
    client.post(step_url(comment, "sett"), sent(comment, text="Tack, vi återkommer."))
    after = reread(comment)
    client.post(step_url(comment, "hanvisa"), sent(after, to="phone", target="0123-45 67 89", text=""))

    assert "Tack, vi har sett din fråga" in shown
    assert after.acknowledged_at is not None
    assert after.state == State.OPEN
    assert "0123-45 67 89" in Publication.objects.of(worker).order_by("-pk")[0].text


@pytest.mark.parametrize(("name", "values"), [("sett", {}), ("hanvisa", {"to": "phone", "target": "0123-45 67 89"})])
def test_what_reads_as_a_decision_is_asked_about_once_also_where_it_is_a_referral_or_a_notice(
    client, worker, comment, name, values
):
    text = "Vi beviljar din ansökan om bygglov."
    page = client.get(step_url(comment, name))
    asked = client.post(step_url(comment, name), sent(comment, text=text, **values))
    agreed = client.post(step_url(comment, name), sent(comment, text=text, agreed="on", **values))

    assert "Jag har läst det och vill publicera ändå" not in body(page)
    assert asked.status_code == 422
    assert "Jag har läst det och vill publicera ändå" in body(asked)
    assert agreed.status_code == 302
    assert Publication.objects.of(worker).count() == 1


@pytest.mark.parametrize(("name", "values"), [("sett", {}), ("hanvisa", {"to": "phone", "target": "0123-45 67 89"})])
def test_gdpr_7_personal_data_stops_every_step_that_publishes(client, worker, comment, name, values):
    text = "Vi ser på ärendet för 19811218-9876."

    refused = client.post(step_url(comment, name), sent(comment, text=text, **values))

    assert refused.status_code == 422
    assert text in body(refused)
    assert not Publication.objects.of(worker).exists()


def test_the_registrar_gets_the_thread_with_an_edited_note(client, worker, comment):
    shown = seen(client, step_url(comment, "registrator"))
    client.post(step_url(comment, "registrator"), sent(comment, note="Fråga om öppettider."))

    assert "inkommen" in shown
    assert RegistryEntry.objects.of(worker).get().suggested_note == "Fråga om öppettider."


def test_criticism_is_put_before_the_nearest_manager_who_decides(client, authority, unit, worker, comment):
    manager = an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    client.post(step_url(comment, "chef"), sent(comment, text="Ska vi svara på det här?"))
    escalation = Escalation.objects.of(worker).get()
    boss = signed_in(manager)
    html = seen(boss, thread_url(comment))
    boss.post(reverse("inbox:discuss", args=[comment.uid]), {"talk-intent": str(uuid7()), "talk-text": "Ja, kort."})
    decided = boss.post(
        reverse("inbox:decide", args=[comment.uid]),
        {"decide-intent": str(uuid7()), "decide-decision": "answer", "decide-seen_version": escalation.version},
    )
    after = seen(client, thread_url(comment))

    assert "Ska vi svara på det här?" in html
    assert decided.status_code == 302
    assert "Ja, kort." in after
    assert "Vi svarar" in after


def test_what_is_written_to_the_manager_and_by_the_manager_comes_back_with_its_fault(
    client, authority, unit, worker, comment
):
    boss = signed_in(an_actor(authority, role=Role.UNIT_MANAGER, unit=unit))
    client.post(step_url(comment, "chef"), sent(comment, text="Ska vi svara?"))
    long = "Ett långt inlägg. " * 400
    talk, decide = (reverse(f"inbox:{name}", args=[comment.uid]) for name in ("discuss", "decide"))

    said = client.post(talk, {"talk-intent": str(uuid7()), "talk-text": long})
    decided = boss.post(decide, {"decide-intent": str(uuid7()), "decide-text": "Därför att det brådskar."})

    assert (said.status_code, decided.status_code) == (422, 422)
    assert long.strip() in said.content.decode()
    assert "Därför att det brådskar." in body(decided)
    for answer in (said, decided):
        assert 'class="message-box message-box--error error-summary"' in body(answer)
    boss.post(decide, {"decide-intent": str(uuid7()), "decide-decision": "answer"})
    assert client.post(talk, {"talk-intent": str(uuid7()), "talk-text": "Sent."}).status_code == 409


def test_a_colleague_without_an_account_answers_once_behind_a_link(client, comment):
    client.post(step_url(comment, "sakkunnig"), sent(comment, to_address="vet@storkoping.example", question="När?"))
    letter = Letter.objects.everywhere("test").get(to_address="vet@storkoping.example")
    path = re.search(r"https?://[^/\s]+(/\S+)", letter.body)[1]
    stranger = Client()
    html = seen(stranger, path)
    empty = stranger.post(path, {"name": "", "text": ""})
    thanks = stranger.post(path, {"name": "Badmästaren", "text": "Klockan nio."})
    used = stranger.get(path)

    assert path.startswith("/fraga/")
    assert "När öppnar simhallen på lördag?" in html
    assert empty.status_code == 422
    assert "Tack för hjälpen" in body(thanks)
    assert used.status_code == 404
    assert "gäller inte längre" in body(used)
    assert "Klockan nio." in seen(client, thread_url(comment))


def test_what_is_sealed_shows_no_text_anywhere(client, worker, comment):
    client.post(step_url(comment, "forsegla"), sent(comment, why="Misstänkt material."))

    for url in (thread_url(comment), f"{reverse('inbox:inbox')}?lista=alla", step_url(comment, "tilldela")):
        html = seen(client, url)
        assert "När öppnar simhallen" not in html
        assert "En medborgare" not in html


# --- Who may what ----------------------------------------------------------------------------------------------------


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


# --- Hostile words ---------------------------------------------------------------------------------------------------


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


# --- Cost ------------------------------------------------------------------------------------------------------------


def cost(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [q["sql"][:160] for q in captured.captured_queries]


def test_a_list_costs_the_same_few_queries_whatever_it_shows(client, authority, channel, worker):
    empty = cost(client, f"{reverse('inbox:inbox')}?lista=alla")
    for n in range(12):
        a_comment(authority, f"Fråga {n}?", channel=channel)
    a_comment(authority, "Jag ska ta mitt liv i kväll.", channel=channel)
    full = cost(client, f"{reverse('inbox:inbox')}?lista=alla")

    assert len(full) <= EVERY_QUERY, "\n".join(full)
    assert len(full) <= len(empty) + 3


def test_a_thread_costs_few_queries_whatever_hangs_there(client, authority, unit, channel, worker):
    an_actor(authority, role=Role.UNIT_MANAGER, unit=unit)
    asked = a_comment(authority, "Första frågan?", channel=channel, remote_id="root", root_remote_id="root")
    plain = cost(client, thread_url(asked))
    for n in range(8):
        a_comment(
            authority, f"Följdfråga {n}?", channel=channel, remote_id=f"f{n}", parent_remote_id="root",
            root_remote_id="root",
        )  # fmt: skip
    actions.add_note(actor=worker, uid=asked.uid, text="En anteckning.")
    actions.escalate(actor=worker, uid=asked.uid, text="Vad tycker du?")
    actions.ask_expert(actor=worker, uid=asked.uid, to_address="vet@storkoping.example", question="När?")
    actions.answer(actor=worker, uid=asked.uid, text="Nio.")
    full = cost(client, thread_url(asked))

    assert len(full) <= EVERY_QUERY, "\n".join(full)
    assert len(plain) <= EVERY_QUERY


def test_pages_are_light(client, authority, channel):
    for n in range(25):
        a_comment(authority, f"Fråga {n}, med en rad text som är lagom lång för att likna en riktig?", channel=channel)
    asked = a_comment(authority, "Den sista frågan?", channel=channel)

    assert len(client.get(f"{reverse('inbox:inbox')}?lista=alla").content) < HEAVIEST_BYTES
    assert len(client.get(thread_url(asked, "?lista=alla")).content) < 2 * HEAVIEST_BYTES


def test_a_late_item_says_since_when(client, authority, unit, worker):
    channel = a_channel(
        authority, unit=unit, responsible=person_of(worker), in_operation_from=now() - timedelta(days=60)
    )
    a_comment(authority, "När öppnar ni?", channel=channel, at=now() - timedelta(days=20))

    assert "försenad sedan" in seen(client, f"{reverse('inbox:inbox')}?lista=alla")


def test_sealing_needs_a_reason(client, comment):
    refused = client.post(step_url(comment, "forsegla"), sent(comment, why=""))

    assert refused.status_code == 422
    assert 'class="error-list' in body(refused)
    assert reread(comment).item.sealed_at is None


@pytest.mark.parametrize("name", ["mina", "enhet", "utan", "alla"])
def test_somebody_in_four_units_costs_no_more(authority, name):
    units = [a_unit(authority, unit) for unit in ("Biblioteket", "Simhallen", "Gatukontoret", "Kansliet")]
    in_four = an_actor(authority, role=Role.REPRESENTATIVE, unit=units[0])
    for unit in units[1:]:
        an_actor(authority, role=Role.DEPUTY, unit=unit, person=person_of(in_four))
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    for unit in units:
        channel = a_channel(authority, unit=unit)
        asked = a_comment(authority, f"När öppnar {unit.name}?", channel=channel)
    a_comment(authority, "Jag ska ta mitt liv i kväll.", channel=channel)

    for actor in (in_four, lead):
        client = signed_in(actor)
        for url in (f"{reverse('inbox:inbox')}?lista={name}", thread_url(asked, f"?lista={name}")):
            spent = cost(client, url)
            assert len(spent) <= EVERY_QUERY, "\n".join(spent)
        if name == "enhet":
            html = seen(client, f"{reverse('inbox:inbox')}?lista=enhet")
            assert all(f"När öppnar {unit.name}?" in html for unit in units)
