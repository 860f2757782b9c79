"""Whether a text that should say where a password lies holds the password itself."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_SAID = re.compile(r"(?i)\b(l[öo]sen\w*|passwor[dt]|passwd|pwd|pass|pin\w*|kod\w*|secret|token|nyckel\w*)\s*[:=]\s*\S")
_IS = re.compile(r"(?i)\b(l[öo]sen\w*|passwor[dt]|pin-?kod\w*|kod\w*)\s+(är|is)\s+\S*[\d\W]\S*\s*$")
_APP_PASSWORD = re.compile(r"^[A-Za-z0-9]{4}(-[A-Za-z0-9]{4}){3}$")
_UUID = re.compile(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
_ADDRESS = re.compile(r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$")
_BEGINS = ("otpauth:", "eyj", "ghp_", "xox", "bearer", "-----begin")
_SYMBOLS = set("!@#$%^&*+=~<>|?{}[]\\`¤§€£")
_PARTS = re.compile(r"[-/_:.,;()\"'@]+")
_LETTERS_OF_A_WORD = 24  # longer without a space or a hyphen is no word of a name


def looks_like_secret(text: str) -> bool:
    """
    Whether something in a text looks like a password, a key or a code: better to refuse a name too many.

    Names of vaults and entries, addresses of pages, e-mail addresses and the ids of entries may stand.

    Law: SEC-2
    """
    if _SAID.search(text) or _IS.search(text):
        return True
    return any(_is_secret(word.strip(".,;()\"'")) for word in text.split())


def _is_secret(word: str) -> bool:
    if word.lower().startswith(_BEGINS) or _APP_PASSWORD.match(word):
        return True
    if _UUID.match(word) or _ADDRESS.match(word):
        return False
    if "://" in word:
        return _is_secret_address(word)
    if len(word) >= 6 and set(word) & _SYMBOLS and re.search(r"[^\W\d_]", word) and _is_mixed(word):
        return True
    return any(_is_odd(part) for part in _PARTS.split(word))


def _is_secret_address(word: str) -> bool:
    try:
        parts = urlsplit(word)
        carried = [value for _name, value in parse_qsl(f"{parts.query}&{parts.fragment}")]
    except ValueError:
        return True
    names = re.search(r"(?i)(token|passw|secret|key|otp)\w*=", f"{parts.query}&{parts.fragment}")
    return bool(parts.password or names or any(_is_odd(value) and not _UUID.match(value) for value in carried))


def _is_mixed(word: str) -> bool:
    return bool(re.search(r"\d", word)) or (word.lower() != word and word[1:].lower() != word[1:])


def _is_odd(part: str) -> bool:
    """Whether a part of a word is letters and figures together, or too long for a word."""
    figures, letters = sum(c.isdigit() for c in part), sum(c.isalpha() for c in part)
    return (len(part) >= 8 and figures >= 2 and letters >= 2) or letters >= _LETTERS_OF_A_WORD
