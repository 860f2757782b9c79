"""An authority's own words and patterns: found, cheap, explained when refused, and tried before they are used."""

from __future__ import annotations

from itertools import product

import pytest

from narvaro.screening import (
    ENGINE_VERSION,
    Area,
    Context,
    Direction,
    Finding,
    OwnRule,
    OwnRules,
    Severity,
    screen,
    tried,
)


def a_rule(*words: str, patterns: tuple[str, ...] = (), **stated: object) -> OwnRule:
    fields = {"id": "own.1", "ground": "house-3", "sentence": "Ordet står i våra husregler.", **stated}
    return OwnRule(words=words, patterns=patterns, **fields)  # type: ignore[arg-type]


def own_findings(text: str, *rules: OwnRule, direction: Direction = Direction.INCOMING) -> list[Finding]:
    found = screen(text, direction=direction, context=Context(own_rules=OwnRules(rules, direction=direction)))
    return [finding for finding in found if finding.area is Area.OWN]


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("husvagn", "Får man ställa upp husvagnarna vid sjön?", "husvagnarna"),
        ("husvagnar", "En HUSVAGN står där", "HUSVAGN"),
        ("måla", "de malade över muren", "malade"),
        ("båt", "ba\u030aten ligger kvar", "ba\u030aten"),
        ("parkering*", "Parkeringsböterna är för höga", "Parkeringsböterna"),
        ("*böter", "Parkeringsböter igen", "Parkeringsböter"),
        ("*kringel*", "Ett sockerkringelkalas", "sockerkringelkalas"),
        ("gröna linjen", "Kör gröna  linjen även i jul", "gröna  linjen"),
        ("skymf", "vilken sk\u200bymf", "sk\u200bymf"),
        ("skymf", "vilken skyyyyymf", "skyyyyymf"),
        ("skymf", "vilken s k y m f är det", "s k y m f"),
        ("tomte", "din t0mt3", "t0mt3"),
        ("🍆 kringla", "en kringla till", "kringla"),
    ],
)
def test_own_word_is_found_as_it_is_written_online(word: str, text: str, found: str) -> None:
    findings = own_findings(text, a_rule(word))

    assert [text[slice(*finding.span)] for finding in findings] == [found]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("mala", "måla staketet"),
        ("husvagn", "husvagnscampingen"),
        ("gröna linjen", "den gröna bussen på linjen"),
        ("gröna linjen", "linjen gröna"),
        ("*böter", "böterna"),
    ],
)
def test_other_words_are_left_alone(word: str, text: str) -> None:
    assert own_findings(text, a_rule(word)) == []


def test_own_finding_says_which_rules_made_it() -> None:
    rule = a_rule("tomte", severity=Severity.NOTE)

    (finding,) = own_findings("En tomte", rule)

    assert finding.rule == rule.id
    assert finding.ground == "house-3"
    assert finding.severity is Severity.NOTE
    assert finding.version == f"{ENGINE_VERSION}+{OwnRules([rule]).digest}"
    assert OwnRules([rule]).digest != OwnRules([a_rule("tomtar")]).digest
    assert len(finding.version) <= 30


def test_own_pattern_is_written_as_the_built_in_ones_are() -> None:
    rule = a_rule(patterns=("(Sälj|köp)~biljett\\w*",))

    assert own_findings("Säljer? Nej. Köp era sista biljetter här", rule)
    assert own_findings("salj biljetten", rule)
    assert not own_findings("Jag köper en bil", rule)


def test_the_end_of_a_word_is_told_also_by_swedish_letters() -> None:
    rule = a_rule(patterns=("köp (hö|löv\\b|\\bris)",))

    assert own_findings("köp hö", rule)
    assert own_findings("köp löv!", rule)
    assert own_findings("köp ris", rule)
    assert not own_findings("köp lövträd", rule)
    assert not own_findings("köp löväng", rule)


def test_own_rules_are_of_one_direction() -> None:
    rules = (a_rule("tomte"), a_rule("nisse", id="own.2", direction=Direction.OUTGOING, severity=Severity.ASK))

    assert own_findings("tomte", *rules)
    assert not own_findings("nisse", *rules)
    assert own_findings("nisse", *rules, direction=Direction.OUTGOING)
    assert not screen("tomte", direction=Direction.OUTGOING, context=Context(own_rules=OwnRules(rules)))


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("(köp", "En parentes saknar sitt slut."),
        ("köp)", "En parentes slutar utan att ha börjat."),
        ("[köp", "En hakparentes saknar sitt slut."),
        ("köp.*", "Tecknen * och + får inte stå ensamma. Skriv till exempel {0,20}."),
        ("?köp", "Ett upprepningstecken har inget framför sig att upprepa."),
        ("{you} köp", "Klamrar med ett namn i finns bara i de inbyggda reglerna."),
        ("(?=köp)", "Mönstret använder något efter (? som inte finns här."),
        ("köp{1,9999}", "En upprepning har för många gånger; högst 1000 går."),
        ("((köp){1000}){1000}", "En upprepning har för många gånger; högst 1000 går."),
        ("kö\\q", "Ett omvänt snedstreck står framför ett tecken som det inte betyder något för."),
        ("[z-a]", "Tecknen i en hakparentes går inte att läsa."),
        ("köp\\", "Mönstret slutar med ett omvänt snedstreck."),
        (" ", "Mönstret är tomt."),
        ("(köp)?", "Mönstret träffar varje text. Skriv minst ett ord som måste finnas."),
        ("k" * 501, "Mönstret är för långt; högst 500 tecken går."),
    ],
)
def test_pattern_that_cannot_be_used_is_refused_in_swedish(pattern: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refusal:
        OwnRules([a_rule(patterns=(pattern,))])

    assert str(refusal.value) == sentence


@pytest.mark.parametrize("rule", [a_rule(), a_rule("..."), a_rule("*ab*")])
def test_rule_without_anything_to_look_for_is_refused_in_swedish(rule: OwnRule) -> None:
    with pytest.raises(ValueError, match=r"minst"):
        OwnRules([rule])


def test_a_draft_is_tried_on_texts_before_it_is_used() -> None:
    texts = [(number, f"Text {number} om {'tomtar' if number % 100 == 7 else 'annat'}") for number in range(1000)]

    trial = tried(a_rule("tomte"), iter(texts))

    assert trial.read == 1000
    assert [flagged.key for flagged in trial.flagged] == list(range(7, 1000, 100))
    assert [texts[7][1][slice(*span)] for span in trial.flagged[0].spans] == ["tomtar"]


def test_ten_thousand_own_words_are_all_found() -> None:
    middles = ("arn", "erl", "ist", "olm", "urk", "ysp", "åld", "ärg", "önk")
    ends = [first + rest for first in "bdfghklmnp" for rest in ("ick", "ors", "uss", "ym", "äp", "ot", "ig", "alp")]
    words = ["".join(parts) for parts in product("bdfghjklmnprstv", middles, ends)]
    rules = OwnRules([a_rule(*words)])
    context = Context(own_rules=rules)

    missed = [word for word in words if not screen(f"se {word} där", direction=Direction.INCOMING, context=context)]

    assert len(words) >= 10_000
    assert missed == []
