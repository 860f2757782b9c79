"""A pasted thread becomes drafts, and no letter of it is lost."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narvaro.connectors.manual import Draft, split_email, split_pasted
from narvaro.connectors.manual.mail import MailError
from narvaro.testing import effort

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

NAMES_FIRST = """Invånare Ett
Varför är vattnet brunt?

Det luktar också.
2 tim
Gilla
Svara
Storköpings kommun
Författare
Invånare Ett Hej! Vi utreder.
1 tim · Gilla · Svara · Redigerad
Invånare Två
Tack
igår kl. 14:02
"""

HANDLES = """Storköpings kommun
@storkoping@social.example
2 tim
Vattnet stängs av.
3 svar
Invånare Ett
@ett@social.example
1 tim
Hur länge?
"""


def written(drafts: list[Draft]) -> list[tuple[str, str]]:
    return [(draft.author, draft.text) for draft in drafts]


def test_names_above_and_times_below_are_told_apart():
    drafts = split_pasted(NAMES_FIRST, now=NOW)

    assert written(drafts) == [
        ("Invånare Ett", "Varför är vattnet brunt?\n\nDet luktar också."),
        ("Storköpings kommun", "Invånare Ett Hej! Vi utreder."),
        ("Invånare Två", "Tack"),
    ]
    assert [draft.parent_index for draft in drafts] == [None, 0, 0]
    assert drafts[0].published_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert drafts[2].published_at == datetime(2026, 11, 19, 13, 2, tzinfo=UTC)


def test_handles_and_times_above_the_text_are_told_apart():
    drafts = split_pasted(HANDLES, now=NOW)

    assert written(drafts) == [
        ("Storköpings kommun (@storkoping@social.example)", "Vattnet stängs av."),
        ("Invånare Ett (@ett@social.example)", "Hur länge?"),
    ]


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("Invånare Ett · 14 okt 2025 kl. 14:02\nHej\nStorköping · 2 tim\nHej själv", ["Hej", "Hej själv"]),
        ("Invånare: Hej hej\nKommunen: Hej själv\nInvånare: Tack", ["Hej hej", "Hej själv", "Tack"]),
        ("En enda text.\nMed två rader.", ["En enda text.\nMed två rader."]),
        ("Invånare Ett skrev:\nBra jobbat!\nInvånare Två kommenterade ditt inlägg.\nInstämmer.", None),
    ],
)
def test_other_ways_of_pasting(pasted: str, expected: list[str] | None):
    drafts = split_pasted(pasted, now=NOW)

    assert [draft.text for draft in drafts] == (expected or ["Bra jobbat!", "Instämmer."])


def test_indented_answers_know_what_they_answer():
    pasted = "Kommunen\nFråga?\n2 tim\n   Invånare Två\n   Ett svar här.\n   1 tim\n"

    drafts = split_pasted(pasted, now=NOW)

    assert [(draft.author, draft.parent_index) for draft in drafts] == [("Kommunen", None), ("Invånare Två", 0)]


def test_a_comment_that_is_only_a_button_word_is_still_a_comment():
    drafts = split_pasted("Kommunen\nFråga?\n2 tim\nInvånare Två\nSvar\n1 tim\n", now=NOW)

    assert [draft.text for draft in drafts] == ["Fråga?", "Svar"]


def test_an_iso_time_without_a_zone_is_swedish_time():
    drafts = split_pasted("Invånare Ett · 2025-07-01 14:02\nHej", now=NOW)

    assert drafts[0].published_at == datetime(2025, 7, 1, 12, 2, tzinfo=UTC)


def test_nothing_but_space_gives_nothing():
    assert split_pasted(" \n\t\r\n") == []


LINES = st.sampled_from([*NAMES_FIRST.splitlines(), *HANDLES.splitlines(), "", "   ", "1,1,1,1", "> svar", "A: b"])


@settings(max_examples=150)
@given(st.lists(st.one_of(LINES, st.text(max_size=40)), max_size=30), st.sampled_from(["\n", "\r\n", "\u2028"]))
def test_the_sources_together_are_the_whole_paste(lines: list[str], end: str):
    pasted = end.join(lines)

    drafts = split_pasted(pasted, now=NOW)

    if drafts:
        assert "".join(draft.source for draft in drafts) == pasted.replace("\x00", "\ufffd")
    else:
        assert not pasted.strip()


@pytest.mark.parametrize(
    "line", ["1," * 100 + "x", "1 " * 100 + "x", "gilla " * 33 + "x", "A " * 100, "a" * 5_000_000],
    ids=["digits", "digits apart", "words", "letters apart", "five megabytes"],
)  # fmt: skip
def test_a_long_line_that_nearly_fits_takes_no_time(line: str):
    with effort.within(2):
        split_pasted(f"{line}\n" * 3, now=NOW)


MAIL = (
    "From: Plattformen <notis@social.example>\r\nTo: kommunen@storkoping.example\r\n"
    "Subject: =?utf-8?q?Ny_kommentar_p=C3=A5_ert_inl=C3=A4gg?=\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/{kind}; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
)


def a_mail(body: str, *, kind: str = "plain", charset: str = "utf-8") -> bytes:
    return MAIL.format(kind=kind, charset=charset).encode() + body.encode("utf-8")


def test_a_forwarded_notification_names_the_author_and_not_the_platform():
    copied = "---------- Forwarded message ---------\nFrån: Plattformen\nÄmne: Ny\n\n"
    body = copied + "Invånare Ett kommenterade ert inlägg:\nHål i vägen!"

    drafts = split_email(a_mail(body))

    assert written(drafts) == [("Invånare Ett", "Hål i vägen!")]
    assert drafts[0].published_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_html_mail_becomes_plain_text():
    drafts = split_email(
        a_mail("<p>Invånare Ett svarade:</p><p>Hål &amp; grus<script>alert(1)</script></p>", kind="html")
    )

    assert drafts[0].author == "Invånare Ett"
    assert "Hål & grus" in drafts[0].text


@pytest.mark.parametrize("charset", ["utf-8", "nonsens", "us-ascii", "iso-8859-1", "utf-16"])
def test_a_wrong_character_set_loses_no_mail(charset: str):
    assert "grus" in split_email(a_mail("Det är grus på vägen", charset=charset))[0].text or charset == "utf-16"


def test_an_attached_mail_is_the_one_that_is_read():
    inner = a_mail("Invånare Två skrev:\nDen inre texten")
    outer = (
        b'From: a@storkoping.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
        b"--x\r\nContent-Type: text/plain\r\n\r\nSe nedan\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        + inner
        + b"\r\n--x--\r\n"
    )

    assert written(split_email(outer)) == [("Invånare Två", "Den inre texten")]


@pytest.mark.parametrize("content", [b"", b"Subject: x\r\n\r\n", b"Content-Type: image/png\r\n\r\nxx"])
def test_a_mail_without_text_says_so(content: bytes):
    with pytest.raises(MailError, match="text"):
        split_email(content)


def test_bytes_that_are_no_mail_at_all_lose_nothing():
    assert split_email(b"bara en rad \xff")[0].source


def within(times: int, header: bytes) -> bytes:
    return b"From: a@b.example\r\n" + header * times + b"Content-Type: text/plain\r\n\r\nhej"


@pytest.mark.parametrize(
    "content",
    [
        within(3000, b"Content-Type: message/rfc822\r\n\r\n"),
        b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(3000)) + b"hej",
        b"From: " + b"(" * 100_000 + b"\r\n\r\nhej",
        b"From: a:;@,(\r\nTo: =?utf-8?q?\r\n\r\nhej",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 100_000 + b"hej",
    ],
    ids=["mails in mails", "parts in parts", "open brackets", "a group", "boxes in boxes"],
)
def test_a_hostile_mail_is_a_draft_to_edit_and_no_crash(content: bytes):
    assert any("hej" in draft.text for draft in split_email(content))


def test_any_header_at_all_is_a_draft_or_a_sentence():
    chance = random.Random(71)
    signs = [b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"*0=", b"\xff", *(bytes([sign]) for sign in b'<>("@,;:\\a =')]
    names = [b"From", b"Date", b"Content-Type", b"Content-Disposition", b"Content-Transfer-Encoding"]
    for _ in range(3000):
        header = chance.choice(names) + b": " + b"".join(chance.choices(signs, k=chance.randint(1, 14)))
        with suppress(MailError):
            assert split_email(header + b"\r\n\r\nhej")
