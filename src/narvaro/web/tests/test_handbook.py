"""The handbook: whole in both languages, true about keys, places and the law, and open to those signed in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import Resolver404, resolve, reverse
from django.utils.html import escape
from PIL import Image

import narvaro
from narvaro.base import law
from narvaro.core.access import may_enter
from narvaro.core.testing import a_person, an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.web import command, options
from narvaro.web.handbook import contents, markup, search
from narvaro.web.handbook.markup import marked
from narvaro.web.handbook.views import CONFIDENCE

pytestmark = pytest.mark.one_database

PACKAGE = Path(narvaro.__file__).parent
PAGES = PACKAGE / "web" / "handbook" / "pages"
EVERY_PAGE = [pytest.param(slug, language, id=f"{slug}.{language}") for language in contents.LANGUAGES
              for slug in contents.slugs()]  # fmt: skip
OWN_KEYS = {"Tab", "Enter", "Esc"}  # of the browser itself, and Escape of our script


@pytest.fixture
def reader(client, db):
    """Somebody who is signed in, without any role."""
    client.force_login(a_person(an_authority()))
    return client


class _Page(HTMLParser):
    """The anchors, links and headings of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids += [found["id"]] if found.get("id") else []
        self.links += [found["href"]] if tag == "a" and found.get("href") else []
        self.headings += [tag] if re.fullmatch("h[1-6]", tag) else []


# --- Whole in both languages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", contents.LANGUAGES)
def test_the_files_are_the_pages_and_each_stands_in_one_group(language):
    files = {path.stem for path in (PAGES / language).glob("*.md")}

    assert files == set(contents.slugs())
    assert len(contents.slugs()) == len(set(contents.slugs()))


@pytest.mark.parametrize("slug", contents.slugs())
def test_both_languages_have_the_same_headings_links_keys_and_pictures(slug):
    swedish, english = contents.pages("sv")[slug].marked, contents.pages("en")[slug].marked

    assert [s.level for s in swedish.sections] == [s.level for s in english.sections]
    assert [_without_anchor(link) for link in swedish.links] == [_without_anchor(link) for link in english.links]
    assert swedish.keys == english.keys
    assert sorted(swedish.labels) == sorted(english.labels)
    assert [name for name, _ in swedish.pictures] == [name for name, _ in english.pictures]
    assert swedish.title != english.title


@pytest.mark.parametrize(("slug", "language"), EVERY_PAGE)
def test_a_page_is_a_screen_or_two_and_says_what_the_law_says(slug, language):
    source = contents.source(slug, language)
    page = contents.pages(language)[slug].marked

    assert len(source.split()) < 450
    assert page.laws
    assert "!" not in re.sub(r"!\[", "", source)
    assert re.search(r"^> \*\*(Lagen|The law):\*\* ", source, re.MULTILINE)


def test_every_role_has_a_page_of_its_own():
    by_role = next(group.slugs for group in contents.GROUPS if "registratorn" in group.slugs)
    words = {
        Role.COMMUNICATIONS_LEAD: "kommunikationsansvarig", Role.UNIT_MANAGER: "enhetschef",
        Role.REPRESENTATIVE: "företrädare", Role.DEPUTY: "ersättare", Role.REGISTRAR: "registrator",
        Role.ARCHIVIST: "arkivarie", Role.DPO: "dataskyddsombud", Role.AUDITOR: "revisor",
        Role.ADMINISTRATOR: "administratör", Role.EMPLOYEE: "medarbetare",
    }  # fmt: skip
    heads = [contents.source(slug, "sv").split("## ")[0] for slug in by_role]

    assert set(words) == set(Role)
    for word in words.values():
        assert any(f"är {word}" in head for head in heads), word


ROLE_PAGES = {
    Role.COMMUNICATIONS_LEAD: "kommunikationsansvarig", Role.UNIT_MANAGER: "enhetschefen",
    Role.REPRESENTATIVE: "kommunikatoren", Role.DEPUTY: "ersattaren", Role.REGISTRAR: "registratorn",
    Role.ARCHIVIST: "arkivarien", Role.DPO: "dataskyddsombudet", Role.AUDITOR: "revisorn",
    Role.ADMINISTRATOR: "administratoren", Role.EMPLOYEE: "medarbetaren",
}  # fmt: skip
EXPLAINED = {
    "moderation:measures": "sida:moderera", "moderation:oversight": "sida:uppsikt",
    "moderation:crises": "sida:krislage", "moderation:reports": "sida:anmalningar",
    "moderation:complaints": "sida:anmalningar", "policy:own_words": "sida:egna-ord",
    "inbox:learner": "sida:forslag", "moderation:equal": "plats:moderation:equal",
}  # fmt: skip
"""Places of moderation, and where the handbook tells of each."""


@pytest.mark.parametrize("language", contents.LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_what_a_role_meets_in_moderation_its_page_leads_to(db, role, language):
    pages, somebody = contents.pages(language), an_actor(an_authority(), role=role)
    links = {_without_anchor(link) for link in pages[ROLE_PAGES[role]].marked.links}
    if "sida:kommunikatoren" in links:  # who does what those who answer do
        links |= set(pages["kommunikatoren"].marked.links)
    met = {place for place in EXPLAINED if may_enter(somebody, reverse(place))}

    untold = {place for place in met if EXPLAINED[place] not in links}

    assert untold == set()
    assert bool(met) == (role is not Role.EMPLOYEE)


# --- Everything it names is there -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("slug", "language"), EVERY_PAGE)
def test_every_link_of_a_page_leads_somewhere(slug, language):
    page = contents.pages(language)[slug].marked
    for link in page.links:
        kind, _, name = link.partition(":")
        assert kind in ("sida", "lag", "plats", "https"), link
        if kind == "lag" and name:
            law.cited(name)
        elif kind == "sida":
            other, _, anchor = name.partition("#")
            target = contents.pages(language)[other].marked
            assert not anchor or anchor in [s.anchor for s in target.contents], link
        elif kind == "plats":
            resolve(reverse(name))


@pytest.mark.parametrize(("slug", "language"), EVERY_PAGE)
def test_every_key_that_is_named_exists(slug, language):
    assert set(contents.pages(language)[slug].marked.keys) <= OWN_KEYS | keys_of_the_product()


@pytest.mark.parametrize("slug", contents.slugs())
def test_every_button_field_and_place_that_is_named_is_called_so(slug, words_of_the_product):
    assert set(contents.pages("sv")[slug].marked.labels) <= words_of_the_product


@pytest.mark.parametrize("slug", contents.slugs())
def test_only_what_the_product_says_stands_out(slug):
    for language in contents.LANGUAGES:
        bold = re.findall(r"\*\*([^*]+)\*\*", contents.source(slug, language))

        assert set(bold) <= {"Lagen:", "The law:"}


@pytest.mark.parametrize(("slug", "language"), EVERY_PAGE)
def test_every_command_and_setting_that_is_named_exists(slug, language):
    source = contents.source(slug, language)

    commands = set(re.findall(r"^narvaro (\w+)|`narvaro (\w+)", source, re.MULTILINE))
    names = set(re.findall(r"\bNARVARO_([A-Z_]+)\b", source))

    assert {one or other for one, other in commands} <= set(command.commands())
    assert {name.lower() for name in names} <= set(options.Options.model_fields)


def test_every_picture_file_is_named_by_a_page_and_has_words_for_who_does_not_see_it():
    named = {name: alt for page in contents.pages("sv").values() for name, alt in page.marked.pictures}
    folder = PACKAGE / "web" / "static" / "web" / "handbook"
    files = {path.name.split(".")[0] for path in folder.iterdir() if path.suffix in (".png", ".webp")}

    assert files <= set(named)
    assert all(len(alt) > 10 for alt in named.values())


@pytest.fixture(scope="module")
def words_of_the_product() -> set[str]:
    """Return every Swedish text that pages and forms show."""
    found: set[str] = set()
    marked_text = re.compile(r"""(?:translate\s+|_\(\s*|gettext_lazy\(\s*|translated\(\s*)"([^"]+)\"""")
    for path in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.py")]:
        if "handbook" not in str(path) and "tests" not in path.parts:
            found |= set(marked_text.findall(path.read_text(encoding="utf-8")))
    return found


def keys_of_the_product() -> set[str]:
    """Return the keys that pages and forms give to their elements, and those of the script itself."""
    found: set[str] = set()
    for path in [*PACKAGE.rglob("*.html"), *PACKAGE.rglob("forms.py")]:
        found |= set(re.findall(r"""data-key(?:=|":\s*)["']([^"'{]+)["']""", path.read_text(encoding="utf-8")))
    script = (PACKAGE / "core" / "static" / "core" / "narvaro.js").read_text(encoding="utf-8")
    return found | set(re.findall(r"""event\.key === "(.)\"""", script))


def _without_anchor(link: str) -> str:
    return link.partition("#")[0]


# --- Safe to show -----------------------------------------------------------------------------------------------------


def test_html_in_a_page_is_text():
    page = marked("# T\n\nLead.\n\n<script>alert(1)</script> [x](javascript:alert(1)) [y](http://x.example)", "sv")

    assert "<script" not in page.html
    assert 'href="' not in page.html


def test_headings_alike_get_anchors_of_their_own():
    page = marked("# T\n\nLead.\n\n## Gör så här\n\nA\n\n## Gör så här\n\nB", "sv")

    assert [s.anchor for s in page.contents] == ["h-gor-sa-har", "h-gor-sa-har-2"]


def test_a_picture_is_left_out_until_it_is_made(tmp_path, monkeypatch):
    source = "# T\n\nLead.\n\n![En inkorg](bild:provbild)"
    before = marked(source, "sv").html
    Image.new("RGB", (30, 20)).save(tmp_path / "bild.png")
    monkeypatch.setattr(
        markup.finders, "find", lambda path: str(tmp_path / "bild.png") if path.endswith("sv.png") else None
    )

    after = marked(source, "sv").html

    assert "<img" not in before
    assert 'alt="En inkorg" width="30" height="20"' in after
    assert "<img" not in marked(source, "en").html


# --- As people meet it ------------------------------------------------------------------------------------------------


def test_the_handbook_is_for_those_who_are_signed_in(client, db):
    for address in ("/handbok/", "/handbok/inkorgen/", "/handbok/lag/", "/handbok/lag/TF-2/", "/handbok/sok/"):
        assert client.get(address).status_code == 302


def test_the_start_page_leads_to_every_page(reader):
    page = _Page(reader.get(reverse("handbook")).content.decode())

    assert {reverse("handbook_page", args=[slug]) for slug in contents.slugs()} <= set(page.links)
    assert reverse("handbook_laws") in page.links


@pytest.mark.parametrize("language", contents.LANGUAGES)
def test_every_page_opens_and_its_anchors_and_addresses_resolve(reader, language):
    reader.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for slug in contents.slugs():
        answer = reader.get(reverse("handbook_page", args=[slug]))
        page = _Page(answer.content.decode())

        assert answer.status_code == 200
        assert f'<html lang="{language}"' in answer.content.decode()
        assert len(page.ids) == len(set(page.ids)), slug
        assert page.headings.count("h1") == 1
        for link in page.links:
            if link.startswith("#"):
                assert link[1:] in page.ids, (slug, link)
            elif link.startswith("/"):
                _resolves(link)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.REGISTRAR, Role.COMMUNICATIONS_LEAD])
def test_a_place_that_its_reader_may_not_enter_is_words_and_no_link(client, db, role):
    client.force_login(person_of(an_actor(an_authority(), role=role)))
    pages = [client.get(reverse("handbook_page", args=[slug])).content.decode() for slug in contents.slugs()]
    places = {address for page in pages for address in re.findall('href="([^"]*)" class="place"', page)}
    written = {
        link for page in contents.pages("sv").values() for link in page.marked.links if link.startswith("plats:")
    }

    closed = {place for place in places if client.get(place).status_code == 403}

    assert closed == set()
    assert places
    assert len(places) < len(written) or role is Role.COMMUNICATIONS_LEAD


def test_previous_and_next_lead_through_the_whole_handbook(reader):
    at, walked = reverse("handbook_page", args=[contents.slugs()[0]]), []
    while at and len(walked) < 100:
        walked.append(at)
        found = re.search(r'rel="next" href="([^"]+)"', reader.get(at).content.decode())
        at = found[1] if found else ""

    assert walked == [reverse("handbook_page", args=[slug]) for slug in contents.slugs()]


@pytest.mark.parametrize("catalogue", [law.provisions, law.record_classes])
def test_every_law_page_says_what_where_and_how_sure(reader, catalogue):
    for cited in catalogue().values():
        html = reader.get(reverse("handbook_law", args=[cited.id])).content.decode()

        assert f"{cited.read_on.year}</dd>" in html
        assert escape(str(CONFIDENCE[cited.confidence])) in html
        if isinstance(cited, law.Provision):
            assert escape(cited.url) in html
            assert escape(cited.citation) in html


def test_a_law_that_nobody_has_read_says_so_plainly(reader):
    unread = next(p.id for p in law.provisions().values() if p.confidence == "recalled")
    read = next(p.id for p in law.provisions().values() if p.confidence == "A")

    assert "message-box--warning" in reader.get(reverse("handbook_law", args=[unread])).content.decode()
    assert "message-box--warning" not in reader.get(reverse("handbook_law", args=[read])).content.decode()


def test_the_law_list_leads_to_every_law_page(reader):
    page = _Page(reader.get(reverse("handbook_laws")).content.decode())

    ids = [*law.provisions(), *law.record_classes()]
    assert {reverse("handbook_law", args=[id]) for id in ids} <= set(page.links)


@pytest.mark.parametrize("address", ["/handbok/finns-inte/", "/handbok/lag/XX-1/", "/handbok/lag/SM-99/"])
def test_what_is_not_written_is_a_kind_404(reader, address):
    assert reader.get(address).status_code == 404


# --- Search -----------------------------------------------------------------------------------------------------------


def test_search_finds_the_section_and_inflected_words():
    hits = search.find("applösenordet", "sv")

    assert hits
    assert any(hit.url.startswith("/handbok/bluesky/") for hit in hits)


def test_search_wants_every_word_and_knows_its_languages():
    assert not search.find("applösenord flodhäst", "sv")
    assert search.find("absence", "en")
    assert search.find("", "sv") == []


def test_every_hit_leads_to_an_anchor_that_exists():
    for hit in search.find("svar", "sv"):
        place, _, anchor = hit.url.partition("#")
        slug = place.strip("/").rpartition("/")[2]
        if anchor:
            assert anchor in [s.anchor for s in contents.pages("sv")[slug].marked.contents]


def test_search_shows_what_was_asked_without_obeying_it(reader):
    html = reader.get(reverse("handbook_search"), {"fraga": "<script>x</script>"}).content.decode()

    assert "<script>x" not in html


def test_the_styles_are_there():
    assert finders.find("web/handbook/handbook.css")


def _resolves(link: str) -> None:
    try:
        resolve(link.partition("#")[0].partition("?")[0])
    except Resolver404:
        if not link.startswith("/static/"):
            raise
