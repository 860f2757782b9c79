"""Own words lift up comments: tried before they are switched on, read from then on, and no ground by themselves."""

from __future__ import annotations

import pytest
from django.urls import reverse

from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import Author, Kind, Visibility
from narvaro.core import audit
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role, Stale
from narvaro.policy import actions, queries
from narvaro.policy.testing import a_rule
from narvaro.records import actions as records
from narvaro.records.testing import a_kept, a_page, an_item
from narvaro.screening import Direction, Severity, screen
from narvaro.screening.finding import Context

pytestmark = pytest.mark.django_db
EVERY_QUERY = 12


def heard(authority, text: str) -> list[str]:
    own = queries.words_listened_for(authority.pk)
    return [f.sentence for f in screen(text, direction=Direction.INCOMING, context=Context(own_rules=own))
            if f.area == "own"]  # fmt: skip


def test_a_new_list_is_off_until_somebody_has_seen_what_it_finds(authority, lead):
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*")
    before = heard(authority, "Riv älgparken!")

    actions.switch_words(actor=lead, uid=row.uid, on=True, seen_version=row.version)

    assert before == []
    assert heard(authority, "Riv älgparken!") == ["Älgparken"]
    assert heard(authority, "Riv ALGPARKEN") == ["Älgparken"]


def test_a_changed_list_is_off_again_and_one_that_is_taken_away_is_not_listened_for(authority, lead):
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*")
    actions.switch_words(actor=lead, uid=row.uid, on=True)
    changed = actions.change_words(actor=lead, uid=row.uid, name="Älgparken", words="björnpark*")

    assert not changed.is_on
    assert heard(authority, "björnparken") == []
    actions.switch_words(actor=lead, uid=row.uid, on=True)
    assert heard(authority, "björnparken") == ["Älgparken"]
    actions.end_words(actor=lead, uid=row.uid)
    assert heard(authority, "björnparken") == []
    with pytest.raises(NotFound):
        queries.own_words_for(lead, row.uid)
    assert next(entry.verb for entry in audit.history(lead, row)) == "policy.end_words"


def minded(lead, text: str) -> list[tuple[str, Severity]]:
    own = queries.words_minded(lead)
    found = screen(text, direction=Direction.OUTGOING, context=Context(own_rules=own))
    return [(f.sentence, f.severity) for f in found if f.area == "own"]


@pytest.mark.parametrize(
    ("heard_in", "asks", "of_others", "of_ours"),
    [
        ("incoming", False, ["Älgparken"], []),
        ("incoming", True, ["Älgparken"], []),
        ("outgoing", False, [], [("Älgparken", Severity.NOTE)]),
        ("outgoing", True, [], [("Älgparken", Severity.ASK)]),
        ("both", False, ["Älgparken"], [("Älgparken", Severity.NOTE)]),
    ],
)
def test_words_are_listened_for_where_the_authority_chose_and_never_stop_what_it_writes(
    authority, lead, heard_in, asks, of_others, of_ours
):
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*", heard_in=heard_in, asks=asks)
    before = minded(lead, "Älgparken öppnar i maj.")
    actions.switch_words(actor=lead, uid=row.uid, on=True)

    assert before == []
    assert heard(authority, "Riv älgparken!") == of_others
    assert minded(lead, "Älgparken öppnar i maj.") == of_ours


def test_another_authoritys_words_are_not_minded_by_us(lead):
    other = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    row = actions.add_words(actor=other, name="Älgparken", words="älgpark*", heard_in="both")
    actions.switch_words(actor=other, uid=row.uid, on=True)

    assert minded(lead, "Älgparken") == []


def test_words_for_what_we_write_are_tried_on_what_we_have_published(authority, lead):
    of_ours = [an_item(text, is_own=True) for text in ("Älgparken öppnar i maj", "Badet är varmt", "Välkomna")]
    records.capture(channel=a_channel(authority), page=a_page(an_item("Riv älgparken"), *of_ours))
    for heard_in in ("outgoing", "both"):
        actions.add_words(actor=lead, name=heard_in, words="älgpark*", heard_in=heard_in)
    both, outgoing = queries.own_words(lead)

    (trial,) = queries.words_trials(lead, outgoing)

    assert (trial.direction, trial.read, trial.count) == (Direction.OUTGOING, 3, 1)
    assert [each.text for each in trial.shown] == ["Älgparken öppnar i maj"]
    assert [(each.read, each.count) for each in queries.words_trials(lead, both)] == [(1, 1), (3, 1)]


def test_the_page_of_a_list_shows_both_trials_with_few_questions(authority, lead, django_assert_max_num_queries):
    own = [an_item("Älgparken öppnar i maj", is_own=True), an_item("Välkomna", is_own=True)]
    records.capture(channel=a_channel(authority), page=a_page(an_item("Riv älgparken"), *own))
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*", heard_in="both", asks=True)
    client = signed_in(lead)
    client.get(reverse("policy:own_words"))

    with django_assert_max_num_queries(EVERY_QUERY):
        page = client.get(reverse("policy:word_list", args=[row.uid])).content.decode()

    assert "1 av de senaste 1 kommentarerna" in page
    assert "1 av de senaste 2 texterna som ni har publicerat" in page
    assert "Båda" in client.get(reverse("policy:own_words")).content.decode()


def test_another_authoritys_words_are_not_ours(authority, lead):
    other = an_actor(an_authority("Lillköping"), role=Role.COMMUNICATIONS_LEAD)
    row = actions.add_words(actor=other, name="Älgparken", words="älgpark*")
    actions.switch_words(actor=other, uid=row.uid, on=True)

    assert heard(authority, "älgparken") == []
    with pytest.raises(NotFound):
        actions.switch_words(actor=lead, uid=row.uid, on=False)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " ", "words": "älg"}, "name"),
        ({"name": "Tom"}, "words"),
        ({"name": "Stjärna", "words": "*å*"}, "words"),
        ({"name": "Mönster", "patterns": "(älg"}, "patterns"),
        ({"name": "Allt", "patterns": "[a-z]{0,3}"}, "patterns"),
        ({"name": "Regel", "words": "älg", "house_rule": "finns-inte"}, "house_rule"),
        ({"name": "Var", "words": "älg", "heard_in": "överallt"}, "heard_in"),
    ],
)
def test_what_cannot_be_listened_for_is_refused_at_its_field(lead, values, field):
    with pytest.raises(Invalid) as refused:
        actions.add_words(actor=lead, **values)

    assert refused.value.field == field
    assert queries.own_words(lead) == []


def test_two_lists_have_two_names(lead):
    actions.add_words(actor=lead, name="Älgparken", words="älg")

    with pytest.raises(Invalid) as refused:
        actions.add_words(actor=lead, name="Älgparken ", words="björn")

    assert refused.value.field == "name"


def test_only_who_decides_about_rules_changes_words(authority):
    reader = an_actor(authority, role=Role.AUDITOR)

    with pytest.raises(NotPermitted):
        actions.add_words(actor=reader, name="Älgparken", words="älg")


def test_what_somebody_else_has_changed_is_not_switched_on_unseen(lead):
    row = actions.add_words(actor=lead, name="Älgparken", words="älg")
    actions.change_words(actor=lead, uid=row.uid, name="Älgparken", words="en")

    with pytest.raises(Stale):
        actions.switch_words(actor=lead, uid=row.uid, on=True, seen_version=row.version)


def test_tf_4_a_trial_counts_and_shows_only_what_the_reader_may_read(authority):
    unit, channel = a_unit(authority, "Gatukontoret"), a_channel(authority)
    elsewhere = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    public, quiet = an_item("Riv älgparken"), an_item("Badet är varmt")
    private = an_item("Älgparken luktar", visibility=Visibility.PRIVATE, kind=Kind.MESSAGE)
    records.capture(channel=channel, page=a_page(public, quiet, private))
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*")

    (trial,) = queries.words_trials(elsewhere, row)

    assert (trial.read, trial.count) == (2, 1)
    assert [each.text for each in trial.shown] == ["Riv älgparken"]


@pytest.mark.parametrize("role", [Role.COMMUNICATIONS_LEAD, Role.AUDITOR])
def test_rf_3_a_trial_of_words_shows_texts_and_never_who_wrote_them(authority, lead, role):
    neighbour = Author("granne-1", "granne@social.example", "En granne i Storköping", "")
    records.capture(channel=a_channel(authority), page=a_page(an_item("Riv älgparken", author=neighbour)))
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*")

    page = signed_in(an_actor(authority, role=role)).get(reverse("policy:word_list", args=[row.uid])).content.decode()

    assert "Riv älgparken" in page
    assert "granne" not in page.lower()


def test_bbs_10_a_sealed_comment_is_in_no_trial(authority, lead):
    item = a_kept(authority, "Riv älgparken")
    records.seal_item(actor=lead, item=item, why="Prövas.")
    row = actions.add_words(actor=lead, name="Älgparken", words="älgpark*")

    assert queries.words_trials(lead, row)[0].read == 0


def test_a_list_is_written_tried_switched_on_changed_and_taken_away_on_its_pages(authority, lead):
    client, rule = signed_in(lead), a_rule(authority)
    records.capture(channel=a_channel(authority), page=a_page(an_item("Riv älgparken"), an_item("Badet är varmt")))
    new = reverse("policy:add_words")

    made = client.post(
        new, filled(client.get(new), name="Älgparken", words="älgpark*", house_rule=rule.code), follow=True
    )
    tried = made.content.decode()
    row = queries.own_words(lead)[0]
    page = reverse("policy:word_list", args=[row.uid])
    on = client.post(
        reverse("policy:switch_words_on", args=[row.uid]), filled(client.get(page), form="button"), follow=True
    )

    assert "1 av de senaste 2 kommentarerna" in tried
    assert "Riv älgparken" in tried
    assert "Listan är på." in on.content.decode()
    assert heard(authority, "älgparken") == ["Älgparken"]
    refused = client.post(page, filled(client.get(page), name="Älgparken", words="", patterns="(älg"))
    assert refused.status_code == 422
    assert "parentes" in refused.content.decode()
    gone = reverse("policy:end_words", args=[row.uid])
    client.post(gone, {"intent": client.get(gone).context["fields"][0][1]})
    assert queries.own_words(lead) == []
    assert "Inga egna ord" in client.get(reverse("policy:own_words")).content.decode()
