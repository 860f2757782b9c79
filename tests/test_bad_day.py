"""Another authority's ids in every address, and a comment of ten megabytes, through the whole product."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from narvaro.channels.actions import incidents
from narvaro.channels.models import ChannelAssignment
from narvaro.channels.testing import a_channel, a_register_file
from narvaro.connectors.afterwards import Target
from narvaro.core.queries import authority_of
from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
from narvaro.core.types import Actor, Role
from narvaro.inbox import actions as inbox
from narvaro.inbox.actions.together import answer_together
from narvaro.inbox.models import Incoming
from narvaro.inbox.testing import a_comment
from narvaro.inbox.tests.test_hiding import that_hides
from narvaro.inbox.views.steps import ONE_CLICK, QUESTIONS
from narvaro.links.testing import a_link as of_links
from narvaro.media import queries as media
from narvaro.media.testing import one_of_each as of_media
from narvaro.moderation import actions as moderation
from narvaro.moderation import tasks
from narvaro.moderation.models import Block, MachineHiding
from narvaro.moderation.types import ReportKind
from narvaro.outlets.testing import one_of_each as of_outlets
from narvaro.plans.testing import one_of_each as of_plans
from narvaro.policy import actions as policy
from narvaro.policy.models import DutiesSeen
from narvaro.policy.testing import a_draft, a_rule
from narvaro.policy.types import Measure as Kind
from narvaro.publishing import actions as publishing
from narvaro.publishing.actions import acting
from narvaro.publishing.models import Outside, Publication
from narvaro.publishing.testing import a_delegation, a_plan_file, a_promotion, let_out_at_once
from narvaro.publishing.types import State as Sending
from narvaro.records import actions as records
from narvaro.records.testing import a_kept
from narvaro.sources.testing import a_source
from narvaro.testing import turns
from narvaro.training.testing import one_of_each as of_training
from narvaro.watch.testing import one_of_each as of_watch

pytestmark = pytest.mark.django_db
NOT_THAT_WAY = 405
EMPTY_CALENDAR = b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def addresses(patterns=None, before=""):
    """Yield every address of the product that takes a uid."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, here)
        elif isinstance(each, URLPattern) and "<uuid:uid>" in here:
            yield "/" + here


def of_duties(channel):
    """Return that somebody is asked to have seen what it is to be responsible for a channel."""
    held = ChannelAssignment.objects.everywhere("builder").create(
        authority=channel.authority, channel=channel, person=channel.responsible, duty="responsible"
    )
    return DutiesSeen.objects.create(authority=channel.authority, assignment=held, duties=["planning"])


def of_somebody_else():
    """Return rows of another authority by the beginning of the addresses that show them; "" for the rest."""
    authority = an_authority("Lillköping")
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    unit = a_unit(authority)
    channel = that_hides(a_channel(authority, unit=unit))
    item = a_kept(authority, "Vår hemlighet", channel=channel)
    inbox.triage(authority=authority)
    incoming = Incoming.objects.of(actor).get(item=item)
    answer = publishing.publish_answer(actor=actor, item=item, text="Vårt svar")
    entry = records.queue_for_registrar(actor=actor, item=item)
    rule = a_rule(authority)
    words = policy.add_words(actor=actor, name="Våra ord", words="hemlighet")
    decided = moderation.decide_measure(
        actor=actor, item=item, kind=Kind.BLOCK, ground="BBS-5a", reasons="Ett hot.", why_stricter="Grovt.",
        block_days=30, notice="Du får inte skriva här. {klaga}",
    )  # fmt: skip
    block = Block.objects.of(actor).get()
    visitor = Actor.visitor(authority)
    report = moderation.keep_report(actor=visitor, kind=ReportKind.RULES, text="Fel.", channel_uid=str(channel.uid)).row
    complaint = moderation.keep_complaint(actor=visitor, code=decided.code, text="Jag hotade ingen.").row
    package = moderation.make_package(actor=actor, measure=decided.measure)
    moderation.change_automatic(actor=actor, is_on=True)
    number = a_comment(authority, "Mitt personnummer är 811218-9876.", channel=channel)
    tasks.hide_identity_numbers.call()
    hiding = MachineHiding.objects.of(actor).get()
    crisis = moderation.start_crisis(actor=actor, why="Översvämning.")
    together = answer_together(actor=actor, uids=[number.uid], text="Vår hemlighet")
    drafted = publishing.save_message(actor=actor, text="Vår hemlighet", channels={channel: ""})
    waiting = Publication.objects.of(actor).get(state=Sending.AWAITING)
    incident = incidents.open_incident(actor=actor, channel=channel)
    asset, consent = of_media(authority)
    theirs = Target("grannen", False, "granne@social.example", "Vår hemlighet")
    act = acting.act_in_name(
        actor=actor, channel=channel, kind="like", target=theirs, agreed=(), why="Ett skäl som räcker."
    )
    elsewhere = Outside.objects.create(authority=authority, item=item, channel=channel, state="open")
    person, measure = person_of(actor), decided.measure
    return {
        "kanaler": [channel], "kanaler/incident": [incident, channel], "kanaler/overlamning": [person],
        "inkorg": [incoming, item, answer], "publicerat": [answer, item], "publicerat/utkast": [drafted, answer],
        "publicerat/godkannande": [a_delegation(actor), answer], "publicerat/genast": [let_out_at_once(actor, drafted)],
        "publicerat/svar-att-godkanna": [answer],
        "publicerat/bild": [media.pictures_of(actor, asset)[0]],
        "publicerat/texter": [publishing.save_text(actor=actor, name="Vår hemlighet", text="Vår hemlighet"), answer],
        "publicerat/etiketter": [publishing.save_label(actor=actor, name="Vår hemlighet"), answer],
        "publicerat/andring": [act, answer], "publicerat/i-vart-namn": [act, answer],
        "publicerat/utanfor": [elsewhere, item], "publicerat/kvot": [channel, item],
        "publicerat/fran-kalkylblad": [a_plan_file(actor), answer], "publicerat/tider": [channel, answer],
        "publicerat/betalt": [a_promotion(actor, title="Vår hemlighet"), answer],
        "publicerat/lankar": [of_links(actor, title="Vår hemlighet"), answer],
        "handlingar": [item, entry, channel], "administration": [unit, person, rule, words, channel],
        "moderering": [measure, block, report, complaint, item], "": [channel, item, person, rule, measure],
        "moderering/kris": [crisis, waiting, item], "moderering/automatiskt": [hiding, item],
        "bilder": [asset, item], "bilder/fil": [media.pictures_of(actor, asset)[0]], "bilder/samtycken": [consent],
        "bilder/borttaget": [asset], "bilder/film": [asset, consent], "bilder/film/text": [asset],
        "utbildning": of_training(actor),
        "planer": of_plans(actor, unit),
        "kanaler/egna": of_outlets(authority, "Vår hemlighet"),
        "publicerat/kallor": [a_source(authority, "day", EMPTY_CALENDAR, way="file", name="Vår hemlighet")],
        "bevakning": of_watch(authority), "kanaler/las-in": [a_register_file(actor)],
        "policy": [a_draft(actor), person], "policy/uppdrag": [of_duties(channel)],
        "moderering/polispaket": [package, item], "inkorg/svar-till-flera": [together, item],
    }  # fmt: skip


def filled_in(address, slug):
    """Return the addresses that an address with more than a uid stands for; the uid is left to fill in."""
    address = address.replace("<slug:slug>", slug)
    if "<slug:name>" in address:
        doors = (next(iter(ONE_CLICK)), next(iter(QUESTIONS)))  # each kind of step looks its item up in one way
        return [address.replace("<slug:name>", name) for name in doors]
    for kind, name in (("int:number", "1"), ("slug:code", "syfte"), ("slug:routine", "start"), ("slug:poll", "abc")):
        address = address.replace(f"<{kind}>", name)
    return [address]


@pytest.mark.one_database  # what PostgreSQL's own wall adds is tried by itself
def test_p20_another_authoritys_id_looks_as_missing_as_an_unknown_one_in_every_address(client):
    theirs = of_somebody_else()
    stranger = an_actor(an_authority("Storköping"), role=Role.ADMINISTRATOR)
    for role in (Role.COMMUNICATIONS_LEAD, Role.REGISTRAR, Role.ARCHIVIST):
        an_actor(authority_of(stranger), role=role, person=person_of(stranger))
    client.force_login(person_of(stranger), backend=BACKEND)
    slug = authority_of(stranger).slug
    found = [each for address in addresses() for each in filled_in(address, slug)]

    told_apart = []
    for address in found:
        if not turns.comes_round(address.replace(slug, "")):
            continue
        those = theirs[max((start for start in theirs if address[1:].startswith(start)), key=len)]
        for send in (client.get, client.post):
            unknown = send(address.replace("<uuid:uid>", str(uuid4())), {"intent": str(uuid4())})
            for row in those if unknown.status_code != NOT_THAT_WAY else ():
                answer = send(address.replace("<uuid:uid>", str(row.uid)), {"intent": str(uuid4())})
                says = answer.content.decode() if not answer.streaming else "streamed"
                if answer.status_code != unknown.status_code or answer.status_code < 300 or "Vår hemlighet" in says:
                    told_apart.append((address, answer.status_code, unknown.status_code))

    assert len(found) > 50
    assert [address for address in found if address.count("<") != 1] == []
    assert told_apart == []


@pytest.mark.seldom
def test_a_comment_of_ten_megabytes_is_kept_taken_in_and_shown(client):
    authority = an_authority()
    actor = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    item = a_kept(authority, "När öppnar badet? " + "å" * 10_000_000)

    inbox.triage(authority=authority)
    client.force_login(person_of(actor), backend=BACKEND)
    incoming = Incoming.objects.of(actor).get(item=item)
    pages = ("/inkorg/?lista=alla", f"/inkorg/{incoming.uid}/", f"/handlingar/{item.uid}/")
    answers = [client.get(page) for page in pages]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(answers[0].content) < 200_000
