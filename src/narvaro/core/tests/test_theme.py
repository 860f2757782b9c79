"""Promises of an authority's colours and of the vendored files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narvaro.core.theme import DARK_GROUNDS, LIGHT_GROUNDS, contrast_ratio, problems_of, theme_css

STATIC = Path(__file__).parents[1] / "static" / "core"

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def names_of(css: str, selector: str) -> dict[str, str]:
    """Return the custom properties of the first rule with this selector."""
    rule = css.split(selector, 1)[1].split("}", 1)[0]
    return dict(re.findall(r"(--n-[a-z-]+):\s*(#[0-9a-f]{6})", rule))


def test_contrast_is_that_of_wcag():
    assert contrast_ratio("#000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast_ratio("#14596b", "#14596b") == 1


@pytest.mark.parametrize("wrong", ["red", "#12", "#1234567", "#14596b;}", "url(x)", "#14596b\n", "#１４５９６ｂ"])
def test_what_is_no_colour_is_refused_and_never_reaches_the_style_sheet(wrong):
    assert len(problems_of("primary_colour", wrong)) == 1
    with pytest.raises(ValueError):
        theme_css(wrong)


def test_no_colour_is_no_fault_but_makes_no_style_sheet():
    assert problems_of("primary_colour", "") == []
    with pytest.raises(ValueError):
        theme_css("")


def test_a_dark_enough_colour_is_accepted():
    assert problems_of("primary_colour", "#14596b") == []
    assert problems_of("accent_colour", "#c2410c") == []


def test_a_pale_colour_is_refused_with_a_shade_that_works():
    [sentence] = problems_of("primary_colour", "#ffd500")

    assert "#ffd500" in sentence
    nearest = re.findall(r"#[0-9a-f]{6}", sentence)[-1]
    assert problems_of("primary_colour", nearest) == []


def test_an_invisible_accent_is_refused():
    assert len(problems_of("accent_colour", "#fffff0")) == 1


@given(primary=colours, accent=colours)
def test_every_shade_reads_on_every_ground_whatever_the_authority_chose(primary, accent):
    css = theme_css(primary, accent)

    for selector, grounds in ((":root {", LIGHT_GROUNDS), (':root[data-theme="dark"] {', DARK_GROUNDS)):
        shades = names_of(css, selector)
        for ground in (*grounds, shades["--n-primary-soft"]):
            assert contrast_ratio(shades["--n-link"], ground) >= 4.5
            assert contrast_ratio(shades["--n-primary-hover"], ground) >= 4.5
        assert contrast_ratio(shades["--n-on-primary"], shades["--n-primary"]) >= 4.5
        assert contrast_ratio(shades["--n-on-primary"], shades["--n-primary-hover"]) >= 4.5
        assert contrast_ratio(shades["--n-accent"], grounds[1]) >= 3


@given(primary=colours)
def test_ordinary_text_reads_on_what_is_chosen(primary):
    own = (STATIC / "narvaro.css").read_text()
    css = theme_css(primary)

    for selector in (":root {", ':root[data-theme="dark"] {'):
        text = names_of(own, selector)["--n-text"]
        assert contrast_ratio(text, names_of(css, selector)["--n-primary-soft"]) >= 4.5


def test_the_style_sheet_has_the_grounds_that_are_computed_with():
    own = (STATIC / "narvaro.css").read_text()

    for selector, grounds in ((":root {", LIGHT_GROUNDS), (':root[data-theme="dark"] {', DARK_GROUNDS)):
        names = names_of(own, selector)
        have = {names[f"--n-{ground}"] for ground in ("surface", "canvas", "sunken", "raised")}
        assert have == set(grounds)


@pytest.mark.parametrize("selector", [":root {", ':root[data-theme="dark"] {'])
def test_the_kits_own_colours_read_on_every_ground(selector):
    names = names_of((STATIC / "narvaro.css").read_text(), selector)

    for ground in ("surface", "canvas", "sunken", "raised"):
        for ink in ("text", "muted", "link", "info", "positive", "warning", "negative", "secret"):
            assert contrast_ratio(names[f"--n-{ink}"], names[f"--n-{ground}"]) >= 4.5, (ink, ground)
        assert contrast_ratio(names["--n-line-strong"], names[f"--n-{ground}"]) >= 3, ground
    for mark in ("info", "positive", "warning", "negative", "secret"):
        assert contrast_ratio(names[f"--n-{mark}"], names[f"--n-{mark}-soft"]) >= 4.5, mark
        assert contrast_ratio(names["--n-text"], names[f"--n-{mark}-soft"]) >= 4.5, mark
        assert contrast_ratio(names["--n-on-strong"], names[f"--n-{mark}"]) >= 4.5, mark


def test_dark_is_the_same_by_choice_and_by_the_computers_setting():
    own = (STATIC / "narvaro.css").read_text()

    assert names_of(own, ':root:not([data-theme="light"]) {') == names_of(own, ':root[data-theme="dark"] {')


def test_vendored_files_are_those_that_were_recorded():
    listed = re.findall(r"^\| `([^`]+\.(?:css|js))` \|.*`([0-9a-f]{64})` \|$", versions(), re.MULTILINE)

    assert len(listed) == 2
    for name, digest in listed:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest, name


def versions() -> str:
    return (STATIC / "vendor" / "VERSIONS.md").read_text()
