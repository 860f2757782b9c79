"""Settings that cannot be used are refused with a sentence, in the language of the command line."""

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
    ("NARVARO_SECRET_KEY_FILE", "/finns/inte", "pekar på en fil som inte kan läsas"),
]


@pytest.fixture
def spoken(monkeypatch):
    """Say which language the command line speaks, and nothing else of it."""

    def speak(language: str) -> None:
        monkeypatch.setenv("NARVARO_LANGUAGE", language)

    return speak


def refusal(name: str, value: str) -> str:
    with pytest.raises(options.Refused) as refused:
        options.read({name: value})
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
