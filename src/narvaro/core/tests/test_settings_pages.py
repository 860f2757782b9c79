"""The authority's own settings: saved whole, refused in words, kept in the log."""

from __future__ import annotations

import io
from datetime import timedelta
from http import HTTPStatus

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from narvaro.base.clock import today
from narvaro.base.ids import uuid7
from narvaro.core import audit, jobs, queries
from narvaro.core.models import Heartbeat, Job, Letter
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.tests.pages import a_signed_in, send, words
from narvaro.core.types import Role

pytestmark = pytest.mark.django_db

HOURS = {"open_weekdays": ["1", "2", "3"], "open_from": "09:00", "open_until": "15:00", "answer_hours": "48"}


def a_picture(size: tuple[int, int] = (900, 300), kind: str = "PNG") -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", size, "#14596b").save(file, kind)
    return SimpleUploadedFile("logo.bin", file.getvalue())


def test_hours_and_goal_are_saved_and_logged():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)

    send(a_signed_in(administrator), "hours", **HOURS)

    found = queries.authority_of(administrator)
    assert (found.open_weekdays, found.answer_hours, f"{found.open_until:%H.%M}") == ("123", 48, "15.00")
    (entry,) = audit.history(administrator, found)
    assert entry.facts["fields"] == ["answer_hours", "open_from", "open_until", "open_weekdays"]


def test_closing_before_opening_is_refused_at_its_field_and_nothing_is_lost():
    administrator = an_actor(an_authority(), role=Role.ADMINISTRATOR)

    answer = send(a_signed_in(administrator), "hours", **{**HOURS, "open_until": "08:00"})

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Stängningstiden ska vara efter öppningstiden" in words(answer)
    assert 'value="09:00"' in words(answer)


def test_a_notice_without_words_is_refused():
    administrator = an_actor(an_authority(), role=Role.ADMINISTRATOR)

    answer = send(a_signed_in(administrator), "hours", **HOURS, unstaffed_notice="on")

    assert "Skriv vad det automatiska svaret ska säga" in words(answer)


@pytest.mark.parametrize(("number", "is_taken"), [("0123-45 67 89", True), ("+46 123 456 78", True), ("jouren", False)])
def test_the_social_emergency_number_is_saved_when_it_can_be_called(number, is_taken):
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    answer = send(client, "authority", name="Storköping", social_emergency_phone=number)

    authority.refresh_from_db()
    assert authority.social_emergency_phone == (number if is_taken else "")
    assert ("Skriv ett telefonnummer med siffror" in words(answer)) == (not is_taken)
    assert f'value="{number}"' in words(answer)


def test_what_somebody_changed_meanwhile_is_not_overwritten():
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    send(client, "authority", name="Först", seen_version=1)
    late = send(client, "authority", name="Sedan", seen_version=1)

    authority.refresh_from_db()
    assert late.status_code == HTTPStatus.CONFLICT
    assert authority.name == "Först"


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can():
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    pale = send(client, "appearance", primary_colour="#ffee88")
    dark = send(client, "appearance", primary_colour="#14596b")

    assert pale.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Närmaste nyans som fungerar är #" in words(pale)
    assert dark.status_code == HTTPStatus.OK
    authority.refresh_from_db()
    assert authority.primary_colour == "#14596b"


def test_an_accent_needs_less_contrast_than_text_and_colours_what_only_marks():
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    pale = send(client, "appearance", accent_colour="#ffee88")
    clear = send(client, "appearance", primary_colour="#14596b", accent_colour="#C2410C")

    assert "linjer och märken" in words(pale)
    assert clear.status_code == HTTPStatus.OK
    style = client.get(reverse("theme")).content.decode()
    assert "--n-accent: #c2410c" in style


def test_an_accent_alone_leaves_the_other_colours_as_they_are():
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    send(client, "appearance", accent_colour="#c2410c")

    style = client.get(reverse("theme")).content.decode()
    assert "--n-accent: #c2410c" in style
    assert "--n-primary:" not in style


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_small_and_can_be_taken_away(kind):
    authority = an_authority()
    client = a_signed_in(an_actor(authority, role=Role.ADMINISTRATOR))

    send(client, "appearance", logo=a_picture(kind=kind))
    authority.refresh_from_db()
    with Image.open(io.BytesIO(bytes(authority.logo))) as drawn:
        size, stored_as = drawn.size, drawn.format
    send(client, "appearance", remove_logo="on")
    authority.refresh_from_db()

    assert (size, stored_as) == ((360, 120), "PNG")
    assert authority.logo is None


@pytest.mark.parametrize(
    "bytes_",
    [b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", b"", b"\x89PNG\r\n\x1a\n" + b"\0" * 99],
)
def test_what_is_no_picture_is_refused_in_words(bytes_):
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answer = send(client, "appearance", logo=SimpleUploadedFile("logo.png", bytes_))

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_picture_of_too_many_points_is_refused():
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answer = send(client, "appearance", logo=a_picture((5000, 5000)))

    assert "för många bildpunkter" in words(answer)


def test_p21_a_closed_day_counts_and_can_be_taken_back_and_forth():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    client, day = a_signed_in(administrator), today() + timedelta(days=10)

    send(client, "closed_days", on=day.isoformat(), why="Klämdag")
    closed = day in queries.calendar_for(authority).closed_days
    opened = send(client, "open_day", day)
    undo = opened.context["undo"]
    client.post(undo["url"], dict(undo["fields"]))

    assert closed
    assert [(d.on, d.why) for d in queries.closed_days(administrator)] == [(day, "Klämdag")]


def test_a_day_that_has_been_is_refused():
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answer = send(client, "closed_days", on="2020-01-02", why="För sent")

    assert "Dagen har redan varit" in words(answer)


def test_those_who_only_read_see_facts_and_no_form():
    page = a_signed_in(an_actor(an_authority(), role=Role.AUDITOR)).get(reverse("core:hours"))

    assert "Bemannade dagar" in words(page)
    assert 'name="answer_hours"' not in words(page)


def test_one_more_authority_is_chosen_and_worked_in():
    home = an_authority()
    administrator = an_actor(home, role=Role.ADMINISTRATOR)
    client = a_signed_in(administrator)

    send(client, "add_authority", name="Bildningsnämnden")
    board = next(a for a in queries.authorities_of(person_of(administrator)) if a.pk != home.pk)
    client.post(reverse("core:change_authority"), {"authority": str(board.uid)})

    page = client.get(reverse("core:authority"))
    assert page.context["authority"] == board
    assert board.organisation_id == home.organisation_id


def test_an_authority_that_one_does_not_serve_looks_missing():
    stranger = an_authority("Lillköping")
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answer = client.post(reverse("core:change_authority"), {"authority": str(stranger.uid)})

    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_p05_a_silent_worker_is_told_and_a_living_one_too():
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    silent = words(client.get(reverse("core:operations")))
    Heartbeat.objects.create(worker="w", at=jobs.real_now())
    living = words(client.get(reverse("core:operations")))

    assert "står still" in silent
    assert "Arbetet i bakgrunden går" in living


def test_work_that_was_given_up_is_shown_without_its_words_and_started_again():
    job = Job.objects.create(
        name="narvaro.records.tasks.capture", state=Job.State.DEAD, run_after=jobs.real_now(), attempts=8,
        created_at=jobs.real_now(), finished_at=jobs.real_now(), last_error="Traceback\nValueError: Kalle skrev något",
    )  # fmt: skip
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    page = words(client.get(reverse("core:operations")))
    send(client, "retry_job", job.uid)

    assert "ValueError" in page
    assert "Kalle" not in page
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.READY, 0)


def test_a_stuck_letter_is_shown_and_sent_again():
    authority = an_authority()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)
    letter = Letter.objects.create(
        authority=authority, kind="reminder", to_address="a@storkoping.example", subject="Svara i dag", body="",
        not_before=jobs.real_now(), once_key="1", attempts=12, last_error="Servern svarade inte",
        lease_until=jobs.real_now() + timedelta(hours=4),
    )  # fmt: skip
    client = a_signed_in(administrator)

    page = words(client.get(reverse("core:operations")))
    send(client, "send_letter_again", letter.uid)

    assert "Svara i dag" in page
    found = Letter.objects.of(administrator).get()
    assert (found.attempts, found.lease_until) == (0, None)


def test_an_unknown_job_or_letter_looks_missing():
    client = a_signed_in(an_actor(an_authority(), role=Role.ADMINISTRATOR))

    answers = [send(client, "retry_job", uuid7()), send(client, "send_letter_again", uuid7())]

    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}
