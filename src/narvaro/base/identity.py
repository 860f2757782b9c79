"""
Find Swedish identity numbers in running text: personnummer, samordningsnummer and interim numbers, however written.

A number counts when its check digit is right and its date can exist. Nothing is looked up anywhere.
Being found is a reason to look, never proof that a person is meant: a ten-digit telephone number can by
chance be a valid identity number. Where the words before a number say that it is something else, and it is not
written as an identity number is, it is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from narvaro.base import clock

# What people put between the digits: hyphens and dashes of every length, plus, dots, slashes, blanks that
# do not break a line, and marks that are not seen at all.
_BETWEEN: Final = (
    "-+\u00ad\u2010-\u2015\u2212\ufe63\uff0d./·_ \t\u00a0\u1680\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff"
    ":,()*~=|\u2022\ufe0f\u20e3"
)
_RUN: Final = re.compile(rf"\d(?:[{_BETWEEN}]{{0,3}}\d){{9,}}")
_USUAL: Final = re.compile(r"((?:\d\d)?\d{6})([-+ ]?)(\d{4})", re.ASCII)
_SPACED_GAPS: Final = 3  # so many lone digits in a row read as a number spelled out
# What universities and hospitals give whoever has no number yet: a letter for the first of the last four.
_INTERIM: Final = re.compile(
    r"(?<!\d)(\d{6}|\d{8})[-+\u2010-\u2015 \u00a0]{0,3}([TRSUWXJKLMN])(\d{3})(?![\d:])", re.ASCII | re.IGNORECASE
)
_INTERIM_LETTER: Final = re.compile(r"[TRSUWXJKLMN]\d\d\d", re.ASCII | re.IGNORECASE)  # quicker, and never without
_DIGITS: Final = re.compile(r"\d+").findall
# Numbers of payments, cases and telephones often have a right check digit, and then a possible date by chance.
# A sole trader's organisation number is an identity number, so those words are not among these.
_OTHER: Final = (
    "ocr", "faktura", "referens", "meddelande", "inbetalning", "bankgiro", "plusgiro", "postgiro", "ärende", "arende",
    "diarie", "målnr", "målnummer", "kundn", "order", "beställning", "bokning", "paket", "kolli", "spårning", "serien",
    "artikel", "streckkod", "mätar", "anläggning", "avtal", "abonnemang", "konto", "clearing", "kortn",
)  # fmt: skip
_OTHER_WORDS: Final = {"fakt", "ref", "avi", "avin", "bg", "pg", "dnr", "mål", "ean", "isbn", "kund nr", "kort nr"}
_CALL: Final = ("telefon", "mobil", "ring", "sms", "swish")
_CALL_WORDS: Final = {"tel", "tfn", "nås", "fax", "på nr", "pa nr"}
_PERSONAL: Final = ("personlig", "personn", "pnr", "persnr", "samordning", "född", "födelse", "sista")
_WORDS: Final = re.compile(r"[^\W\d_]+|[.!?\n\d]").findall
_NEAR_WORDS: Final = 5  # so many words before a number say what it is
_BEFORE: Final = 48  # characters before a number that may say what it is


class IdentityKind(StrEnum):
    """Which register the number comes from."""

    PERSONAL = "personal_identity_number"
    COORDINATION = "coordination_number"
    INTERIM = "interim_number"


class Found(NamedTuple):
    """
    An identity number in a text.

    `start` and `end` are offsets in the text, half-open. `digits12` is the number with its century, where a
    number written without one is taken to be the youngest possible at the day of reading. An interim number keeps
    its letter.
    """

    start: int
    end: int
    digits12: str
    kind: IdentityKind


def find_identity_numbers(text: str, *, today: date | None = None) -> list[Found]:
    """
    Return every identity number in the text, in order of start.

    Takes time in proportion to the text. Digits that can be read as two overlapping numbers give both.

    Args:
        today: The day that a missing century is counted from; today in Sweden when not given.

    Returns:
        The numbers found; [] when there are none.

    Law: GDPR-7
    """
    found: list[Found] = []
    for run in _RUN.finditer(text):
        found.extend(_in_run(text, run.start(), run.end(), today))
    if not _INTERIM_LETTER.search(text):
        return found
    interim = [one for match in _INTERIM.finditer(text) if (one := _interim(match, today))]
    return sorted((*found, *interim), key=lambda one: one.start) if interim else found


def mask_identity_numbers(text: str, mask: str = "•") -> str:
    """
    Return the text with every character of each identity number replaced by `mask`.

    With a mask of one character all offsets in the text stay as they are.

    Law: GDPR-7
    """
    found = find_identity_numbers(text)
    if not found:
        return text
    parts, at = [], 0
    for number in found:
        start = max(number.start, at)
        if number.end > start:
            parts += [text[at:start], mask * (number.end - start)]
            at = number.end
    return "".join((*parts, text[at:]))


def kind_of(digits: str, *, today: date | None = None) -> IdentityKind | None:
    """
    Return what kind of identity number 10 or 12 plain digits are, or None when they are not one.

    Law: GDPR-7
    """
    if len(digits) not in (10, 12) or not (digits.isascii() and digits.isdigit()):
        return None
    read = _read(digits, False, today)
    return read[1] if read else None


def _in_run(text: str, start: int, end: int, today: date | None) -> Iterator[Found]:
    if usual := _USUAL.fullmatch(text, start, end):  # as most are written; told apart from all else at once
        read = _read(usual[1] + usual[3], usual[2] == "+", today)
        if read and not _is_said_to_be_other(text, start, [False] * 5 + [bool(usual[2]), False, False, False]):
            yield Found(start, end, *read)
        return
    plain = "".join(_DIGITS(text, start, end))
    if len(plain) == 10 and plain.isascii() and not _checks(plain):
        return  # the only ten there are
    places = [at for at in range(start, end) if text[at].isdecimal()]
    digits = "".join([text[at] for at in places])
    if not digits.isascii():
        digits = "".join([str(int(digit)) for digit in digits])
    # parted[i]: something stands between digit i - 1 and digit i (or digit i begins the run)
    parted = [True, *(here - before > 1 for before, here in pairwise(places)), True]
    covered = 0
    for first in range(len(digits) - 9):
        if not parted[first]:
            continue
        for length in (12, 10):
            last = first + length
            if (
                last > len(digits)
                or last <= covered
                or not parted[last]
                or digits[last - 8 : last - 6] > "12"  # no such month
                or not _is_written_so(parted[first + 1 : last])
            ):
                continue
            if parted[last - 3 : last] == [False, True, False] and text[places[last - 2] - 1] in ":.":
                continue  # a date and an hour
            between = text[places[last - 5] + 1 : places[last - 4]]
            read = _read(digits[first:last], "+" in between, today)
            if read and not _is_said_to_be_other(text, places[first], parted[first + 1 : last]):
                yield Found(places[first], places[last - 1] + 1, *read)
                covered = last
                break


def _is_written_so(gaps: list[bool]) -> bool:
    """
    Tell whether someone would part an identity number like this.

    `gaps[i]` says that digits i and i + 1 are parted. Identity numbers are parted between whole pairs
    (year, month, day, number), or spelled out digit by digit; a telephone number such as 070-123 45 67 is not.
    """
    if not any(gaps[::2]):
        return True
    run = 0
    for gap in gaps:
        run = run + 1 if gap else 0
        if run >= _SPACED_GAPS:
            return True
    return False


def _is_said_to_be_other(text: str, start: int, gaps: list[bool]) -> bool:
    """
    Tell whether the words before say that the number is no identity number.

    Only where it is not parted just before its last four digits, which is how identity numbers are written.
    """
    if gaps[-4] and not any(gaps[-3:]):
        return False
    words = _WORDS(text[max(0, start - _BEFORE) : start].lower())
    if any(word.startswith(_PERSONAL) for word in words):
        return False
    may_be_called = text[start] == "0"
    last = ""
    for word in words[: -_NEAR_WORDS - 1 : -1]:
        if len(word) == 1 and not word.isalpha():  # another sentence, or another number
            return False
        both = f"{word} {last}"
        if word.startswith(_OTHER) or word in _OTHER_WORDS or both in _OTHER_WORDS:
            return True
        if may_be_called and (word.startswith(_CALL) or word in _CALL_WORDS or both in _CALL_WORDS):
            return True
        last = word
    return False


def _interim(match: re.Match[str], today: date | None) -> Found | None:
    day, letter, number = match.groups()
    if day[-2:] > "31" or not (read := _read(f"{day}1{number}", "+" in match.group(), today)):
        return None
    return Found(match.start(), match.end(), f"{read[0][:8]}{letter.upper()}{number}", IdentityKind.INTERIM)


def _read(digits: str, is_over_hundred: bool, today: date | None) -> tuple[str, IdentityKind] | None:
    ten = digits[-10:]
    month, day = int(ten[2:4]), int(ten[4:6])
    kind = IdentityKind.COORDINATION if day >= 60 else IdentityKind.PERSONAL
    if ten[6:9] == "000" or not _checks(ten):
        return None
    for century in [digits[:2]] if len(digits) == 12 else _centuries(int(ten[:2]), month, day, is_over_hundred, today):
        if century in ("18", "19", "20") and _can_exist(int(century + ten[:2]), month, day):
            return century + ten, kind
    return None


def _centuries(year: int, month: int, day: int, is_over_hundred: bool, today: date | None) -> list[str]:
    """Return the centuries a two-digit year may mean, the likeliest first."""
    today = today or clock.today()  # asked late: most digits are no numbers
    birthday = (month, day % 60)
    latest = today.year - (today.year - year) % 100
    if latest == today.year and birthday > (today.month, today.day):
        latest -= 100
    # A plus says "a hundred or more"; still, it is also used as just another dash.
    years = [latest - 100, latest] if is_over_hundred else [latest, latest - 100]
    return [str(each // 100) for each in years]


def _can_exist(year: int, month: int, day: int) -> bool:
    if day >= 60:
        # In coordination numbers the month may be 00 and the day 60 when the birthday is not known, and the
        # official test numbers hold days that their month does not have (31 April).
        return month <= 12 and day - 60 <= 31
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_OF_TWO: Final = {f"{two:02}": _DOUBLED[two // 10] + two % 10 for two in range(100)}


def _checks(ten: str) -> bool:
    """Tell whether the tenth digit is the check digit of the nine before it (Luhn)."""
    two = _OF_TWO
    return (two[ten[:2]] + two[ten[2:4]] + two[ten[4:6]] + two[ten[6:8]] + two[ten[8:]]) % 10 == 0
