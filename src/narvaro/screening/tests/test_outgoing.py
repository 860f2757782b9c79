"""What the rules say about our own texts, beyond the examples of the rule files."""

from __future__ import annotations

import pytest

from narvaro.screening import Context, Direction, Finding, Kind, Picture, Severity, Tone, instead, screen
from narvaro.screening.outgoing_detectors import in_camel_case, lix


def outgoing(text: str, **known: object) -> tuple[Finding, ...]:
    return screen(text, direction=Direction.OUTGOING, context=Context(**known))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sök nu! #ledigajobb", "#LedigaJobb"),
        ("#lediga jobb", "#LedigaJobb"),
        ("Kom på #öppet-hus", "#ÖppetHus"),
        ("#storköpingskommun bygger", "#StorköpingsKommun"),
        ("#LEDIGAJOBB2026", "#LedigaJobb2026"),
        ("Avgiften ska erläggas i april", "betala"),
        ("SAMTLIGA barn får plats", "alla"),
    ],
)
def test_finding_says_what_to_write_instead(text: str, expected: str) -> None:
    finding = outgoing(text)[0]

    assert instead(text, finding) == expected


def test_what_to_write_instead_is_left_open_where_nothing_is_known() -> None:
    text = "Din ansökan är beviljad"

    assert instead(text, outgoing(text)[0]) == ""


@pytest.mark.parametrize("tag", ["#LedigaJobb", "#Storköping", "#JobbaHosOss", "#kulturnatt"])
def test_suggested_tag_is_itself_left_alone(tag: str) -> None:
    assert outgoing(in_camel_case(tag)) == ()


def test_remarks_are_silent_in_short_replies_and_decisions_are_not() -> None:
    text = "Hej! Samtliga platser är slut. #ledigajobb"

    assert {finding.severity for finding in outgoing(text)} == {Severity.NOTE}
    assert outgoing(text, kind=Kind.REPLY) == ()
    assert outgoing(text + " Hör av dig." * 20, kind=Kind.REPLY) != ()
    assert outgoing("Din ansökan är beviljad", kind=Kind.REPLY)[0].severity is Severity.ASK
    assert outgoing("Nr 19121212-1212", kind=Kind.REPLY)[0].severity is Severity.BLOCK


def test_how_many_emoji_are_too_many_follows_the_tone() -> None:
    text = "Nu är det fest 🎉🎉🎉🎉"

    found = {tone: bool(outgoing(text, tone=tone)) for tone in Tone}

    assert found == {Tone.FORMAL: True, Tone.NEUTRAL: True, Tone.RELAXED: False}


def test_every_picture_is_told_of() -> None:
    pictures = (Picture(), Picture(alternative="IMG_2031.jpg"), Picture(alternative="Två barn gungar"))

    found = outgoing("Nu är lekplatsen klar", pictures=pictures)

    assert sorted(finding.rule for finding in found) == [
        "outgoing.pictures_alternative_missing",
        "outgoing.pictures_alternative_poor",
    ]


def test_readability_is_words_a_sentence_plus_the_share_of_long_words() -> None:
    text = "Ett tre fyra fem ord. " * 5 + "Kommunen kommunen kommunen kommunen kommunen."

    assert lix(text) == round(30 / 6 + 100 * 5 / 30)
    assert lix("Kort text") is None


def test_readability_is_measured_only_where_the_authority_has_a_limit() -> None:
    text = "Samhällsbyggnadsförvaltningens infrastrukturinvesteringar återrapporteras kontinuerligt. " * 10

    assert outgoing(text) == ()
    assert outgoing(text, lix_limit=50)[0].rule == "outgoing.plain_language_lix"
