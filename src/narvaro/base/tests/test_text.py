"""Whatever a platform sends as HTML, its words come out, soon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narvaro.base.text import plain_text
from narvaro.testing.effort import within

SHORTENED = (
    '<a href="https://storkoping.example/bygglov/ansok-om-bygglov?steg=1&amp;sida=2" rel="nofollow noopener" '
    'target="_blank"><span class="invisible">https://</span><span class="ellipsis">storkoping.example/bygglov/an'
    '</span><span class="invisible">sok-om-bygglov?steg=1&amp;sida=2</span></a>'
)
MENTION = (
    '<span class="h-card"><a href="https://social.example/@kommunen" class="u-url mention">@<span>kommunen</span>'
    "</a></span>"
)
HASHTAG = '<a href="https://social.example/tags/bad" class="mention hashtag" rel="tag">#<span>bad</span></a>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("Hej", "Hej"),
        ("<p>Hej</p>", "Hej"),
        ("<p>Ett</p><p>Två<br>Tre<br/>Fyra</p>", "Ett\n\nTvå\nTre\nFyra"),
        (f"<p>{MENTION} När öppnar ni? {HASHTAG}</p>", "@kommunen När öppnar ni? #bad"),
        (f"<p>Se {SHORTENED} tack</p>", "Se https://storkoping.example/bygglov/ansok-om-bygglov?steg=1&sida=2 tack"),
        (
            '<a href="https://storkoping.example/bygglov">storkoping.example/byg…</a>',
            "https://storkoping.example/bygglov",
        ),
        ('<a href="https://storkoping.example/">storkoping.example</a>', "https://storkoping.example/"),
        ('<a href="https://annan.example/">storkoping.example</a>', "storkoping.example (https://annan.example/)"),
        (
            'Vill du <a href="https://storkoping.example/a">läsa mer</a>?',
            "Vill du läsa mer (https://storkoping.example/a)?",
        ),
        ('<a href="mailto:a@storkoping.example">a@storkoping.example</a>', "mailto:a@storkoping.example"),
        ("<a href='javascript:alert(1)'>klicka</a>", "klicka"),
        ("<a href=https://storkoping.example/a>här</a>", "här (https://storkoping.example/a)"),
        ('<a href="https://storkoping.example/a"></a>', "https://storkoping.example/a"),
        ('<a href="https://storkoping.example/a">utan slut', "utan slut (https://storkoping.example/a)"),
        ("&aring;&auml;&ouml; &lt;b&gt; &amp;amp; &#128512; &quot;x&quot;", 'åäö <b> &amp; 😀 "x"'),
        ("a &lt;script&gt;alert(1)&lt;/script&gt;", "a <script>alert(1)</script>"),
        ("<script>alert('<p>nej</p>')</script>ja<style>p{}</style>", "ja"),
        ("<ul><li>Ett</li><li>Två</li></ul>", "- Ett\n\n- Två"),
        ('Hej <img src="x" alt=":vinkar:" title="y"> då', "Hej :vinkar: då"),
        ("  många \n\t blanka   <b> </b> <i> </i> tecken  ", "många blanka tecken"),
        ("hårt\u00a0blanktecken", "hårt\u00a0blanktecken"),
        ("3 < 5 och 7 > 6, I <3 Storköping", "3 < 5 och 7 > 6, I <3 Storköping"),
        ("a <b och c <p>hej</p>", "a <b och c\n\nhej"),
        ("slut <b", "slut <b"),
        ("<!-- dold -->synlig<!-- aldrig slut", "synlig<!-- aldrig slut"),
        ("<!DOCTYPE html><?xml version='1.0'?>hej", "hej"),
        ('<p title="a > b">hej</p>', "hej"),
        ('<p title="trasig>hej</p>', "hej"),
        ("&#99999999999;&#x110000;&#xd800;&notareal;", "\ufffd\ufffd\ufffd¬areal;"),
        ("a\x00b&#0;", "ab\ufffd"),
        ("</p></a></>", "</>"),
        ("<P>STORA<BR>BOKSTÄVER</P>", "STORA\nBOKSTÄVER"),
    ],
)
def test_html_becomes_the_text_a_reader_sees(html: str, text: str):
    assert plain_text(html) == text


@given(st.text())
def test_text_without_markup_keeps_its_words(text: str):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("\x00", "")

    assert plain_text(escaped).split() == [word for word in text.replace("\x00", "").split() if word]


PIECES = [
    "<",
    ">",
    "<p>",
    "</p>",
    "<a href='",
    '<a href="https://x.example/',
    '">',
    "</a>",
    "<!--",
    "-->",
    "&",
    "&#",
    ";",
]
PIECES += [
    "9" * 30,
    "x",
    " ",
    "\n",
    "<script>",
    "</script>",
    "<br/>",
    "<![CDATA[",
    "<img alt=",
    '"',
    "'",
    "å",
    "\x00",
    "\ud800",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_garbage_makes_it_fail(pieces: list[str]):
    assert isinstance(plain_text("".join(pieces)), str)


@pytest.mark.seldom
@pytest.mark.parametrize(
    "unit",
    ["<", "<a ", "<a x=y ", "&", "&#", "<!--", '<a href="', "<!", "<![CDATA[", "</", "<a<b", "<script>", "<style></",
     '<a ">" ', "<a '>' <b>", "<a href=x>", "<p>hej</p>", "<b> </b>", "9", "&#9", "&#x9", "\n", '"', "<a href href",
     "<li>", "<script></scrip>", "<a\n", "> <a '"],
)  # fmt: skip
def test_a_flood_of_anything_takes_time_in_proportion(unit: str):
    flood = unit * (500_000 // len(unit)) + ">"

    with within(10):
        plain_text(flood)
        plain_text("<p>" + flood + '"</p>')
        plain_text("&#" + "9" * 300_000)
