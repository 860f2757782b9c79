"""Where passwords lie and who reaches them, the quarterly look, and the ten points: kept with evidence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from narvaro.base.clock import frozen, now, today
from narvaro.channels import queries
from narvaro.channels.actions import custody as actions
from narvaro.channels.models import AccessReview, Custody
from narvaro.channels.queries import custody as reads
from narvaro.channels.rules import security
from narvaro.channels.rules.secrets import looks_like_secret
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead, filled, signed_in
from narvaro.core import actions as house
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Invalid, NotPermitted, Role, Stale

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


@pytest.fixture
def channel(authority):
    return a_channel(authority)


@pytest.fixture
def lead(authority):
    return a_lead(authority)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text",
    [
        "Sommar2024!", "lösenord: sommaren", "Lösenordet är k0rv", "pwd=abc", "h7Kd92mQx1", "abcd-efgh-ijkl-mnop",
        "Valvet, P@ssw0rd", "otpauth://totp/x?secret=JBSWY3DP", "https://u:p@valv.example/", "kod: 1234",
        "https://valv.example/#token=abcdef123456", "eyJhbGciOiJIUzI1NiJ9.x.y", "qwertyuiopasdfghjklzxcvbnm",
        "Korvstoppning77", "xKq!mWz",
    ],
)  # fmt: skip
def test_a_text_that_looks_like_a_password_is_seen(text):
    assert looks_like_secret(text)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text",
    [
        "", "Bitwarden, valvet Sociala medier, posten Facebook", "1Password: Kommunikation / Instagram",
        "KeePassXC på K:, gruppen Konton", "Lösenordet ligger i valvet", "https://valv.storkoping.example/poster/42",
        "post 0f8fad5b-d9cb-469f-a165-70867728950e", "kommunikation@storkoping.example",
        "Två i staben öppnar kuvertet i kassaskåpet och ringer 08-123 45 67", "KS 2026/123", "Dnr KS-2026-00123",
        "Kommunikationschef och it-säkerhetssamordnare", "Reservkoderna ligger i kassaskåpet.",
    ],
)  # fmt: skip
def test_where_a_password_lies_may_be_said(text):
    assert not looks_like_secret(text)


def test_the_vault_is_kept_and_a_password_is_refused_at_its_field_and_stored_nowhere(lead, channel):
    client, address = signed_in(lead), f"/kanaler/{channel.uid}/inloggning/andra/"
    values = {"vault": "Bitwarden, posten Instagram", "rotated_on": "2026-09-01", "recovery_owner": "Webbmaster"}
    answer = client.post(address, filled(client.get(address), **values))
    refused = client.post(address, filled(client.get(address), break_glass="Lösenord: Hemligt99"))

    kept = reads.custody_of(lead, channel)
    assert answer.status_code == 302
    assert (kept.vault, kept.recovery_owner, str(kept.rotated_on)) == tuple(
        values[key] for key in ("vault", "recovery_owner", "rotated_on")
    )
    assert refused.status_code == 422
    assert "ser ut som ett lösenord" in refused.content.decode()
    assert not Custody.objects.of(lead).exclude(break_glass="").exists()
    with pytest.raises(Stale):
        actions.keep_custody(actor=lead, channel=channel, vault="Ett annat", seen_version=0)


def test_only_who_keeps_or_audits_knows_where_it_lies(authority, channel):
    colleague = an_actor(authority, role=Role.REPRESENTATIVE, unit=a_unit(authority, "Simhallen"))
    address = f"/kanaler/{channel.uid}/inloggning/"

    seen = {
        role: signed_in(an_actor(authority, role=role)).get(address).status_code
        for role in (Role.EMPLOYEE, Role.REGISTRAR, Role.AUDITOR, Role.COMMUNICATIONS_LEAD)
    }

    assert seen == {Role.EMPLOYEE: 403, Role.REGISTRAR: 403, Role.AUDITOR: 200, Role.COMMUNICATIONS_LEAD: 200}
    assert signed_in(colleague).get(address).status_code == 403
    assert signed_in(a_lead(an_authority())).get(address).status_code == 404
    with pytest.raises(NotPermitted):
        actions.keep_custody(actor=an_actor(authority, role=Role.AUDITOR), channel=channel, vault="Valvet")


def test_the_quarterly_look_is_one_press_and_the_card_learns_of_it(
    authority, lead, channel, django_assert_max_num_queries
):
    staying, leaving = (
        person_of(an_actor(authority, role=Role.REPRESENTATIVE, unit=channel.unit)) for _number in range(2)
    )
    for person in (staying, leaving):
        actions.note_access(actor=lead, channel=channel, function="Redaktör", person=person, reaches_password=True)
    actions.note_access(actor=lead, channel=channel, function="Webbyrå")
    house.end_person(actor=an_actor(authority, role=Role.ADMINISTRATOR), person_uid=leaving.uid)
    client, address = signed_in(lead), f"/kanaler/{channel.uid}/inloggning/genomgang/"
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(address)

    client.post(address, filled(page, has_two_step="on", evidence="Plattformens lista, sedd i dag."))

    (review,) = reads.reviews(lead, channel)
    card = queries.card_of(lead, channel)
    assert review.administrators == card.administrators == 2
    assert [each["is_right"] for each in review.answers if each["person"] == leaving.pk] == [False]
    assert card.administrators_reviewed_on == card.two_step_verified_on == today()
    assert {row.person_id for row in reads.accesses(lead, [channel])[channel.pk]} == {staying.pk, None}
    lacking = {lack.key for lack in queries.lacks(lead, [channel])[channel.pk]}
    assert not lacking & {"access", "administrators", "two_step"}
    with frozen(now() + timedelta(days=93)):
        assert "access" in {lack.key for lack in queries.lacks(lead, [channel])[channel.pk]}
    with django_assert_max_num_queries(MOST_QUERIES):
        assert "Plattformens lista" in client.get(f"/kanaler/{channel.uid}/inloggning/").content.decode()


def test_a_look_that_was_made_is_never_changed(lead, channel):
    actions.note_access(actor=lead, channel=channel, function="Redaktör")
    review = actions.review_access(
        actor=lead, channel=channel, still_right=[], has_two_step=False, has_mailbox=False
    )  # fmt: skip

    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReview.objects.of(lead).filter(pk=review.pk).update(administrators=9)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReview.objects.of(lead).filter(pk=review.pk).delete()

    assert reads.reviews(lead, channel)[0].administrators == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"function": " "}, "function"),
        ({"function": "Sommar2024!"}, "function"),
        ({"function": "Redaktör", "steers": False}, "steers"),
    ],
)
def test_a_line_of_the_list_needs_a_function_that_does_something(lead, channel, values, field):
    with pytest.raises(Invalid) as refused:
        actions.note_access(actor=lead, channel=channel, **values)

    assert refused.value.field == field


def test_the_ten_points_need_evidence_and_keep_what_was_found_before(lead, channel, django_assert_max_num_queries):
    client, address = signed_in(lead), f"/kanaler/{channel.uid}/sakerhet/"
    with django_assert_max_num_queries(MOST_QUERIES):
        page = client.get(address)
    refused = client.post(address, filled(page, met_two_step="yes"))
    client.post(address, filled(client.get(address), met_two_step="yes", evidence_two_step="Inställningarna, sedda."))
    client.post(address, filled(client.get(address), met_mailbox="no"))

    found = reads.checks(lead, channel)
    assert len(security.POINTS) == 10
    assert refused.status_code == 422
    assert (found["two_step"].is_met, found["mailbox"].is_met, set(found)) == (True, False, {"two_step", "mailbox"})
    assert found["two_step"].again_on > today()
    assert queries.card_of(lead, channel).two_step_verified_on == today()
    assert "Säkerhet: 1 av 10 punkter" in client.get(f"/kanaler/{channel.uid}/inloggning/").content.decode()
