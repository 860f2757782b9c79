"""The guideline that ships, and what is said of one: what is missing, collides with the law, or has grown old."""

from __future__ import annotations

from dataclasses import replace

import pytest

from narvaro.base import law
from narvaro.policy import document_lint, guidelines, parameters
from narvaro.policy.types import Section

pytestmark = pytest.mark.one_database

# The headings of two municipal guidelines and of the national checklist, each by a word of ours.
HEADINGS = {
    "local:introduction", "local:scope", "local:revision", "local:website", "local:roles", "local:register",
    "local:passwords", "local:planned", "local:approach", "local:netiquette", "local:readiness",
    "local:private_profile", "local:public_records", "local:secrecy", "local:crime", "local:handling",
    "local:opportunities", "local:risks", "local:false_senders", "local:laws", "local:registering", "local:measuring",
    "local:reply_time", "local:not_written", "local:pictures", "local:plan", "local:service_only",
    "local:managers_know", "local:law_questions", "local:training", "local:working_group", "local:employee_freedom",
    "local:responsible_shown", "local:support", "list:purpose", "list:resources", "list:responsible", "list:security",
    "list:oversight", "list:archive", "list:disposal", "list:terms", "list:internal_rules", "list:private",
    "list:publicity", "list:cases", "list:information", "list:forbidden", "list:identity", "list:about_purpose",
    "list:visibility", "list:not_published", "list:measures", "list:cookies", "audit:purpose", "audit:oversight",
    "audit:roles", "audit:rules", "audit:archive",
}  # fmt: skip


def remarks(*found: Section, kind: str = "") -> list[document_lint.DocumentRemark]:
    every = document_lint.remarks_on_document(
        found, parameters.defaults(), retention=parameters.default_retention(), adopting_body="Kommunfullmäktige"
    )
    return [each for each in every if not kind or each.kind == kind]


def said(text: str) -> list[str]:
    """Return the laws that a sentence in an otherwise whole guideline is held against."""
    whole = list(guidelines.starting().sections)
    whole[8] = replace(whole[8], text=text)
    return [each.law for each in remarks(*whole, kind="law")]


def test_the_guideline_that_ships_covers_every_heading_of_others():
    covered = {each for found in guidelines.starting().covers.values() for each in found}

    assert covered >= HEADINGS
    assert all(guidelines.starting().covers.values())
    assert document_lint.needed_codes()


def test_the_guideline_that_ships_has_nothing_to_remark_on_and_every_fill_in_reads():
    found = guidelines.starting().sections
    read = guidelines.filled(found, parameters.defaults())

    assert remarks(*found) == []
    assert not any("{" in each.text for each in read)
    assert {each.section for each in parameters.PARAMETERS.values()} <= {each.code for each in found}
    assert {key for each in found for key in parameters.PLACES.findall(each.text)} == set(parameters.PARAMETERS)


@pytest.mark.parametrize(
    ("text", "law_id"),
    [
        ("Politiska budskap tas bort.", "RF-2"),
        ("Inga politiska åsikter är tillåtna i våra kanaler.", "RF-2"),
        ("Vi tar bort kritik mot tjänstepersoner.", "RF-2"),
        ("Inlägg som skadar vårt varumärke tas bort.", "RF-2"),
        ("Facebook räknas som vår anslagstavla.", "KL-2"),
        ("Protokoll tillkännages på Facebook.", "KL-2"),
        ("Anställda får inte kritisera arbetsplatsen på fritiden.", "TF-13"),
        ("Den som är illojal kan varnas.", "TF-13"),
        ("Chefen ska kartlägga vad medarbetarna skriver.", "TF-13"),
        ("Skräp raderas utan att sparas.", "TF-12"),
        ("Den som bråkar blockeras permanent.", "RF-5"),
        ("Du behöver uppge ditt namn för att få ut en handling.", "TF-10"),
    ],
)
def test_what_collides_with_the_law_is_said_with_the_law(text, law_id):
    assert said(text) == [law_id]
    assert law.cited(law_id)


@pytest.mark.parametrize(
    "text",
    [
        "Vi tar aldrig bort något för att det är kritik.",
        "En åsikt är aldrig skäl att ta bort något.",
        "Kritik är välkommen, också skarp.",
        "Ett inlägg räknas aldrig som anslag.",
        "Använd aldrig ett privat konto för att tala för oss.",
        "Ingen får ta reda på vem som lämnat uppgifter.",
        "Hot och hets mot folkgrupp tas bort.",
        "Den som ber om en handling behöver inte uppge sitt namn.",
        "En blockering gäller en viss tid.",
    ],
)
def test_what_is_right_is_left_alone(text):
    assert said(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Personuppgiftslagen gäller.", "Vi följer PUL.", "Anmäl till Datainspektionen.", "Se RA-FS 1991:6.",
        "Sekretesslagen (1980:100) gäller.", "Förvaltningslagen (1986:223).", "Kommunallagen (1991:900).",
        "Olaga våldsskildring enligt 16 kap. 10 b § brottsbalken.", "Lagen (2003:148) om straff för terroristbrott.",
        "Lagen räknar upp fem brott.", "SKL har råd.", "MSB ger råd.", "Lagen (2018:1174) gäller.",
    ],
)  # fmt: skip
def test_references_that_have_grown_old_are_found(text):
    found = remarks(*guidelines.starting().sections[:-1], Section("own", "99", "Lagar", text), kind="outdated")

    assert [each.section for each in found] == ["own"]
    assert found[0].quote in text


def test_what_is_missing_is_said_by_what_it_is_about_and_not_by_its_heading():
    found = list(guidelines.starting().sections)
    renamed = [replace(each, heading="Något annat") for each in found]
    without = [each for each in found if each.code not in ("images", "closing")]

    assert remarks(*renamed) == []
    assert {each.section for each in remarks(*without, kind="missing")} == {"images", "closing"}


def test_values_and_bodies_that_are_missing_are_said():
    found = document_lint.remarks_on_document(
        guidelines.starting().sections, {"reply_target_hours": 24}, retention={}, adopting_body=""
    )

    assert len([each for each in found if each.kind == "missing"]) == len(parameters.PARAMETERS) - 1 + 2


def test_a_fill_in_that_is_none_is_found():
    assert [each.quote for each in remarks(Section("answers", "7", "Svar", "Inom {tid}."), kind="fill_in")] == ["tid"]
