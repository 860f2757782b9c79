"""
Handbook pages from markdown to HTML. HTML in the source is shown as text, never obeyed.

Besides plain markdown a page may write:

    [text](sida:inkorgen)            another page of the handbook, also sida:inkorgen#rubrik
    [text](lag:OSL-2)                a law page
    [text](plats:channels:add)       a page of Närvaro, by the name of its address
    `[r]`                            a key of the keyboard
    {Till registrator}               what a button, field or place is called, in the page's language
    ![what the picture shows](bild:inkorgen)   a picture, left out while its file does not exist
    > **Lagen:** …                   what the law says, in two sentences; any other quotation is a notice
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as translated
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from PIL import Image

LAW_WORDS: Final = ("Lagen:", "The law:")
_KEY: Final = re.compile(r"\[(.+)\]")
_PLACE: Final = re.compile(r'<a href="(?P<address>[^"]*)" class="place">(?P<words>.*?)</a>')
_LABEL: Final = re.compile(r"(\[?)\{([^{}\n]+)\}")
_ENDINGS: Final = ("webp", "png")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a page with its anchor, and the plain words under it until the next heading."""

    title: str
    anchor: str
    level: int
    words: str


@dataclass(frozen=True, slots=True)
class Marked:
    """
    A page read: its heading and lead as plain text, the rest as safe HTML.

    `sections` begins with what stands before the first heading (anchor "", level 1). `links` are the targets
    as written, `laws` the ids of law pages among them; `keys`, `pictures` and `labels` are what is named.
    """

    title: str
    lead: str
    html: str
    sections: tuple[Section, ...]
    links: tuple[str, ...]
    laws: tuple[str, ...]
    keys: tuple[str, ...]
    pictures: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]

    @property
    def contents(self) -> list[Section]:
        """The headings for the table of contents."""
        return [section for section in self.sections if section.anchor]


@dataclass(slots=True)
class _Found:
    links: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)


def marked(source: str, language: str) -> Marked:
    """
    Read one page: a first-level heading, a lead paragraph, then the page.

    Raises:
        ValueError: The page does not begin with a heading and a paragraph.
        NoReverseMatch: A `plats:` link names an address that does not exist.
    """
    tokens = _MARKDOWN.parse(_with_labels(source, language))
    kinds = [token.type for token in tokens[:6]]
    if kinds != ["heading_open", "inline", "heading_close", "paragraph_open", "inline", "paragraph_close"]:
        raise ValueError("A handbook page begins with a heading and a lead paragraph.")
    title, lead, body = _plain(tokens[1]), _plain(tokens[4]), tokens[6:]
    found = _Found()
    sections = _sections(body, lead, title)
    _dress(body, found)
    html: str = _MARKDOWN.renderer.render(body, _MARKDOWN.options, {"language": language})
    return Marked(
        title=title,
        lead=lead,
        html=html,
        sections=tuple(sections),
        links=tuple(found.links),
        laws=tuple(dict.fromkeys(link.removeprefix("lag:") for link in found.links if link.startswith("lag:"))),
        keys=tuple(dict.fromkeys(found.keys)),
        pictures=tuple(found.pictures),
        labels=tuple(name for _, name in _LABEL.findall(source)),
    )


def address(target: str) -> str:
    """Return the address that a link of a page leads to. Raises NoReverseMatch."""
    kind, _, name = target.partition(":")
    if kind == "sida":
        slug, _, anchor = name.partition("#")
        return reverse("handbook_page", args=[slug]) + (f"#{anchor}" if anchor else "")
    if kind == "lag":
        return reverse("handbook_law", args=[name]) if name else reverse("handbook_laws")
    if kind == "plats":
        return reverse(name)
    return target


def for_reader(html: str, may_enter: Callable[[str], bool]) -> str:
    """Return the HTML of a page where links to places that its reader may not enter are only words."""
    return _PLACE.sub(lambda found: found[0] if may_enter(found["address"]) else found["words"], html)


def anchor_of(title: str) -> str:
    """Return a heading in plain letters, such as "nar-nagot-ar-akut"; its anchor has "h-" before it."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def _with_labels(source: str, language: str) -> str:
    """Put in what things are called on the pages: strong in the text, plain as the words of a link."""

    def name(found: re.Match[str]) -> str:
        words = translated(found[2])
        return f"[{words}" if found[1] else f"**{words}**"

    with translation.override(language):
        return _LABEL.sub(name, source)


def _sections(body: list[Token], lead: str, title: str) -> list[Section]:
    """Give every heading an anchor of its own and gather the words below it."""
    found: list[Section] = []
    heading, anchor, level, words = title, "", 1, [lead]
    taken: set[str] = set()
    for at, token in enumerate(body):
        if token.type == "heading_open":
            found.append(Section(heading, anchor, level, " ".join(words)))
            heading, level, words = _plain(body[at + 1]), int(token.tag[1]), []
            anchor = _free(f"h-{anchor_of(heading)}", taken)  # the shell has ids of its own
            token.attrSet("id", anchor)
        elif token.type == "inline" and body[at - 1].type != "heading_open":
            words.append(_plain(token))
        elif token.type == "fence":
            words.append(token.content)
    found.append(Section(heading, anchor, level, " ".join(words)))
    return found


def _free(anchor: str, taken: set[str]) -> str:
    number, free = 1, anchor
    while free in taken:
        number += 1
        free = f"{anchor}-{number}"
    taken.add(free)
    return free


def _plain(inline: Token) -> str:
    parts = []
    for token in inline.children or []:
        if token.type in ("text", "code_inline"):
            key = _KEY.fullmatch(token.content) if token.type == "code_inline" else None
            parts.append(key[1] if key else token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _dress(body: list[Token], found: _Found) -> None:
    for at, token in enumerate(body):
        if token.type == "blockquote_open":
            _dress_quotation(body, at)
        elif token.type == "fence":
            token.attrSet("class", "command")
        for child in token.children or []:
            _dress_inline(child, found)


def _dress_quotation(body: list[Token], at: int) -> None:
    """A quotation that begins with the law's words is the law; any other is a notice."""
    token = body[at]
    close = next(other for other in body[at:] if other.type == "blockquote_close" and other.level == token.level)
    if _plain(body[at + 2]).startswith(LAW_WORDS):
        token.attrSet("class", "law")
    else:
        token.tag = close.tag = "div"
        token.attrSet("class", "message-box message-box--info")


def _dress_inline(token: Token, found: _Found) -> None:
    if token.type == "link_open":
        target = str(token.attrs["href"])
        found.links.append(target)
        token.attrSet("href", address(target))
        if target.startswith("plats:"):
            token.attrSet("class", "place")
        if target.startswith("https://"):
            token.attrSet("rel", "noreferrer")
    elif token.type == "image":
        found.pictures.append((str(token.attrs["src"]).removeprefix("bild:"), token.content))
    elif token.type == "code_inline" and (key := _KEY.fullmatch(token.content)):
        found.keys.append(key[1])


class _Renderer(RendererHTML):
    """How the few things of our own look in HTML."""

    def code_inline(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        if key := _KEY.fullmatch(tokens[idx].content):
            return f"<kbd>{_escaped(key[1])}</kbd>"
        return super().code_inline(tokens, idx, options, env)

    def fence(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<pre class="command" tabindex="0"><code>{_escaped(tokens[idx].content)}</code></pre>\n'

    def table_open(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        # Reached by keyboard, since a narrow page lets a wide table be rolled sideways.
        return '<div class="table-scroll" tabindex="0"><table class="table-ng table-ng--divided">\n'

    def table_close(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def tr_open(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<tr class="table-ng__row">\n'

    def th_open(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<th scope="col">'

    def image(self, tokens: Any, idx: int, options: OptionsDict, env: EnvType) -> str:
        """A picture of the page's language, or nothing while the journeys have not made one."""
        token = tokens[idx]
        name = str(token.attrs["src"]).removeprefix("bild:")
        for ending in _ENDINGS:
            path = f"web/handbook/{name}.{env['language']}.{ending}"
            if file := finders.find(path):
                with Image.open(file) as picture:
                    width, height = picture.size
                return (
                    f'<img class="handbook__picture" src="{static(path)}" alt="{_escaped(token.content)}" '
                    f'width="{width}" height="{height}" loading="lazy">'
                )
        return ""


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer).enable("table")
    # Our own kinds of address beside the web's; everything else stays text.
    reader.validateLink = lambda url: url.startswith(("sida:", "lag:", "plats:", "bild:", "https://", "#"))  # type: ignore[method-assign]
    return reader


_MARKDOWN: Final = _reader()
