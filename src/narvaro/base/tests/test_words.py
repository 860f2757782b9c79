"""What is searched for is found, and identity numbers are not."""

import threading
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narvaro.base.words import LONGEST_WORD, query_words, words


def test_swedish_endings_meet_in_one_stem():
    assert words("Upphandlingar överklagades") == words("upphandling ÖVERKLAGAS") == ["upphandling", "överklag"]


def test_swedish_vowels_are_letters_of_their_own():
    assert words("häst") != words("hast")
    assert words("mål") != words("mal")
    assert words("över") != words("over")


def test_text_is_the_same_however_its_letters_are_composed():
    text = "Smörgåsbord på Åkervägen"

    assert words(normalize("NFD", text)) == words(text) == words(normalize("NFC", text))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Vår nya e-tjänst", "e-tjänst"),
        ("Vår nya e-tjänst", "etjänst"),
        ("Vår nya e-tjänst", "tjänster"),
        ("Vår nya etjänst", "e-tjänst"),
        ("Mötet 2026-11-20 ställs in", "2026"),
        ("Mötet 2026-11-20 ställs in", "2026-11-20"),
        ("#TrafikIStorköping står still", "storköping"),
        ("#TrafikIStorköping står still", "trafikistorköping"),
        ("Frågor om bygg\u00adlov", "bygglov"),
        ("och/eller", "eller"),
        ("@kommunen@social.example", "kommunen"),
        ("STRASSE Straße", "straße"),
    ],
)
def test_a_text_is_found_by(written: str, asked: str):
    assert set(query_words(asked)) <= set(words(written))


def test_repeated_words_are_kept_in_texts_and_asked_for_once():
    assert words("nej nej") == ["nej", "nej"]
    assert query_words("nej Nej NEJ") == ["nej"]


@pytest.mark.parametrize("nothing", ["", "   ", "!?…", "😀😀", "___", "---"])
def test_a_text_without_letters_or_digits_has_no_words(nothing: str):
    assert words(nothing) == []
    assert query_words(nothing) == []


@pytest.mark.parametrize("number", ["19900101-2385", "9001012385", "900101 - 2385", "1 9 9 0 0 1 0 1 2 3 8 5"])
def test_identity_numbers_are_neither_indexed_nor_asked_for(number: str):
    assert words(f"Jag heter något, {number}, hej") == words("Jag heter något, hej")
    assert query_words(number) == []


def test_an_identity_number_parted_by_unseen_marks_is_not_indexed():
    assert words("900101\u200b2385") == []


def test_very_long_words_are_cut_alike():
    assert words("x" * 500) == query_words("x" * 900)
    assert len(words("x" * 500)[0]) == LONGEST_WORD


@given(st.text())
def test_any_text_has_words_and_finds_itself(text: str):
    found = words(text)

    assert all(found)
    assert set(query_words(text)) <= set(found)


def test_threads_do_not_disturb_each_other():
    expected, wrong = words("kommunens upphandlingar"), []

    def stem() -> None:
        wrong.extend(found for _ in range(300) if (found := words("kommunens upphandlingar")) != expected)

    threads = [threading.Thread(target=stem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
