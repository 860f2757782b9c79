"""
What an own case must be rid of before it is kept: whatever tells who it was about.

An identity number, an address, a telephone number and a handle are refused; what may be a name is asked about, since
no list of names is whole and places look like people.

Law: GDPR-1, GDPR-7, RF-4
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.utils.translation import gettext as _

from narvaro.base.identity import find_identity_numbers
from narvaro.screening.detectors import emails, phones
from narvaro.screening.finding import Context

_HANDLE: Final = re.compile(r"(?<![\w.@])@[\w][\w.-]+")
_ADDRESS: Final = re.compile(r"https?://\S+")
# Two words or more in a row that begin with a capital. The first word of a sentence says nothing.
_NAMES: Final = re.compile(r"(?<=[^.!?:\s]\s)[A-ZÅÄÖ][a-zåäöé]+(?:[ -][A-ZÅÄÖ][a-zåäöé]+)+")


def problem(text: str) -> str:
    """Return why a text cannot be kept as a case, as a sentence that quotes nothing of it; "" when it can."""
    checks: tuple[tuple[Any, str], ...] = (
        (
            bool(find_identity_numbers(text)),
            _("Texten innehåller ett personnummer. Ta bort det: ett fall ska inte gå att knyta till någon."),
        ),
        (
            any(True for _found in emails(text, Context())),
            _("Texten innehåller en e-postadress. Ta bort den, så att ingen pekas ut."),
        ),
        (
            any(True for _found in phones(text, Context())),
            _("Texten innehåller ett telefonnummer. Ta bort det, så att ingen pekas ut."),
        ),
        (
            bool(_HANDLE.search(text)),
            _("Texten innehåller ett kontonamn, det som börjar med @. Skriv rollen i stället: en förälder."),
        ),
        (
            bool(_ADDRESS.search(text)),
            _("Texten innehåller en länk. Ta bort den: den leder till den det handlade om."),
        ),
    )
    return next((sentence for found, sentence in checks if found), "")


def possible_names(text: str) -> list[str]:
    """Return what may be somebody's name in a text, in order, each once."""
    return list(dict.fromkeys(_NAMES.findall(text)))
