"""What the rules say about our own texts, beyond the examples of the rule files."""

from __future__ import annotations

import pytest

from narvaro.screening import Context, Direction, Finding, Kind, Picture, Severity, Tone, instead, screen
from narvaro.screening.outgoing_detectors import in_camel_case, lix
from narvaro.screening.ruleset import rules

# What officials write on any day.
_ORDINARY = (
    "I morgon, torsdag, stänger vi av vattnet på Ekvägen mellan klockan 9 och 12. Fyll gärna en kanna i förväg.",
    "Nu är det dags att söka sommarjobb! Du som är född 2009 kan söka till och med den 15 mars. Läs mer på webben.",
    "Tack för att du hör av dig! Jag skickar din fråga vidare till parkenheten som återkommer.",
    "Hej! Vad tråkigt att lampan inte fungerar. Har du numret på stolpen? Då kan vi felanmäla den åt dig.",
    "Hej Kim! Tyvärr vet vi inte när vägen blir klar, men vi hoppas på slutet av maj.",
    "Vi förstår att det är irriterande med bygget. Entreprenören arbetar så fort det går.",
    "Kul att du gillar lekplatsen! Hälsningar Storköpings kommun",
    "I går beslutade kommunfullmäktige om budgeten för nästa år. Skolan får mer pengar och skatten är oförändrad.",
    "Badvattnet i Norra viken är provtaget och har god kvalitet. Välkommen att bada!",
    "Varning för halka! Vi sandar gångbanor och busshållplatser, men ta det försiktigt.",
    "Du kan lämna grovavfall på återvinningscentralen, öppet tisdag till lördag.",
    "Vi har tagit bort en kommentar som innehöll personuppgifter. Skriv gärna din fråga igen utan dem.",
    "Vi svarar inte på frågor om enskilda ärenden här. Ring oss på 0771-567 567 så hjälper vi dig.",
    "Grattis till Ekskolans klass 6B som vann tävlingen om bästa klimatidé!",
    "Polisen har spärrat av området vid torget. Följ deras anvisningar.",
    "Vi söker dig som vill bli undersköterska. Du får lön under hela utbildningen.",
    "Hej! Du behöver anmäla flytten till Skatteverket, det gör du på deras webbplats.",
    "Det stämmer att avgiften höjs. Fullmäktige beslutade om det i november, och pengarna går till nya ledningar.",
    "Nej, det är inte vi som sköter den vägen utan Trafikverket. Ring dem på 0771-921 921.",
    "Ditt förslag är bra och vi tar det med oss till nästa möte.",
    "Vi beklagar att du fick vänta i telefon. Just nu är det många som ringer.",
    "Det var vårt fel att skylten stod fel. Den är flyttad nu, tack för att du sa till.",
    "På lördag firar vi nationaldagen i Stadsparken. Musik, tal och fika. Alla är välkomna!",
    "Biblioteket stänger klockan 16 i dag på grund av personalbrist.",
    "Har du frågor om bygglov? Våra handläggare svarar tisdagar och torsdagar 9–11.",
    "Om ni vill ha en större grupp kan ni boka rummet på biblioteket.",
    "Vi har lämnat svaret till dig i ett privat meddelande.",
    "Lekplatsen i Ekbacken får nya gungor i vår. De gamla togs bort eftersom de var trasiga.",
    "Vi har förståelse för att alla inte tycker som vi, men beslutet ligger fast.",
    "Räddningstjänsten har släckt branden i Norra hamnen. Ingen skadades.",
    "Tack till alla er som städade längs ån. Ni samlade in 400 kilo skräp!",
    "Ja, biblioteket har öppet på annandagen mellan 11 och 15.",
    "Så trevligt! Vi hälsar till kocken i Ekskolans kök.",
    "Har din tunna inte tömts? Anmäl det i e-tjänsten så kommer bilen tillbaka.",
    "Hundar får vara lösa i hundrastgården, men inte i parken.",
    "Det går inte att svara på hur lång kön är i ditt fall, men e-tjänsten visar din plats.",
    "Förskolan Solrosen har planeringsdag på fredag och är stängd.",
    "Vi vill höra hur du tycker att torget ska se ut. Svara på enkäten senast söndag.",
    "Pengarna till den nya bron kommer från staten.",
    "Du får gärna ringa om du hellre vill prata.",
)


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


@pytest.mark.parametrize("text", _ORDINARY)
def test_ordinary_posts_and_answers_are_let_through_without_a_word(text: str) -> None:
    assert outgoing(text) == ()


def test_no_counterexample_of_one_area_is_found_by_the_rules_of_another() -> None:
    examples = [
        (rule.area, example)
        for rule in rules().rules
        if rule.area.startswith("outgoing_")
        for example in rule.examples
        if not example.is_hit
    ]
    own = {"own_phones": frozenset({"0123-456 78"}), "own_domains": frozenset({"storkoping.example"})}

    wrong = {
        (example.text, finding.rule)
        for area, example in examples
        for finding in outgoing(example.text, **own)
        if finding.area is not area
    }

    # Both are right to be found: an office's word, and a tag of two words.
    expected = {
        ("Kommunen kan besluta om vite om någon inte följer reglerna.", "outgoing.plain_language"),
        ("#storköpingskommun söker lärare", "outgoing.hashtags"),
    }
    assert wrong == expected
