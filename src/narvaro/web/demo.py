"""
A plainly fictional municipality to try with: Storköping, whose people are functions and whose residents are nobody.

Everything goes the same way as the real thing: through actions and capture, so that it is kept, proven and screened.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from narvaro.base.clock import now, today
from narvaro.channels import actions as channels
from narvaro.channels.actions import custody
from narvaro.channels.types import Platform
from narvaro.connectors import port
from narvaro.connectors.port import Author, Item, Page, Visibility
from narvaro.core import actions as house
from narvaro.core import ledger
from narvaro.core import queries as core
from narvaro.core.types import Actor, Role
from narvaro.decisions.rules import content_hash
from narvaro.decisions.types import Outcome
from narvaro.inbox import actions as inbox
from narvaro.moderation import actions as moderation
from narvaro.moderation.types import ReportKind
from narvaro.plans import actions as plans
from narvaro.plans import queries as plan_queries
from narvaro.plans import rules as plan_rules
from narvaro.policy import actions as policy
from narvaro.policy import queries as policy_queries
from narvaro.policy.types import Measure as Kind
from narvaro.records import actions as records
from narvaro.records import queries as records_queries
from narvaro.records.types import Source
from narvaro.sources import actions as sources
from narvaro.sources.actions.setting_up import Wish
from narvaro.sources.types import Kind as About
from narvaro.sources.types import Setup
from narvaro.training import actions as training
from narvaro.watch import actions as watch
from narvaro.watch.actions.searches import Said as Overheard
from narvaro.watch.actions.searches import key_of

if TYPE_CHECKING:
    from narvaro.channels.models import Channel
    from narvaro.core.models import Authority, Person, Unit

DOMAIN = "storkoping.example"
ADMINISTRATOR = f"kommunikation@{DOMAIN}"

_UNITS = ("Biblioteket", "Simhallen", "Gata och park")
_PEOPLE: tuple[tuple[str, str, Role, str], ...] = (
    ("biblioteket", "Kommunikatör Biblioteket", Role.REPRESENTATIVE, "Biblioteket"),
    ("bibliotekarie", "Bibliotekarie Biblioteket", Role.DEPUTY, "Biblioteket"),
    ("simhallen", "Kommunikatör Simhallen", Role.REPRESENTATIVE, "Simhallen"),
    ("badvard", "Badvärd Simhallen", Role.DEPUTY, "Simhallen"),
    ("gata", "Kommunikatör Gata och park", Role.REPRESENTATIVE, "Gata och park"),
    ("ingenjor", "Trafikingenjör Gata och park", Role.DEPUTY, "Gata och park"),
    ("chef.gata", "Enhetschef Gata och park", Role.UNIT_MANAGER, "Gata och park"),
    ("registrator", "Registrator Kommunstyrelsen", Role.REGISTRAR, ""),
    ("arkivarie", "Arkivarie Kommunstyrelsen", Role.ARCHIVIST, ""),
    ("dataskydd", "Dataskyddsombud Storköping", Role.DPO, ""),
    ("revisor", "Revisor Storköping", Role.AUDITOR, ""),
)
_CHANNELS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("bibliotek", "Biblioteket", "Storköpings bibliotek", "biblioteket", "bibliotekarie", "Öppettider och läslust."),
    ("simhall", "Simhallen", "Storköpings simhall", "simhallen", "badvard", "Öppettider och driftstörningar."),
    ("gata", "Gata och park", "Gata och park i Storköping", "gata", "ingenjor", "Vägarbeten, snö och parker."),
)


@dataclass(frozen=True, slots=True)
class _Said:
    """Something said in a thread: by whom (None is ourselves), how long ago, and which thread it stands in."""

    thread: str
    text: str
    hours_ago: float
    author: str | None = None
    answers: str = ""
    key: str = ""
    visibility: Visibility = Visibility.PUBLIC


_SAID: dict[str, tuple[_Said, ...]] = {
    "bibliotek": (
        _Said("sommar", "Från måndag gäller sommarens öppettider: 10–18 på vardagar, 10–14 på lördagar.", 120),
        _Said("sommar", "Gäller det filialen i Norrby också?", 117, "Läsare i Norrby", key="norrby"),
        _Said("sommar", "Ja, i Norrby har vi öppet 12–18 på vardagar hela sommaren. /Biblioteket", 115, None, "norrby"),
        _Said("sommar", "Tack, då vet jag.", 114, "Läsare i Norrby", key="tack"),
        _Said("sommar", "Kan man låna spel också, eller bara böcker?", 3, "Spelsugen"),
        _Said("saga", "Sagostund för de minsta på lördag klockan 11. Ingen anmälan behövs.", 30),
        _Said("saga", "Finns det plats för barnvagnar inne i sagorummet?", 26, "Förälder med vagn"),
        _Said("saga", "Så fint att ni har sagostund igen!", 22, "Glad besökare"),
        _Said(
            "fraga",
            "Hej, jag har fått en påminnelse om en bok som jag har lämnat tillbaka. Mitt personnummer är "
            "19811218-9876 om ni behöver slå upp det.",
            5,
            "Låntagare",
            visibility=Visibility.PRIVATE,
        ),
    ),
    "simhall": (
        _Said("varmt", "Varmvattnet i den stora bassängen är avstängt i dag på grund av ett pumpfel.", 52),
        _Said("varmt", "När räknar ni med att det är lagat?", 50, "Morgonsimmare", key="lagat"),
        _Said("varmt", "Pumpen är bytt och vattnet är varmt igen i morgon bitti. /Simhallen", 46, None, "lagat"),
        _Said("varmt", "Idioter hela bunten, och hon i kassan är den värsta.", 45, "Arg badgäst", key="pahopp"),
        _Said("varmt", "Får man tillbaka pengarna för sitt årskort de dagarna?", 44, "Årskortsinnehavare"),
        _Said(
            "simskola",
            "Jag är orolig för ett barn i simskolan. En förälder slår sin dotter, hon har blåmärken på armarna. "
            "Vem ska jag prata med?",
            1.5,
            "Orolig förälder",
        ),
        _Said("simskola", "Nu öppnar anmälan till höstens simskola.", 70),
        _Said("simskola", "Hur gamla ska barnen vara för att få börja?", 68, "Undrande förälder", key="alder"),
        _Said("simskola", "De ska fylla sex år under året. Välkomna! /Simhallen", 66, None, "alder"),
    ),
    "gata": (
        _Said("lampa", "Vi byter belysningen i Storgatsparken i veckan.", 150),
        _Said("lampa", "Lampan vid lekplatsen på Ringvägen har varit trasig i tre veckor nu.", 140, "Granne"),
        _Said("lampa", "Samma på Parkgatan. Det är kolsvart för dem som går hem från skolan.", 130, "Annan granne"),
        _Said("cykel", "Ny cykelväg mellan stationen och sjukhuset: så går arbetet till.", 80),
        _Said(
            "cykel",
            "Jag vill ta del av avtalet med entreprenören som bygger cykelvägen. Var får jag en kopia av handlingen?",
            28,
            "Nyfiken cyklist",
        ),
        _Said(
            "cykel",
            "Ni på gatukontoret är odugliga. Jag vet var du jobbar och i morgon kommer jag dit och slår sönder dig.",
            2,
            "Anonym",
        ),
        _Said("cykel", "Bra att det äntligen händer något!", 60, "Pendlare"),
        _Said("cykel", "Tjäna 9 000 kr i veckan! Skriv JA så kommer länken.", 20, "Snabba slantar", key="reklam"),
        _Said("halka", "Vem ringer man när gångbanan inte är sandad?", 6, "Försiktig gångare"),
    ),
}  # fmt: skip


_REGISTER = f"""Plattform;Konto;Enhet;Ansvarig;Syfte
Facebook;storkopingsbiblioteket;Biblioteket;biblioteket@{DOMAIN};Boktips och öppettider
Instagram;simhallenstorkoping;Simhallen;;Bilder från simskolan
Okänd plats;simhallen;Simhallen;;
"""
"""A list that somebody has begun to bring in: rows that can come in, and one that cannot."""

_OPERATIONS = """nr;rubrik;text;område;prio;läge
31;Storgatan stängs av på onsdag;Vi byter ledningar mellan torget och bron. Gående kommer fram.;Centrum;hög;pågår
32;En lampa är trasig;;Norrby;låg;pågår
"""
"""What an operational system tells: one thing that people need to know, and one that the source passes over."""


def load_demo(*, password: str | None = None) -> Actor:
    """
    Load the demo into an empty installation, whole or not at all.

    Args:
        password: For everybody in the demo; chance when None.

    Returns:
        The demo's administrator, who also leads communications.

    Raises:
        Invalid: Something is set up already.
    """
    password = password or secrets.token_urlsafe(12)
    with transaction.atomic():
        authority, actor = house.set_up(
            organisation="Storköpings kommun (påhittad)",
            authority="Kommunstyrelsen i Storköping",
            admin_email=ADMINISTRATOR,
            admin_name="Kommunikationsansvarig Storköping",
            admin_password=password,
            is_demo=True,
        )
        policy.take_starting_rules(actor=actor)
        units = {name: house.add_unit(actor=actor, name=name) for name in _UNITS}
        people = {
            key: house.add_person(
                actor=actor, email=f"{key}@{DOMAIN}", name=name, role=role, password=password,
                unit_uid=units[unit].uid if unit else None,
            )
            for key, name, role, unit in _PEOPLE
        }  # fmt: skip
        registered = {}
        for key, unit, name, responsible, deputy, purpose in _CHANNELS:
            registered[key] = _register(
                actor, key, name, purpose, unit=units[unit], people=(people[responsible], people[deputy])
            )
        _plan(actor, registered)
        channels.keep_register(actor=actor, name="konton-hos-storköping.csv", content=_REGISTER.encode())
        ledger.sequence(authority)
    while inbox.triage(authority=authority):
        pass
    _moderate(actor, authority, registered)
    _look_around(actor, units["Simhallen"])
    _listen_to_operations(actor, registered["gata"])
    _train(actor, people)
    _decide(actor)
    return actor


def _register(actor: Actor, key: str, name: str, purpose: str, *, unit: Unit, people: tuple[Person, Person]) -> Channel:
    """Register one channel with whoever answers for it and their deputy, its keys, and what came in on it."""
    moment = now()
    responsible, deputy = people
    channel = channels.add_channel(
        actor=actor, platform=Platform.MANUAL, name=name, handle=f"{key}.{DOMAIN}", url=f"https://{key}.{DOMAIN}/",
        unit=unit, responsible=responsible, deputy=deputy, purpose=purpose,
        in_operation_from=moment - timedelta(days=30),
    )  # fmt: skip
    channels.describe_channel(
        actor=actor, channel=channel, languages="svenska", staffed_hours="Vardagar 8–16",
        elsewhere=f"Skriv till {key}@{DOMAIN} eller kom in till oss.",
        function_mailbox=f"{key}@{DOMAIN}", opened_on=(moment - timedelta(days=400)).date(),
    )  # fmt: skip
    custody.keep_custody(
        actor=actor, channel=channel, vault=f"Kommunens lösenordsvalv, posten {name}",
        recovery_owner="Webbredaktören", break_glass="Växeln öppnar valvet och ringer Webbredaktören.",
    )  # fmt: skip
    for person in people:
        custody.note_access(actor=actor, channel=channel, function="Redaktör", person=person, reaches_password=True)
    page = Page(items=tuple(_items(key, name, moment)), next_cursor="")
    records.capture(channel=channel, page=page, source=Source.POLL)
    return channel


def _decide(actor: Actor) -> None:
    """Let the guideline that ships be adopted and read by one, and the next version be begun."""
    guideline = policy.begin_guideline(actor=actor)
    policy.fill_in(
        actor=actor, uid=guideline.uid, title=guideline.title, adopting_body="Kommunfullmäktige i Storköping",
        revising_body="Kommunstyrelsen i Storköping", values={},
    )  # fmt: skip
    guideline = policy.adopt_guideline(
        actor=actor, uid=guideline.uid, body="Kommunfullmäktige i Storköping", decided_on=today(), paragraph="§ 41",
        diary_number="KS 2026/98", in_force_on=today(),
    )  # fmt: skip
    first = next(iter(policy_queries.people_to_ask(actor)), None)
    reader = core.actor_for(first, actor.authority_id) if first else None
    if reader is not None:
        policy.acknowledge(actor=reader, uid=guideline.uid, seen_hash=guideline.content_hash)
    draft = policy.begin_guideline(actor=actor)
    policy.write_section(
        actor=actor, uid=draft.uid, code="website", number="3", heading="Webbplatsen är navet",
        text="Webbplatsen är vår huvudkanal. Sociala medier leder dit. Det som är viktigt står alltid på webbplatsen.",
    )  # fmt: skip


def _plan(actor: Actor, registered: dict[str, Channel]) -> None:
    """Write the library's plan, decided, and a draft for the swimming hall."""
    library = next(each for each in plan_rules.BEGINNINGS if each.key == "bibliotek")
    plan = plans.write_plan(actor=actor, channel=registered["bibliotek"], answers=library.answers, send=False)
    plans.comment_plan(actor=actor, uid=plan.uid, part="goals", text="Räknar vi besök eller barn?")
    plans.decide_plan(
        actor=actor, uid=plan.uid, outcome=Outcome.APPROVED, reference="KS 2026/112",
        seen_hash=content_hash(plan_queries.version_of(actor, plan, plan.latest).content),
    )  # fmt: skip
    draft = {"message": "Öppettider, och när något är stängt.", "audience": "De som badar och simmar hos oss."}
    plans.write_plan(actor=actor, channel=registered["simhall"], answers=draft, send=False)


def _moderate(actor: Actor, authority: Authority, registered: dict[str, Channel]) -> None:
    """Let the lists of moderation hold what they hold after a few days: two decisions, a report and a complaint."""

    def record(channel: str, remote_id: str, kind: Kind, ground: str, **words: Any) -> moderation.Decided:
        item = records_queries.item_by_remote_id(actor, registered[channel].pk, f"demo:{channel}:{remote_id}")
        assert item is not None, f"{remote_id} is no longer said in the demo"
        return moderation.record_measure(actor=actor, item=item, kind=kind, ground=ground, **words)

    record(
        "gata", "cykel:reklam", Kind.REMOVE, "spam", done_at=now() - timedelta(hours=19),
        reasons="Samma reklam står i flera trådar.", waive_notice_why="Kontot är automatiskt.",
    )  # fmt: skip
    hidden = record(
        "simhall", "varmt:pahopp", Kind.HIDE, "personal_attack", done_at=now() - timedelta(hours=42),
        reasons="Texten pekar ut den som sitter i kassan, och hon är lätt att känna igen.",
        notice="Vi har dolt din kommentar, för den angrep en person. Skriv gärna om saken igen. {klaga}",
    )  # fmt: skip
    visitor = Actor.visitor(authority)
    moderation.keep_complaint(
        actor=visitor, code=hidden.code, text="Jag menade avgiften, inte henne i kassan. Titta en gång till.",
    )  # fmt: skip
    moderation.keep_report(
        actor=visitor, kind=ReportKind.WRONG, url=f"https://bibliotek.{DOMAIN}/sommar/0",
        text="Här står det 10–14 på lördagar, men på dörren står det 10–13.",
    )  # fmt: skip


def _train(actor: Actor, people: dict[str, Any]) -> None:
    """Let there have been a theme day with votes and minutes, a working group, and one course that managers lack."""
    own = training.add_case(
        actor=actor, title="Svaret som kom för sent", law=["FL-2", "FL-3"],
        answers="Tackar och svarar nu\nLåter det vara",
        text="En granne frågade när gångbanan skulle sandas. Frågan låg hela helgen, och på måndagen föll någon.",
        ask="Vem såg frågan på lördagen?\nVad borde ha stått i kanalen om när ni är på plats?",
    )  # fmt: skip
    day = training.call_day(
        actor=actor, title="Temadag för chefer", starts_at=now() - timedelta(days=6), where="Stora salen",
        agenda="Tre fall, en i taget. Rösta först, prata sedan.", cases=["barn-pa-bild", "kallan", str(own.uid)],
    )  # fmt: skip
    poll = training.open_poll(actor=actor, meeting=day, case="barn-pa-bild")
    visitor = Actor.visitor(poll.authority)
    for number, answer in enumerate((0, 0, 0, 1, 2, 0)):
        training.vote(actor=visitor, poll=poll, answer=answer, secret=f"demo-{number}")
    training.close_poll(actor=actor, poll=poll)
    training.write_minutes(
        actor=actor, uid=day.uid, agenda=day.agenda,
        minutes="Bilder på barn som går att känna igen tas bort genast, och vi frågar sedan.\n"
        "Vi skriver i varje kanal när någon är på plats.",
    )  # fmt: skip
    due = now().date() + timedelta(days=14)
    training.agree(
        actor=actor, uid=day.uid, what="Skriv in bemanningstider i kanalernas om-text", person=people["chef.gata"],
        due_on=due,
    )  # fmt: skip
    group = training.form_group(
        actor=actor, name="Riktlinje för sociala medier", purpose="Skriver ett förslag som nämnden kan besluta om."
    )
    training.add_member(actor=actor, uid=group.uid, person=people["registrator"], part="Kan reglerna")
    training.add_member(actor=actor, uid=group.uid, person=people["biblioteket"], part="Svarar i kanalerna")
    met = training.call_meeting(
        actor=actor, group=group, title="Första mötet", starts_at=now() - timedelta(days=2), where="Biblioteket",
        agenda="Vad ska riktlinjen svara på?",
    )  # fmt: skip
    training.write_minutes(actor=actor, uid=met.uid, agenda=met.agenda, minutes="Vi utgår från de frågor vi redan får.")
    training.ask_course(actor=actor, code="chef", is_asked=True, roles=[Role.UNIT_MANAGER])


def _look_around(actor: Actor, unit: Any) -> None:
    """Let there be an account that poses as the municipality, a matter that is followed, an error found elsewhere."""
    case = watch.open_case(
        actor=actor, account=f"https://social.{DOMAIN}/@storkopings_kommun_info", shown_name="Storköpings kommun info",
        text="Har kommunens vapen och ber om kontonummer.",
    )  # fmt: skip
    watch.confirm_case(actor=actor, uid=case.uid, why="Kontot har vårt vapen och svarar invånare som om det vore vi.")
    watch.warn_of_case(actor=actor, uid=case.uid, text="Lämna aldrig kontonummer där. Vi ber inte om sådant.")
    watch.open_case(actor=actor, account=f"@storkoping@social.{DOMAIN}", shown_name="Storköping")
    watch.add_search(actor=actor, words="simhallen", is_no_person=True, feeds=[f"https://lokalbladet.{DOMAIN}/flode"])
    reading = watch.claim_source()
    if reading is not None:
        said = ("Simhallens tak läcker igen", "Simhallen får nya omklädningsrum", "Simhallens öppettider ändras")
        watch.keep_hits(reading, [
            Overheard(key_of(text), text, f"https://lokalbladet.{DOMAIN}/{n}", f"lokalbladet.{DOMAIN}",
                      now() - timedelta(days=2 * n, hours=1))
            for n, text in enumerate(said)
        ])  # fmt: skip
        watch.end_source(reading)
    watch.bring_elsewhere(
        actor=actor, sort="error", link=f"https://lokalbladet.{DOMAIN}/badet", unit_uid=unit.uid,
        text="Simhallen är stängd hela våren, skriver bladet. Den är stängd en vecka.",
    )  # fmt: skip


def _listen_to_operations(actor: Actor, channel: Channel) -> None:
    """Let what the snow clearing and the road works tell become drafts; the background reads it within a minute."""
    wish = Wish(
        name="Driften på gator och vägar", shape="csv", way="file", unit_uid=channel.unit.uid,
        channel_uids=[str(channel.uid)], responsible_uid=channel.responsible.uid,
        template="{rubrik}\n\n{text}\nOmråde: {omrade}", over_template="Klart nu: {rubrik}",
        setup=Setup(
            names={
                "id": "nr", "title": "rubrik", "text": "text", "area": "område", "severity": "prio", "state": "läge",
            },
            severities=("hög", "mellan"), over_words=("klart",),
        ),
    )  # fmt: skip
    sources.add_source(actor=actor, kind=About.INCIDENT, wish=wish, file=("driften.csv", _OPERATIONS.encode()))


def _items(channel: str, name: str, moment: datetime) -> list[Item]:
    ours = Author(remote_id=f"{channel}.{DOMAIN}", handle=f"{channel}.{DOMAIN}", display_name=name)
    begun: set[str] = set()
    items = []
    for number, said in enumerate(sorted(_SAID[channel], key=lambda each: -each.hours_ago)):
        root = f"demo:{channel}:{said.thread}"
        starts = said.thread not in begun
        begun.add(said.thread)
        remote_id = root if starts else f"{root}:{said.key or number}"
        private = said.visibility is Visibility.PRIVATE
        items.append(
            Item(
                remote_id=remote_id,
                kind=port.Kind.MESSAGE if private else port.Kind.MENTION if starts and said.author else
                port.Kind.POST if starts else port.Kind.COMMENT,
                author=_resident(said.author) if said.author else ours,
                text=said.text,
                published_at=moment - timedelta(hours=said.hours_ago),
                raw=json.dumps({"id": remote_id, "text": said.text}, ensure_ascii=False).encode(),
                is_own=said.author is None,
                parent_remote_id="" if starts else f"{root}:{said.answers}" if said.answers else root,
                root_remote_id=root,
                visibility=said.visibility,
                url="" if private else f"https://{channel}.{DOMAIN}/{said.thread}/{number}",
                language="sv",
            )
        )  # fmt: skip
    return items


def _resident(name: str) -> Author:
    handle = "-".join(name.lower().replace("å", "a").replace("ä", "a").replace("ö", "o").split())
    return Author(remote_id=f"invanare:{handle}", handle=f"{handle}@invanare.example", display_name=name)
