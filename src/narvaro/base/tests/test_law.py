"""Every provision can be cited, is told in our own words, and is honest about how sure we are."""

import re
from datetime import date

import pytest

from narvaro.base.law import (
    Disposition,
    Registration,
    cited,
    provision,
    provisions,
    record_class,
    record_classes,
    secrecy_grounds,
)


def numbered(prefix: str, last: int) -> list[str]:
    return [f"{prefix}-{number}" for number in range(1, last + 1)]


EXPECTED = [
    *numbered("TF", 14), *numbered("OSL", 10), *numbered("BBS", 10), *numbered("DSA", 3), *numbered("FL", 9),
    *numbered("RF", 5), *numbered("KL", 4), *numbered("GDPR", 12), *numbered("DOS", 6), *numbered("URL", 5),
    *numbered("ARK", 15), *numbered("SEC", 4), *numbered("OD", 6), "TCO-1", "TTPA-1", "DL-1", "SL-1", "LEK-1",
    *(f"BBS-5{letter}" for letter in "abcdefg"), "BBS-5-2",
    *(f"OSL-{ground}" for ground in (
        "21-1", "21-3", "21-5", "21-7", "22-1", "23", "25-1", "26-1", "18-1", "35-1", "18-8", "18-13", "19", "31",
        "39", "40-5")),
]  # fmt: skip
CLASSES = [
    *(f"SM-{number:02}" for number in range(1, 27) if number != 11), "SM-11a", "SM-11b", "SM-11c", "SM-13b", "SM-20b",
]  # fmt: skip


def test_the_catalogue_holds_every_provision_and_no_other():
    assert sorted(provisions()) == sorted(EXPECTED)
    assert sorted(record_classes()) == sorted(CLASSES)


@pytest.mark.parametrize("id", EXPECTED)
def test_each_provision_is_whole(id: str):
    found = provision(id)

    assert found.id == id
    for text in (found.text_sv, found.text_en):
        assert text.endswith(".")
        assert 40 < len(text) < 400
        assert "!" not in text
    assert found.title_sv
    assert found.title_en
    assert found.citation
    assert re.fullmatch(r"https?://\S+", found.url)
    assert found.read_on == date(2026, 11, 20)


@pytest.mark.parametrize("id", CLASSES)
def test_each_record_class_is_whole_and_cites_what_exists(id: str):
    found = record_class(id)

    assert found.law
    for each in found.law:
        assert provision(each)
    has_period = found.keep_months is not None or found.keep_days is not None
    assert has_period == (found.disposition in (Disposition.DISPOSE, Disposition.WEED))
    assert has_period == bool(found.from_sv and found.from_en)
    assert found.confidence == "D"


def test_what_we_do_not_know_is_not_passed_off_as_read():
    assert provision("TF-2").confidence == "A"
    assert provision("OSL-2").confidence == "B"
    assert provision("OSL-7").confidence == "recalled"
    assert provision("BBS-8").confidence == "D"
    assert all(ground.confidence != "A" for ground in secrecy_grounds())


def test_an_unknown_id_is_refused_with_a_sentence():
    with pytest.raises(KeyError, match="ingen bestämmelse med beteckningen TF-99"):
        provision("TF-99")
    with pytest.raises(KeyError, match="ingen handlingstyp med beteckningen SM-99"):
        cited("SM-99")


def test_law_lines_may_cite_provisions_and_record_classes():
    assert cited("FL-2") is provision("FL-2")
    assert cited("SM-23") is record_class("SM-23")
    assert record_class("SM-23").registration is Registration.NOT_A_RECORD


def test_secrecy_grounds_tell_whether_secrecy_is_presumed():
    grounds = {ground.id: ground.harm_test for ground in secrecy_grounds()}

    assert len(grounds) == 16
    assert grounds["OSL-25-1"] == "presume_secret"
    assert grounds["OSL-21-1"] == "presume_open"
    assert grounds["OSL-40-5"] == "absolute"
