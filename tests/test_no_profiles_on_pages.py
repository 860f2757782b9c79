"""
No address of the product narrows what somebody wrote to what was found in it, or to why something was decided (RF-3,
RF-4, GDPR-6).

Every address that can be opened is asked for one resident together with each sort of finding, under each word that its
page reads and under many that it might; whatever it does with a word that means nothing, it does with a finding.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from itertools import chain
from urllib.parse import unquote

import pytest
from django import forms
from django.urls import URLPattern, URLResolver, get_resolver

from narvaro.base import clock, law
from narvaro.connectors.port import Author
from narvaro.core import queries as core
from narvaro.core.forms import ActingForm
from narvaro.core.models import Letter
from narvaro.core.testing import an_actor, person_of
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions as inbox
from narvaro.inbox import queries as inbox_queries
from narvaro.inbox.models import Finding
from narvaro.inbox.testing import a_comment
from narvaro.inbox.views.steps import QUESTIONS
from narvaro.moderation import actions as moderation
from narvaro.policy import queries as policy
from narvaro.policy.types import Measure as Kind
from narvaro.records import index
from narvaro.records.search import Question, search
from narvaro.testing import turns
from tests.test_bad_day import of_somebody_else as one_of_each

pytestmark = pytest.mark.one_database

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TEXTS = (
    "Jag ska slå dig sönder och samman din jävel", "Jag orkar inte leva längre, jag vill ta mitt liv",
    "Jag har cancer och går på psykiatrin i Storköping", "Ni är så jävla dumma i huvudet era idioter",
    "När öppnar simhallen på lördag?",
)  # fmt: skip
NOTHING = "finnsinte"
RESIDENT = "skribent1"
# Words for somebody, and for what was found, that a page may come to read.
WHOSE = (
    "author", "author_key", "author_remote_id", "handle", "skribent", "forfattare", "vem", "person", "konto", "namn",
    "counterparty", "resident", "invanare",
)  # fmt: skip
WHAT = (
    "area", "areas", "ground", "grund", "rule", "regel", "finding", "findings", "fynd", "marks", "mark", "class",
    "classes", "klass", "severity", "allvar", "urgency", "label", "etikett", "tag", "topic", "amne", "omrade",
    "category", "kategori", "catalogue", "facet", "filter", "slag", "kind", "profil", "list", "ord", "suggested",
)  # fmt: skip
NOT_OPENED = {
    "leads on to a page that is asked": (
        "/", "/brev/<str:token>/avsluta/",
        "/kanaler/anslut/klart/", "/planer/kanal/<uuid:uid>/avslut/", "/publicerat/<uuid:uid>/igen/",
        "/publicerat/<uuid:uid>/lat-vara/", "/publicerat/<uuid:uid>/gjort/", "/publicerat/<uuid:uid>/inte-gjort/",
        "/publicerat/<uuid:uid>/sedd/", "/publicerat/<uuid:uid>/andra/", "/publicerat/<uuid:uid>/ta-bort/",
        "/publicerat/<uuid:uid>/ratta/", "/publicerat/andring/<uuid:uid>/godkann/",
        "/publicerat/andring/<uuid:uid>/angra/", "/publicerat/andring/<uuid:uid>/sedd/",
        "/publicerat/utanfor/<uuid:uid>/vart/", "/publicerat/utanfor/<uuid:uid>/inte-vi/",
        "/publicerat/i-vart-namn/<uuid:uid>/tillbaka/",
        "/publicerat/<uuid:uid>/slapp/",
        "/publicerat/<uuid:uid>/angra/", "/inkorg/flera/", "/inkorg/flera/svara/", "/inkorg/flera/angra/",
        "/inkorg/handling/<uuid:uid>/", "/inkorg/sparade-svar/<uuid:uid>/ta-bort/",
        "/inkorg/sparade-svar/<uuid:uid>/tillbaka/", "/inkorg/svar/<uuid:uid>/angra/", "/inkorg/<uuid:uid>/samtal/",
        "/inkorg/<uuid:uid>/beslut/",
    ),
    "is about one thing that this authority has none of": (
        "/myndighet/logotyp", "/kanaler/egna/<uuid:uid>/ta-bort/", "/kanaler/<uuid:uid>/privata-meddelanden/",
        "/kanaler/arkiv/<uuid:uid>/", "/handlingar/fil/<uuid:uid>/",
        "/inkorg/sparade-svar/<uuid:uid>/", "/inkorg/anteckning/<uuid:uid>/",
        "/publicerat/bild/<uuid:uid>/",
        "/l/<slug:code>", "/l/<slug:code>/", "/l/<slug:code>+", "/bilder/lanad/<str:token>/",
        "/bilder/lanad/film/<str:token>/", "/bilder/film/<uuid:uid>/fil/", "/bilder/film/<uuid:uid>/omslag/",
        "/bilder/film/text/<uuid:uid>/", "/bilder/<uuid:uid>/undertexter/",
    ),
    "is somebody's own, or there only while a vote is open": (
        "/utbildning/intyg/<uuid:uid>/", "/utbildning/intyg/<uuid:uid>.pdf", "/utbildning/rosta/<slug:poll>/",
        "/publicerat/fran-kalkylblad/<uuid:uid>/",
    ),
    "asks what to look for": ("/api/v1/accounts/verify",),
    "asks for a secret": ("/kalender/<str:secret>.ics",),
    "is closed here: set up already, no accounts of one's own, no worker": (
        "/kom-igang/", "/accounts/signup/", "/accounts/email/", "/readyz",
    ),
}  # fmt: skip
"""Addresses that answer with no page here, and why."""
READ = re.compile(r'GET(?:\.get(?:list)?\(|\[)"(\w+)"|request, "(\w+)"|"(\w+)" in request\.GET')
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')


def patterns(found=None, before="") -> Iterator[tuple[str, object]]:
    """Yield every address of ours, as it stands in the product, with its view."""
    for each in get_resolver().url_patterns if found is None else found:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from patterns(each.url_patterns, here)
        elif isinstance(each, URLPattern) and each.callback.__module__.startswith("narvaro."):
            yield "/" + here.lstrip("^/"), each.callback


def words_read_by(view) -> set[str]:
    """Return the words of the address that a view reads, itself or by what it calls among the views."""
    words, to_do, done = set(), [inspect.unwrap(view)], set()
    while to_do:
        function = to_do.pop()
        if function in done:
            continue
        done.add(function)
        words |= {word for groups in READ.findall(inspect.getsource(function)) for word in groups if word}
        for named in map(function.__globals__.get, function.__code__.co_names):
            if inspect.isfunction(named) and ".views" in named.__module__:
                to_do.append(inspect.unwrap(named))
            elif inspect.isclass(named) and issubclass(named, forms.Form) and not issubclass(named, ActingForm):
                words |= set(named.base_fields)
    return words


def told(get, address: str, query: dict[str, str], known: frozenset[str], asked: re.Pattern[str]) -> tuple[int, str]:
    """Return what an address answers, without what differs from one time to another and the words it was asked with."""
    answer = get(address, query)
    body = b"".join(answer) if answer.streaming else answer.content
    text = _TOKEN.sub("", unquote(body.decode("utf-8", "replace")))
    text = _UUID.sub(lambda found: found.group() if found.group() in known else "*", text)
    return answer.status_code, asked.sub("*", text)


def narrowed_by(get, address: str, words: set[str], values: list[str], known: frozenset[str]) -> list[tuple[str, ...]]:
    """Return where an address tells a real finding from a word that means nothing, alone and together with somebody."""
    asked = re.compile("|".join(map(re.escape, sorted({*values, NOTHING}, key=len, reverse=True))))
    somebody = {name: RESIDENT for name in WHOSE if name not in words or name in ("author", "handle")}
    # Where no word for somebody is read, asking for somebody and for nobody is the same question.
    bases = [somebody, *([{}] if words & set(WHOSE) else []), *([{"q": RESIDENT}] if "q" in words else [])]
    problems = []
    for base in bases:
        # Words that no page is seen to read are asked all at once, with an area and a ground by turns.
        guessed = {name: values[:2][at % len(values[:2])] for at, name in enumerate(WHAT) if name not in words}
        if told(get, address, base | guessed, known, asked) != told(
            get, address, base | dict.fromkeys(guessed, NOTHING), known, asked
        ):
            problems.append((address, "guessed", "by turns", ",".join(sorted(base))))
        for some in [[name] for name in sorted(words - set(base))]:
            nothing = told(get, address, base | dict.fromkeys(some, NOTHING), known, asked)
            problems += [
                (address, ",".join(some), value, ",".join(sorted(base)))
                for value in values
                if told(get, address, base | dict.fromkeys(some, value), known, asked) != nothing
            ]
    return problems


@pytest.fixture
def town(client):
    """Sign in somebody with every role in an authority with a row of every kind, where two residents wrote."""
    theirs = one_of_each()
    authority = theirs["inkorg"][0].authority
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    for role in set(Role) - {Role.COMMUNICATIONS_LEAD}:
        an_actor(authority, role=role, person=person_of(lead))
    channel = theirs["kanaler"][0]
    rows = []
    for number in (1, 2):
        author = Author(f"skribent-{number}", f"skribent{number}@social.example", f"Skribent{number}", "")
        rows += [a_comment(authority, f"{text} {'nu' * number}", channel=channel, author=author) for text in TEXTS]
    moderation.decide_measure(
        actor=lead, item=rows[0].item, kind=Kind.HIDE, ground="BBS-5a", reasons="Texten hotar.",
        waive_notice_why="Det är ett automatiskt konto.",
    )  # fmt: skip
    inbox.ask_expert(actor=lead, uid=rows[4].uid, to_address="vet@lillkoping.example", question="När?")
    while index.follow(authority.pk).read:
        pass
    client.force_login(person_of(lead), backend=BACKEND)
    return lead, rows, theirs | {"inkorg": [*rows[:1], *theirs["inkorg"]]}


def near(pattern: str, theirs: dict[str, list]) -> list[str]:
    """Return the uids of every row, those of the place that an address belongs to first."""
    place = max((start for start in theirs if pattern[1:].startswith(start)), key=len)
    first = [str(row.uid) for row in theirs[place]]
    is_closed = any(pattern in some for some in NOT_OPENED.values())  # then none of the others opens it either
    return first if is_closed else [*first, *(str(row.uid) for some in theirs.values() for row in some)]


def filled_in(pattern: str, lead: Actor, uids: list[str]) -> Iterator[str]:
    """Yield the addresses that a pattern stands for; those that take a uid once for every row there is."""
    letter = Letter.objects.of(lead).filter(kind="link.expert").latest("pk")
    article, cited = "inkorgen", next(iter(law.provisions()))
    slug = article if pattern.startswith("/handbok/") else core.authority_of(lead).slug
    code = policy.draft(lead).sections[0]["code"] if pattern.startswith("/policy/") else "BBS-5a"
    token = letter.body.split("/fraga/")[1].split("/")[0]
    plain = pattern.replace("<slug:slug>", slug).replace("<slug:id>", cited).replace("<slug:code>", code)
    plain = plain.replace("<str:token>", token).replace("<int:number>", "1").replace("<int:gap_id>", "1")
    plain = plain.replace("<day:on>", "2026-12-24").replace("<slug:key>", "facebook")
    plain = plain.replace("<slug:case>", "kallan").replace("<slug:course>", "alla").replace("<slug:kind>", "incident")
    for uid in uids if "<uuid:uid>" in plain else [""]:
        yield plain.replace("<uuid:uid>", uid)


def opened(client, lead: Actor, theirs: dict[str, list]) -> tuple[dict[str, object], dict[str, set[int]]]:
    """Return one address of each sort that opens, with its view; and the patterns that never do, with the answers."""
    found, closed = {}, {}
    for pattern, view in patterns():
        if not turns.comes_round(pattern):
            continue
        seen = set()
        for name in QUESTIONS if "<slug:name>" in pattern else [""]:
            for address in filled_in(pattern.replace("<slug:name>", name), lead, near(pattern, theirs)):
                status = client.get(address).status_code
                seen.add(status)
                if status == 405:
                    break
                if status == 200:
                    found[address] = view
                    break
        if not seen & {200, 405}:
            closed[pattern] = seen
    return found, closed


@pytest.mark.django_db
def test_rf_3_no_address_narrows_what_somebody_wrote_to_what_was_found_in_it(client, town):
    lead, rows, theirs = town
    everything = [row for some in theirs.values() for row in some] + rows
    known = frozenset(str(row.uid) for row in everything) | {str(row.item.uid) for row in rows}
    errands = {value for value, _label in inbox_queries.kinds()}  # what the inbox narrows to, of nobody in particular
    by_area = {area: (area, ground, rule) for area, ground, rule in found_in(lead)}
    # Of a crime by its area, its ground and its rule, and of somebody's need.
    found = {*by_area["threat"], by_area["suicide"][1]} - errands
    values = sorted(found, key=lambda each: (each not in ("threat", "BBS-5a"), each))

    with clock.frozen(clock.now()):
        addresses, closed = opened(client, lead, theirs)
        narrowed, tried = [], set()
        for address, view in addresses.items():
            # What a view reads is tried on the first of its addresses.
            words = words_read_by(view) if view not in tried else set()
            tried.add(view)
            narrowed += narrowed_by(client.get, address, words, values, known)

    assert {"threat", "BBS-5a"} <= set(values)
    assert sorted(closed) == sorted(filter(turns.comes_round, chain.from_iterable(NOT_OPENED.values()))), closed
    assert len(addresses) > (25 if turns.are_taken() else 100)
    assert narrowed == []


@pytest.mark.django_db
def test_gdpr_6_the_search_knows_who_wrote_and_no_findings(client, town):
    lead, rows, _theirs = town
    by_one = {str(row.item.uid) for row in rows[: len(TEXTS)]}

    body = client.get("/handlingar/sok/", {"author": RESIDENT}).content.decode()

    assert {str(row.item.uid) for row in rows if str(row.item.uid) in body} == by_one
    for value in {word for words in found_in(lead) for word in words} - {"question"}:
        assert search(lead, Question(text=value)).hits == (), value
        assert search(lead, Question(text=value, author=RESIDENT)).hits == (), value


def found_in(actor: Actor) -> list[tuple[str, str, str]]:
    return list(Finding.objects.of(actor).values_list("area", "ground", "rule"))


def test_a_page_that_narrows_is_seen():
    class Answer:
        streaming, status_code = False, 200

        def __init__(self, text: str) -> None:
            self.content = text.encode()

    def leaks(_address, query):
        return Answer("a" if query.get("grund") == "BBS-5a" else "a b" if "grund" not in query else "")

    def leaks_of_one(_address, query):
        return Answer("a" if (query.get("author"), query.get("area")) == (RESIDENT, "threat") else "a b")

    values = ["threat", "BBS-5a"]
    assert narrowed_by(leaks, "/", {"grund"}, values, frozenset())
    assert narrowed_by(leaks, "/", set(), values, frozenset())
    assert narrowed_by(leaks_of_one, "/", {"author"}, values, frozenset())
    assert not narrowed_by(
        lambda _address, query: Answer(f"a {sorted(query.values())}"), "/", {"x"}, ["b"], frozenset()
    )
