"""Swedish as it is written online is read as it was meant, whatever the letters look like."""

from __future__ import annotations

import unicodedata

import pytest

from narvaro.screening import Direction, Severity, screen
from narvaro.screening.fold import folded

THREAT = "jag ska döda dig"


def heard(text: str) -> list[str]:
    return [
        text[slice(*finding.span)]
        for finding in screen(text, direction=Direction.INCOMING)
        if finding.rule == "threat.kill" and finding.severity is Severity.URGENT
    ]


@pytest.mark.parametrize(
    "written",
    [
        "jag ska doda dig",
        "JAG SKA DÖDA DIG",
        "jag ska doeda dig",
        "jag ska d\ufffdda dig",
        "jag ska dÃ¶da dig",
        unicodedata.normalize("NFD", THREAT),
        "jag ska d\u00f8da dig",
        "j4g 5k4 d0d4 d1g",
        "jag sk@ död@ dig",
        "jag ska döda d!g",
        "jag ska d|g döda d|g",
        "jag ska dööödaaa diiig",
        "jag ska d.ö.d.a dig",
        "jag ska d-ö-d-a dig",
        "jag ska d+ö+d+a dig",
        "jag ska d~ö~d~a dig",
        "jag ska dö*da dig",
        "jag ska d_ö_d_a dig",
        "j.a.g.s.k.a.d.ö.d.a.d.i.g",
        "jаg skа dödа dіg",
        "jag ska dοda dig",
        "ｊａｇ ｓｋａ ｄöｄａ ｄｉｇ",
        "𝓳𝓪𝓰 𝓼𝓴𝓪 𝓭ö𝓭𝓪 𝓭𝓲𝓰",
        "ⓙⓐⓖ ⓢⓚⓐ ⓓöⓓⓐ ⓓⓘⓖ",
        "🅹🅰🅶 🆂🅺🅰 🅳ö🅳🅰 🅳🅸🅶",
        "🅙🅐🅖 🅢🅚🅐 🅓ö🅓🅐 🅓🅘🅖",
        "ᴊᴀɢ sᴋᴀ ᴅöᴅᴀ ᴅɪɢ",
        "j\u200bag s\u00adka dö\u2060da di\u200dg",
        "j\u3164ag ska dö\u2800da dig",
        "jag\u00a0ska\u2003döda\u202fdig",
        "j̷a̷g̷ ̷s̷k̷a̷ ̷d̷ö̷d̷a̷ ̷d̷i̷g̷",
        "jag ska d0\ufe0f\u20e3da dig",
        "jag, ska, döda, dig",
        "jag ska 🔪 döda 🔪 dig",
        "jag ska d🔪ö🔪d🔪a dig",
    ],
)
def test_a_threat_is_heard_however_it_is_written(written: str) -> None:
    text = f"Hörru. {written} i kväll"

    assert heard(text), folded(text).text


@pytest.mark.parametrize(
    "written",
    [
        "jag sk4 d0da dig",
        "jag ska d.ö.d.a dig",
        "jag ska dö*da dig",
        "jag ska dÃ¶da dig",
        "jag ska d0\ufe0f\u20e3da dig",
        "🅹🅰🅶 🆂🅺🅰 🅳ö🅳🅰 🅳🅸🅶",
    ],
)
def test_what_was_heard_is_shown_in_the_writers_own_letters(written: str) -> None:
    assert heard(f"👋 {written}, hör du") == [written]


@pytest.mark.parametrize(
    "text",
    [
        "Hej!Jag undrar över bygglovet",
        "Poesin på biblioteket är fin, Michael",
        "e-tjänst för a_b och 1*2*3",
        "Vi ses kl 8 på buss 4:an",
        "A B C D är betygen",
        "Café Ångbåt å ä ö",
        "Öppet 08.00-17.00, 3-åringar 0 kr",
    ],
)
def test_ordinary_text_is_read_as_it_stands(text: str) -> None:
    assert not [f for f in screen(text, direction=Direction.INCOMING) if f.severity >= Severity.URGENT]


@pytest.mark.parametrize(("written", "digits"), [("٤٢", "42"), ("１２", "12"), ("४२", "42"), ("4\ufe0f\u20e32", "42")])
def test_digits_of_every_script_are_digits(written: str, digits: str) -> None:
    assert folded(written).text == digits
