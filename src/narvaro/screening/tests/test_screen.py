"""What `screen` promises whatever the rules say: spans, weakening, determinism, judgements, the command."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import unicodedata

import pytest

from narvaro.base.tests.test_identity import SAMPLE, WRITTEN, is_unavoidable, other_numbers, parts
from narvaro.screening import (
    ENGINE_VERSION,
    Context,
    Direction,
    Finding,
    Severity,
    needs_answer,
    screen,
    suspects_child_abuse_material,
    suspects_secrecy,
    suspects_threat,
    urgent,
)
from narvaro.screening.__main__ import main


def incoming(text: str) -> tuple[Finding, ...]:
    return screen(text, direction=Direction.INCOMING)


def outgoing(text: str, **known: frozenset[str]) -> tuple[Finding, ...]:
    return screen(text, direction=Direction.OUTGOING, context=Context(**known))


def found_text(text: str, rule: str) -> str:
    return next(text[slice(*finding.span)] for finding in incoming(text) if finding.rule == rule)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hej. Jag ska döda dig nu.", "Jag ska döda dig"),
        ("👋 Jag ska döda dig", "Jag ska döda dig"),
        (unicodedata.normalize("NFD", "Åh ja: jag ska döda dig nu"), unicodedata.normalize("NFD", "jag ska döda dig")),
        ("👋 åäö jag ska dö\u200bda dig nu", "jag ska dö\u200bda dig"),
        ("å! jag sk4 d0d4 d1g nu", "jag sk4 d0d4 d1g"),
        ("å! jag ska döööööda dig nu", "jag ska döööööda dig"),
        ("Hörru jag ska d ö d a dig nu", "jag ska d ö d a dig"),
        ("Hörru: j a g s k a d ö d a d i g", "j a g s k a d ö d a d i g"),
        ("Jаg skа dödа dig", "Jаg skа dödа dig"),
        ("𝐉𝐚𝐠 𝐬𝐤𝐚 𝐝𝐨̈𝐝𝐚 𝐝𝐢𝐠!", "𝐉𝐚𝐠 𝐬𝐤𝐚 𝐝𝐨̈𝐝𝐚 𝐝𝐢𝐠"),
    ],
)
def test_span_shows_the_very_words_in_the_original(text: str, expected: str) -> None:
    assert found_text(text, "threat.kill") == expected


@pytest.mark.parametrize("form", WRITTEN)
def test_official_identity_numbers_are_found_by_the_rules_in_every_written_form(form: str) -> None:
    for direction in Direction:
        for number in (*SAMPLE["personal"][::4], *SAMPLE["coordination"][::2]):
            text = f"Nummer {WRITTEN[form].format(**parts(number))} gäller"

            assert any("identity_number" in f.rule for f in screen(text, direction=direction)), text


def test_other_numbers_are_seldom_flagged_by_the_rules() -> None:
    flagged = [
        text
        for text in other_numbers(10_000)
        if any(f.rule == "personal_data.identity_number" for f in incoming(text)) and not is_unavoidable(text)
    ]

    assert len(flagged) < 50, flagged[:10]


def test_identity_number_span_is_exact_behind_emoji_and_wide_digits() -> None:
    text = "👋👋 nr １９１２１２１２－１２１２, tack"

    assert found_text(text, "personal_data.identity_number") == "１９１２１２１２－１２１２"


@pytest.mark.parametrize(
    "text",
    [
        "Jag ska inte döda dig",
        'Någon skrev "jag ska döda dig" till min dotter',
        "Han skrev jag ska döda dig till min dotter",
        "> jag ska döda dig\nVem skriver så?",
        "Vi kommer aldrig att döda er",
    ],
)
def test_denied_or_quoted_threat_is_weaker_but_never_silent(text: str) -> None:
    found = [finding for finding in incoming(text) if finding.ground == "BBS-5a"]

    assert max(finding.severity for finding in found) is Severity.LOOK


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("Jag ska bryta nacken på dig", "threat"),
        ("Jag kommer dit med bössan", "threat"),
        ("I will break every bone in your body", "threat"),
        ("jeg slår deg i hjel hvis du ikke svarer", "threat"),
        ("Rektorn ska hängas i flaggstången", "staff"),
        ("kom så krossar vi rutorna på banken", "incitement"),
    ],
)
def test_what_a_person_must_look_at_is_quieter_when_it_is_quoted(text: str, area: str) -> None:
    said = [finding.severity for finding in incoming(text) if finding.area == area]
    quoted = [finding.severity for finding in incoming(f'Han skrev "{text}" till mig') if finding.area == area]

    assert said
    assert max(said) >= Severity.LOOK
    assert quoted
    assert max(quoted) < max(said)


@pytest.mark.parametrize(
    "text",
    [
        "om du inte slutar dödar jag dig",
        "Om ni inte svarar ska jag döda er",
        "Jag ska inte bara slå dig, jag ska döda dig",
    ],
)
def test_condition_is_no_denial(text: str) -> None:
    assert urgent(incoming(text))


def test_denial_is_part_of_how_suicide_is_spoken_of() -> None:
    assert urgent(incoming("Jag vill inte leva längre"))


def test_findings_come_gravest_first_and_are_the_same_every_time() -> None:
    text = "När öppnar ni? Jag ska döda dig. Ring 070-174 06 05"

    findings = incoming(text)

    assert [finding.severity for finding in findings] == sorted((f.severity for f in findings), reverse=True)
    assert all(incoming(text) == findings for _ in range(5))
    assert {finding.version for finding in findings} == {ENGINE_VERSION}


def test_direction_may_come_from_storage_as_plain_text() -> None:
    assert screen("Jag ska döda dig", direction="incoming") == incoming("Jag ska döda dig")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("När öppnar badhuset?", True),
        ("Gatubelysningen på Storgatan lyser inte", True),
        ("Jag begär ut alla mejl om bygget", True),
        ("Jag orkar inte leva mer", True),
        ("Tack, men när öppnar ni?", True),
        ("?", True),  # somebody is at a loss; better asked than ignored
        ("?!", True),
        ("Tack för hjälpen!", False),
        ("👍❤️", False),
        ("@kompis @granne", False),
        ("", False),
        ("Jag tycker att torget var finare förr", False),
        ("Tjäna pengar snabbt hemifrån? Klicka här för att få veta mer", False),
    ],
)
def test_needs_answer(text: str, expected: bool) -> None:
    assert needs_answer(text, incoming(text)) is expected


def test_suspicions() -> None:
    assert suspects_secrecy(incoming("Min son har adhd och får ingen hjälp i skolan"))
    assert suspects_secrecy(incoming("Mitt nummer är 19121212-1212"))
    assert not suspects_secrecy(incoming("När öppnar badhuset?"))
    assert suspects_threat(incoming("Jag ska döda dig"))
    assert suspects_threat(incoming("soctanterna borde skjutas"))
    assert not suspects_threat(incoming("Tack för hjälpen"))
    assert suspects_child_abuse_material(incoming("selling cp dm me"))
    assert not suspects_child_abuse_material(incoming("Bilder på elever från skolavslutningen"))


def test_own_addresses_may_be_published_and_others_may_not() -> None:
    own = {"own_domains": frozenset({"storkoping.example"}), "own_phones": frozenset({"0123-456 78", "070-174 06 05"})}

    assert outgoing("Skriv till anna.exempel@storkoping.example eller ring 070-174 06 05", **own) == ()
    other = outgoing("Vi skriver till nagon@exempel.example och ringer 070-174 06 06", **own)

    assert [finding.severity for finding in other] == [Severity.BLOCK, Severity.BLOCK]


def test_outgoing_address_is_asked_about_while_nothing_is_known_of_our_own() -> None:
    assert [finding.severity for finding in outgoing("Skriv till nagon@exempel.example")] == [Severity.ASK]


def test_outgoing_identity_number_always_blocks() -> None:
    assert outgoing("Ärende för 19121212-1212")[0].severity is Severity.BLOCK


def test_command_answers_every_line_before_it_reads_the_next() -> None:
    given = io.BytesIO(
        b"Jag ska d\xc3\xb6da dig\n\n" + b'{"id": 7, "text": "N\\u00e4r \\u00f6ppnar ni?"}\n{broken\n\xff\xfe\n'
    )
    answer = io.StringIO()

    code = main([], given, answer)
    rows = [json.loads(line) for line in answer.getvalue().splitlines()]

    assert code == 0
    assert [row["line"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0]["urgent"]
    assert rows[0]["findings"][0]["ground"] == "BBS-5a"
    assert rows[2]["id"] == 7
    assert rows[2]["needs_answer"]
    assert rows[3] == {"line": 4, "error": "Raden börjar som JSON men går inte att läsa."}
    assert "findings" in rows[4]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"id": 1}', "Raden saknar fältet text."),
        ('{"text": 5}', "Raden saknar fältet text."),
        ('{"text": "hej", "direction": "upp"}', "Fältet direction ska vara in eller out."),
        ('{"text": "hej", "direction": []}', "Fältet direction ska vara in eller out."),
        ('{"text": "hej", "context": 5}', "Fältet context går inte att läsa."),
        ('{"text": "hej", "context": {"author": "x"}}', "Fältet context går inte att läsa."),
        ('{"text": "hej", "context": {"pictures": [5]}}', "Fältet context går inte att läsa."),
        ('{"a":' * 5000, "Raden börjar som JSON men går inte att läsa."),
        ('{"text": ' + "9" * 9000 + "}", "Raden börjar som JSON men går inte att läsa."),
    ],
)
def test_line_that_cannot_be_read_is_answered_and_the_next_is_read(line: str, error: str) -> None:
    answer = io.StringIO()

    assert main([], io.BytesIO(line.encode() + b"\nHej\n"), answer) == 0

    rows = [json.loads(row) for row in answer.getvalue().splitlines()]
    assert rows[0] == {"line": 1, "error": error}
    assert "findings" in rows[1]


def test_json_line_may_say_its_direction_and_what_else_is_known() -> None:
    line = {"text": "Skriv till oss@storkoping.example", "direction": "out", "id": "\ud800"}
    known = {"own_domains": ["storkoping.example"], "kind": "reply", "pictures": [{"alternative": "En bro"}]}
    given = io.BytesIO("\n".join(json.dumps(row) for row in (line, {**line, "context": known})).encode())
    answer = io.StringIO()

    main([], given, answer)

    rows = [json.loads(row) for row in answer.getvalue().splitlines()]
    assert [any(f["rule"] == "outgoing.email" for f in row["findings"]) for row in rows] == [True, False]
    assert rows[0]["id"] == "\ud800"


def test_command_streams() -> None:
    command = [sys.executable, "-m", "narvaro.screening"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin
        assert running.stdout
        for number, text in enumerate(("När öppnar badhuset?", "Tack"), start=1):
            running.stdin.write(f"{text}\n".encode())
            running.stdin.flush()

            assert json.loads(running.stdout.readline())["line"] == number
        running.stdin.close()
        assert running.wait(30) == 0


def test_command_runs_without_django() -> None:
    command = (
        "import sys; sys.modules['django'] = None; from narvaro.screening.__main__ import main;"
        "sys.exit(main(['--direction', 'out']))"
    )

    done = subprocess.run(
        [sys.executable, "-c", command], input="Nr 19121212-1212\n", capture_output=True, text=True, check=True
    )

    assert json.loads(done.stdout)["findings"][0]["severity"] == "block"
