"""A house rule that collides with the freedom to speak is remarked on, and never stopped."""

from __future__ import annotations

import pytest

from narvaro.base import law
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Role
from narvaro.policy import actions, lint, rules

COLLIDES = [
    ("politics", "Inga politiska budskap."),
    ("politics", "Partipolitiska inlägg tas bort."),
    ("politics", "Det är inte tillåtet att sprida propaganda."),
    ("politics", "Vi raderar valbudskap."),
    ("criticism", "Kritik mot kommunen tas bort."),
    ("criticism", "Vi tar bort negativa kommentarer om vår verksamhet."),
    ("criticism", "Klagomål hör inte hemma här."),
    ("criticism", "Smutskastning av nämnden är inte tillåten."),
    ("officials", "Kritik mot enskilda tjänstemän tas bort."),
    ("officials", "Ifrågasätt inte våra handläggare."),
    ("officials", "Det är förbjudet att namnge anställda."),
    ("officials", "Politiker får du inte kritisera."),
    ("officials", "Kritik är välkommen men inte mot våra politiker."),
    ("opinion", "Personliga åsikter publiceras inte."),
    ("opinion", "Extrema ståndpunkter tas bort."),
    ("reputation", "Inlägg som skadar varumärket tas bort."),
    ("reputation", "Kommentarer som skadar kommunens anseende är inte tillåtna."),
    ("religion", "Religiösa budskap är inte tillåtna."),
    ("religion", "Missionerande inlägg tas bort."),
    ("gathering", "Uppmaningar till demonstrationer tas bort."),
    ("gathering", "Länkar till namninsamlingar är inte tillåtna."),
    ("truth", "Felaktiga uppgifter tas bort."),
    ("truth", "Desinformation är inte tillåten."),
    ("equal", "Bara kommuninvånare får kommentera."),
    ("equal", "Anonyma konton tas bort."),
    ("announcement", "Beslut anslås i kanalen."),
    ("announcement", "Överklaga i en kommentar."),
    ("claims_law", "Förtal tas bort enligt lag."),
    ("criticism", "Criticism of the council is not allowed."),
    ("officials", "Complaints about staff are removed."),
]
IS_FINE = [
    "Angrip sakfrågan, inte personen.",
    "Kritik och politiska åsikter är välkomna.",
    "Du får gärna kritisera oss.",
    "Vi tar aldrig bort något för att det är kritiskt.",
    "Trakasserier på grund av religion, politisk åskådning eller kön är inte tillåtna.",
    "Hot mot politiker och tjänstemän är inte tillåtna.",
    "Reklam, bluffar och samma inlägg om och om igen är inte tillåtna.",
    "Håll dig till ämnet.",
    "Grova svordomar är inte tillåtna.",
    "Skriv inte ut andras telefonnummer.",
    "Criticism of us is welcome.",
]


@pytest.mark.parametrize(("code", "text"), COLLIDES)
def test_rf_2_a_rule_that_collides_is_remarked_on(code, text):
    found = {remark.code: remark for remark in lint.remarks_on_rule("Regel", text)}

    assert code in found
    assert law.provision(found[code].law)
    assert str(found[code].sentence)


@pytest.mark.parametrize("text", IS_FINE)
def test_a_rule_about_how_one_writes_is_let_be(text):
    assert lint.remarks_on_rule("Regel", text) == []


def test_rf_2_the_rules_that_ship_collide_with_nothing():
    for rule in rules.STARTING_RULES:
        remarks = lint.remarks_on_rule(
            rule.title, rule.text, rule.title_en, rule.text_en, remove_first=rule.remove_first
        )

        assert remarks == [], rule.code


def test_the_title_and_the_english_are_read_too():
    assert [r.code for r in lint.remarks_on_rule("Politiska budskap", "Tas bort.")] == ["politics"]
    assert [r.code for r in lint.remarks_on_rule("Ton", "Håll god ton.", "Tone", "No political posts.")] == ["politics"]


def test_bbs_8_removal_at_once_is_for_junk():
    assert [r.law for r in lint.remarks_on_rule("Svordomar", "Grova ord.", remove_first=True)] == ["BBS-8"]
    assert lint.remarks_on_rule("Skräp", "Reklam från robotar.", remove_first=True) == []


@pytest.mark.django_db
def test_a_remark_never_stops_a_rule():
    lead = an_actor(an_authority(), role=Role.COMMUNICATIONS_LEAD)

    rule = actions.add_rule(actor=lead, title="Politik", text="Inga politiska budskap.")

    assert rule.pk
