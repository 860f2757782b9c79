from contextlib import suppress

import pytest

from narvaro.base import captions
from narvaro.base.captions import BadCaptions, Cue, Reason
from narvaro.testing.effort import within

pytestmark = pytest.mark.one_database

VTT = """WEBVTT - Fullmäktige

STYLE
::cue { color: red }

NOTE Detta är till oss själva

inledning
00:01.000 --> 00:03.500 align:start line:0
<v Ordföranden>God <i>kväll</i> &amp; välkomna
till mötet

00:00:03.500 --> 01:00:00.000
2 &lt; 3
"""
SRT = (
    "\ufeff1\r\n00:00:01,000 --> 00:00:03,500\r\n<font color='red'>Ordföranden: God kväll</font> & välkomna\r\n"
    "{\\an8}till mötet\r\n\r\n2\r\n00:00:03,500 --> 01:00:00,000\r\n2 < 3\r\n"
)
CUES = (
    Cue(1_000, 3_500, "Ordföranden: God kväll & välkomna\ntill mötet"),
    Cue(3_500, 3_600_000, "2 < 3"),
)


@pytest.mark.parametrize("given", [VTT, VTT.encode(), SRT, SRT.encode()])
def test_both_formats_give_the_same_cues_without_markup(given):
    assert captions.parsed(given) == CUES


@pytest.mark.parametrize("written", [captions.as_vtt, captions.as_srt])
def test_what_is_written_reads_as_it_was(written):
    assert captions.parsed(written(CUES)) == CUES


def test_words_of_a_cue_can_never_become_markup_or_a_time():
    sly = (Cue(0, 1_000, "<script>00:01.000 --> 00:02.000</script>"),)

    assert "<script>" not in captions.as_vtt(sly)
    assert captions.as_vtt(sly).count("-->") == captions.as_srt(sly).count("-->") == 1
    assert captions.as_words(CUES).splitlines()[-1] == "2 < 3"


@pytest.mark.parametrize(
    ("given", "reason", "line"),
    [
        (b"\xff\xfe1\x00", Reason.NOT_TEXT, 0),
        ("WEBVTT\n\n\x00", Reason.NOT_TEXT, 0),
        ("<html>\n<p>Nej</p>", Reason.NOT_CAPTIONS, 1),
        ("", Reason.NO_CUES, 0),
        ("WEBVTT\n", Reason.NO_CUES, 0),
        ("WEBVTT\n\n00:01 --> 00:02\nHej", Reason.BAD_TIME, 3),
        ("WEBVTT\n\nhej\n\n00:01.000 --> 00:02.000\nHej", Reason.BAD_TIME, 3),
        ("WEBVTT\n\n99:00:00.000 --> 99:00:01.000\nHej", Reason.BAD_TIME, 3),
        ("1\n00:00:02,000 --> 00:00:01,000\nHej", Reason.BACKWARDS, 2),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\nHej\n\n00:01.000 --> 00:02.000\nHej", Reason.OUT_OF_ORDER, 6),
        ("WEBVTT\n\n00:02.000 --> 00:03.000\n" + "å" * 1_001, Reason.TOO_LONG_TEXT, 4),
        ("WEBVTT\n\n" + "00:01.000 --> 00:02.000\nå\n\n" * 10_001, Reason.TOO_MANY, 30_003),
        ("å" * 2_000_001, Reason.TOO_LARGE, 0),
        ("WEBVTT" + "\n" * 100_000, Reason.TOO_MANY, 0),
    ],
    ids=lambda given: given if isinstance(given, Reason) else "",
)
def test_what_cannot_be_read_is_refused_with_its_line(given, reason, line):
    with pytest.raises(BadCaptions) as refused:
        captions.parsed(given)

    assert (refused.value.reason, refused.value.line) == (reason, line)


@pytest.mark.parametrize("sign", ["<v ", "<", "&", "{\\", "-->", "1:", "\n", "WEBVTT "])
def test_a_file_made_to_take_time_is_read_or_refused_at_once(sign):
    hostile = "WEBVTT\n\n00:01.000 --> 00:02.000\n" + sign * (captions.MAX_BYTES // len(sign) - 40)

    with within(2), suppress(BadCaptions):
        captions.parsed(hostile)
