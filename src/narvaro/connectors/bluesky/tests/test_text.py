"""Graphemes as the network counts them, and facets where they should be."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from narvaro.connectors.bluesky import graphemes
from narvaro.connectors.bluesky.text import facets

# [text, count] pairs counted by the network's own package (unicode-segmenter).
COUNTED = [tuple(pair) for pair in json.loads((Path(__file__).parent / "graphemes.json").read_text())]
# Prepended marks and Indic conjuncts need tables that the standard library lacks.
ONE_TOO_MANY = {"নমস্কার", "हिन्दी"}


def test_graphemes_are_counted_as_the_network_counts() -> None:
    wrong = [text for text, count in COUNTED if graphemes(text) != count]

    assert len(COUNTED) > 300
    assert len(wrong) <= 3
    assert all(graphemes(text) == count + 1 for text, count in COUNTED if text in wrong)
    assert {text for text in wrong if text.isalpha()} <= ONE_TOO_MANY


def marked(text: str) -> list[str]:
    dids = {"kommunen.test": "did:plc:x"}
    return [
        text.encode()[each["index"]["byteStart"] : each["index"]["byteEnd"]].decode()
        for each in facets(text, lambda handle: dids.get(handle, ""))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("åäö 👩‍🚀 https://a.example/ö.", ["https://a.example/ö"]),
        ("(https://a.example/b_(c)) och https://b.example)", ["https://a.example/b_(c)", "https://b.example"]),
        ("@kommunen.test, @KOMMUNEN.TEST. x@kommunen.test", ["@kommunen.test", "@KOMMUNEN.TEST"]),
        ("@ingen.test @a", []),
        ("#Öppet! #2026 #år2026 a#b ##c", ["#Öppet", "#år2026"]),
        ("https://a.example/#topp", ["https://a.example/#topp"]),
        ("https:// http://", []),
        ("", []),
    ],
)
def test_links_names_and_tags_are_marked(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


def test_facets_never_overlap_and_stand_in_order() -> None:
    found = facets("#a https://x.example/@kommunen.test#b @kommunen.test", lambda _handle: "did:plc:x")

    spans = [(each["index"]["byteStart"], each["index"]["byteEnd"]) for each in found]
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert len(spans) == 3
