"""Settings that cannot be used are refused with a sentence, in the language of the command line."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from narvaro.web import options
from narvaro.web.command import main

UNUSABLE = [
    ("NARVARO_PORT", "åtta", "ska vara ett heltal"),
    ("NARVARO_PORT", "0", "ska vara minst 1"),
    ("NARVARO_POLL_SECONDS", "9999", "får vara högst 3600"),
    ("NARVARO_LANGUAGE", "fi", "välj något av 'sv', 'en'"),
    ("NARVARO_TESTING", "kanske", "ska vara true eller false"),
    ("NARVARO_BASE_URL", "storkoping.example", "skriv en hel adress som börjar med http:// eller https://"),
    ("NARVARO_DATABASE_URL", "mysql://db", "ska börja med postgresql://"),
    ("NARVARO_PROT", "8000", "Okänd inställning: NARVARO_PROT."),
    ("NARVARO_SECRET_KEY_FILE", "/finns/inte", "pekar på en fil som inte kan läsas (den finns inte)"),
    ("PORT", "åtta", "ska vara ett heltal"),
]


@pytest.fixture
def spoken(monkeypatch):
    """Say which language the command line speaks, and nothing else of it."""

    def speak(language: str) -> None:
        monkeypatch.setenv("NARVARO_LANGUAGE", language)

    return speak


def refusal(name: str, value: str, **others: str) -> str:
    with pytest.raises(options.Refused) as refused:
        options.read({name: value, **others})
    return str(refused.value)


@pytest.mark.parametrize(("name", "value", "sentence"), UNUSABLE)
def test_an_unusable_setting_is_refused_in_plain_swedish(name, value, sentence, spoken):
    spoken("sv")

    told = refusal(name, value)

    assert name in told
    assert sentence in told
    assert "Input" not in told


@pytest.mark.parametrize(("name", "value", "sentence"), UNUSABLE)
def test_the_refusal_is_english_for_who_reads_english(name, value, sentence, spoken):
    spoken("en")

    told = refusal(name, value)

    assert name in told
    assert sentence not in told
    assert "Närvaro startar inte" not in told
    assert "Input" not in told


@pytest.mark.parametrize(("language", "value"), [("sv", "FIL"), ("en", "FILE")])
def test_what_a_value_stands_for_is_named_in_the_same_language_as_the_help(language, value, spoken, capsys):
    spoken(language)

    main(["import", "--help"])

    assert f" {value}\n" in capsys.readouterr().out.split("\n\n")[0] + "\n"


def test_a_port_is_called_what_the_person_called_it():
    assert "NARVARO_PORT" not in refusal("PORT", "0")


def test_a_value_and_a_file_for_the_same_setting_are_refused_together(tmp_path):
    (tmp_path / "key").write_text("k" * 40)

    told = refusal("NARVARO_SECRET_KEY_FILE", str(tmp_path / "key"), NARVARO_SECRET_KEY="n" * 40)

    assert "NARVARO_SECRET_KEY_FILE" in told


def test_a_secret_is_read_from_a_file_without_the_blanks_around_it(tmp_path):
    (tmp_path / "key").write_text(f"  {'k' * 40}\n")

    found = options.read({"NARVARO_SECRET_KEY_FILE": str(tmp_path / "key")})

    assert found.secret_key == "k" * 40


def test_an_empty_file_is_a_mistake_and_no_wish_for_the_default():
    assert "pekar på en tom fil" in refusal("NARVARO_SMTP_PASSWORD_FILE", "/dev/null")


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe" * 40)

    assert "inte är text" in refusal("NARVARO_SECRET_KEY_FILE", str(tmp_path / "key"))


def test_processes_that_start_at_once_share_one_whole_secret(tmp_path):
    starters = 8
    for turn in range(20):
        path = tmp_path / str(turn) / "secret_key"
        line = Barrier(starters)

        def start(path: Path = path, line: Barrier = line) -> str:
            line.wait(10)
            return options.secret_from(path)

        with ThreadPoolExecutor(starters) as starting:
            told = {each.result() for each in [starting.submit(start) for _ in range(starters)]}

        assert len(told) == 1
        assert min(map(len, told)) >= 40
        assert [found.name for found in path.parent.iterdir()] == ["secret_key"]
        assert path.stat().st_mode & 0o077 == 0


def test_an_empty_secret_is_refused_and_never_used(tmp_path):
    (tmp_path / "secret_key").touch()

    with pytest.raises(options.Refused) as refused:
        options.secret_from(tmp_path / "secret_key")

    assert str(tmp_path / "secret_key") in str(refused.value)
