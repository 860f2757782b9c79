"""
What patterns alone cannot tell: numbers with checksums, and whose an address is.

A detector reads the folded text and yields (start, end, severity), severity None for the rule's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

import phonenumbers

from narvaro.base.identity import find_identity_numbers

from .finding import Context, Severity
from .fold import View
from .link_detectors import LINK_DETECTORS
from .number_detectors import ACCOUNT_HINT, NUMBER_DETECTORS, PLATE_DETECTORS
from .outgoing_detectors import OUTGOING_DETECTORS
from .pattern import Patterns

Detected = tuple[int, int, Severity | None]
Detector = Callable[[str, Context], Iterator[Detected]]

# 020, 0771 and 010 numbers belong to organisations, so do addresses of functions.
_ORGANISATION_PHONE = re.compile(r"\+46(?:20|7[0-1]\d00|77\d|10)")
_FUNCTIONS = {
    "info", "kontakt", "kontaktcenter", "kommun", "kommunen", "registrator", "diarium", "support", "press", "post",
    "kundtjanst", "kundtjänst", "kundservice", "medborgarservice", "dataskyddsombud", "dso", "reception", "bibliotek",
    "biblioteket", "webmaster", "myndighetsbrevlada", "noreply", "no-reply", "kansli", "rektor", "socialtjansten",
}  # fmt: skip

# Letters and digits of a folded text in short ranges; the whole of Unicode would make the pattern slow.
_LETTER = r"a-z\x{df}-\x{24f}\x{370}-\x{1fff}\x{3040}-\x{d7ff}"
_SIGN = f"0-9{_LETTER}"
_EMAIL = Patterns(
    [
        rf"(?:^|[^{_SIGN}@._%+-])([{_SIGN}][{_SIGN}._%+-]{{0,63}}(?:@|\s?[\[(](?:at|snabel-?a)[\])]\s?)"
        rf"[{_SIGN}][{_SIGN}-]{{0,62}}(?:\.[{_SIGN}][{_SIGN}-]{{0,62}}){{0,3}}\.[{_LETTER}]{{2,24}})(?:$|[^{_SIGN}@])"
    ]
)
_PHONE = Patterns(
    [
        r"(?:^|[^\pL\pN+.,/-])("
        r"(?:\+|00)46[\s().-]{0,3}0?[\s).-]{0,3}\d(?:[\s/.-]{0,2}\d){6,9}"
        r"|0\d{1,3}[\s/.-]{0,3}\d(?:[\s.-]{0,2}\d){4,8}"
        r"|\+[1-9]\d{0,2}[\s().-]{0,3}\d(?:[\s().-]{0,2}\d){6,11}"
        r")(?:$|[^\pL\pN])"
    ]
)
# Shapes of other things: identity numbers, and hours of the day.
_IDENTITY_SHAPE = re.compile(r"\d{6}[-+ ]\d{4}|\d{8}[-+ ]?\d{4}|[01]\d\.[0-5]\d ?- ?[0-2]\d\.[0-5]\d")
_OTHER_NUMBER = re.compile(
    r"\b(?:ocr|faktura|fakturanr|ärende|arende|ärendenr|dnr|diarienummer|ref|orgnr|org\.nr|kundnr)\W{0,3}(?:nummer|nr)?\W{0,3}$"
)


def identity_numbers(text: str, context: Context) -> Iterator[Detected]:
    """Find personal and coordination numbers (checksum and date hold). Law: GDPR-7."""
    del context
    for found in find_identity_numbers(text):
        yield found.start, found.end, None


def phones(text: str, context: Context) -> Iterator[Detected]:
    """Find telephone numbers that are in use as such, except our own and those of organisations."""
    for start, end, number in _phones(text):
        if number not in _own(context) and not _ORGANISATION_PHONE.match(number):
            yield start, end, None


def others_phones(text: str, context: Context) -> Iterator[Detected]:
    """Find telephone numbers to stop before publishing: a mobile that is not ours; ask about other numbers."""
    for start, end, number in _phones(text):
        if number in _own(context) or _ORGANISATION_PHONE.match(number):
            continue
        is_mobile = bool(re.match(r"\+467[02369]", number))
        yield start, end, None if is_mobile and context.own_phones else Severity.ASK


def emails(text: str, context: Context) -> Iterator[Detected]:
    """Find e-mail addresses, except our own."""
    for start, end, _, domain in _emails(text):
        if not _is_own(domain, context):
            yield start, end, None


def others_emails(text: str, context: Context) -> Iterator[Detected]:
    """Find e-mail addresses to stop before publishing; only ask while it is not known which are ours."""
    for start, end, name, domain in _emails(text):
        if name not in _FUNCTIONS and not _is_own(domain, context):
            yield start, end, None if context.own_domains else Severity.ASK


def _emails(text: str) -> Iterator[tuple[int, int, str, str]]:
    for start, end in _places(_EMAIL, text):
        name, domain = re.split(r"\s?[\[(](?:at|snabel-?a)[\])]\s?|@", text[start:end], maxsplit=1)
        yield start, end, name, domain


def _is_own(domain: str, context: Context) -> bool:
    return any(domain == own or domain.endswith(f".{own}") for own in context.own_domains)


def _phones(text: str) -> Iterator[tuple[int, int, str]]:
    for start, end in _places(_PHONE, text):
        written = text[start:end]
        if _IDENTITY_SHAPE.fullmatch(written) or _OTHER_NUMBER.search(text, max(0, start - 24), start):
            continue
        if number := _international(written):
            yield start, end, number


@lru_cache(maxsize=4096)
def _international(written: str) -> str:
    """Return the number as +46…, or "" where no such number can exist."""
    try:
        number = phonenumbers.parse(written, "SE")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _own(context: Context) -> frozenset[str]:
    return frozenset(_international(phone) for phone in context.own_phones) if context.own_phones else frozenset()


def _places(patterns: Patterns, text: str) -> Iterator[tuple[int, int]]:
    view = View(text)
    for span in patterns.spans(0, view.bytes, limit=len(text)):
        yield view.characters(span)


DETECTORS: dict[str, Detector] = {
    "identity_numbers": identity_numbers,
    "phones": phones,
    "others_phones": others_phones,
    "emails": emails,
    "others_emails": others_emails,
    **NUMBER_DETECTORS,
}

# What a text must hold at the least for these to find anything: so many digits, and a match of the pattern.
FEWEST_DIGITS = {"identity_numbers": 9, "phones": 7, "others_phones": 7, "bank_accounts": 6, "payment_cards": 13}
NEEDED = {"bank_accounts": ACCOUNT_HINT}

# These read the text as it was written: case, emoji and addresses are what they look at.
DETECTORS_OF_ORIGINAL: dict[str, Detector] = {**OUTGOING_DETECTORS, **PLATE_DETECTORS, **LINK_DETECTORS}
