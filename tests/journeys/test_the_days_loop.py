"""
The main story, whole: from nothing installed to an answer on real platforms and records that nobody has changed.

A real Bluesky network and a real Mastodon-API server; every step by somebody at a browser.
"""

from __future__ import annotations

import itertools
import logging
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from narvaro.base import clock
from narvaro.testing.servers.postgres import PostgresServer
from narvaro.testing.servers.smtp import MailServer
from tests.journeys.colleague import PASSWORD, PATIENCE, Colleague, added, until
from tests.journeys.keyboard import Keyboard
from tests.journeys.product import Product

pytestmark = [pytest.mark.journey, pytest.mark.server, pytest.mark.seldom]

DOMAIN = "lillkoping.example"
LEAD, RESPONSIBLE, DEPUTY = f"kommunikation@{DOMAIN}", f"bibliotek@{DOMAIN}", f"ersattare@{DOMAIN}"
NEIGHBOUR_UNIT = f"gata@{DOMAIN}"
MANAGER, REGISTRAR, ARCHIVIST = f"chef@{DOMAIN}", f"registrator@{DOMAIN}", f"arkivarie@{DOMAIN}"
LIBRARY, STREETS = "Biblioteket", "Gata och park"
logging.getLogger("mail.log").setLevel(logging.WARNING)
A_MINUTE = 60.0
_NUMBERS = itertools.count()
A_WEEK = 7 * 24 * 3600

QUESTION, LAMP = "När öppnar ni på lördag?", "Kan någon laga lampan utanför entrén?"
VIEWS = "Kan ni ta emot mina synpunkter på det nya inpasseringssystemet?"
CRITICISM = "Varför var bemötandet i disken så otrevligt i går?"
BASIS = "Läsaren kan ställas om till längre öppning."
ANSWER, REPLY_TO_CRITICISM = "Vi öppnar klockan tio på lördag.", "Tack för att du säger det. Så ska det inte vara."


@dataclass
class Town:
    """The installation of this story, and where its residents write."""

    product: Product
    mail: MailServer
    on_mastodon: Any
    on_bluesky: Any


@pytest.fixture(scope="session")
def postgres():
    with PostgresServer() as server:
        yield server


@pytest.fixture
def town(request, tmp_path, snac, bluesky_network):
    database, name = request.param, f"biblioteket{next(_NUMBERS) or ''}"
    settings = {} if database == "sqlite" else {
        "database_url": request.getfixturevalue("postgres").fresh_database()
    }  # fmt: skip
    with MailServer() as mail:
        settings |= {"smtp_host": mail.host, "smtp_port": str(mail.port), "smtp_tls": "none"}
        with Product(tmp_path / "data", **settings) as product:
            yield Town(product, mail, snac.person(name), bluesky_network.citizen(name))
            print(product.log())  # noqa: T201 - pytest shows it with a failure only


@pytest.mark.parametrize(("town", "language"), [("sqlite", "en"), ("postgres", "sv")], indirect=["town"])
def test_from_a_comment_to_a_kept_answer(town, language, browser, snac, bluesky_network, tmp_path):
    def colleague(**context):
        return Colleague(browser, town.product.url, language=language, **context)

    lead = Keyboard(browser, town.product.url, language=language)
    set_up(lead)
    add_units(lead)
    add_people(lead, town, colleague, tmp_path)
    connect_mastodon(lead, town)
    connect_bluesky(lead, town, bluesky_network)

    began = write_comments(town, snac, bluesky_network)
    responsible = colleague().sign_in(RESPONSIBLE)
    for words in (QUESTION, LAMP, VIEWS, CRITICISM):
        row = responsible.await_row(words, seconds=A_MINUTE)
        assert row.locator("time.deadline").count() == 1, f"no deadline: {words}"
    assert time.monotonic() - began < A_MINUTE
    responsible.look(name="inbox", everything=False)
    each_is_a_record(responsible)
    responsible.go_home()

    mark_absent(lead, responsible=f"={LIBRARY} ansvarig")
    deputy = colleague().sign_in(DEPUTY)
    for words in (QUESTION, LAMP, VIEWS, CRITICISM):
        deputy.await_row(words, within="mina")
    deputy.open_thread(QUESTION, within="mina")
    deputy.shoot("inkorgen")

    escalate(deputy)
    ask_an_expert(deputy, town, colleague)
    pass_on(deputy)
    to_the_registrar(deputy)
    answer(deputy, QUESTION, ANSWER)
    decide(colleague().sign_in(MANAGER))
    answer(deputy, CRITICISM, REPLY_TO_CRITICISM)
    register(colleague().sign_in(REGISTRAR))
    has_got_the_lamp(colleague().sign_in(NEIGHBOUR_UNIT))

    for words in (ANSWER, REPLY_TO_CRITICISM):
        answer_is_out_and_kept(deputy, words)
    assert said_on_mastodon(town).count(ANSWER) == 1
    assert said_on_bluesky(town).count(REPLY_TO_CRITICISM) == 1

    lead.go_home()
    deputy.go_home()
    town.product.stop()
    town.product.start(test_clock_offset_seconds=str(A_WEEK))
    archivist = colleague().sign_in(ARCHIVIST)
    nothing_was_changed(archivist)
    assert said_on_mastodon(town).count(ANSWER) == 1
    assert said_on_bluesky(town).count(REPLY_TO_CRITICISM) == 1
    archivist.go_home()


# --- The first day -------------------------------------------------------------------------------------------------


def set_up(lead):
    lead.open("/")
    lead.fill(
        organisation="Lillköpings kommun", kind="municipality", authority="Kommunstyrelsen",
        admin_name="Kommunikationsansvarig Lillköping", admin_email=LEAD, admin_password=PASSWORD,
    )  # fmt: skip
    lead.send()
    lead.page.wait_for_url("**/att-gora/")
    lead.shoot("kom-igang")


def add_units(lead):
    for name in (LIBRARY, STREETS):
        lead.open("/administration/enheter/ny/")
        lead.fill(name=name)
        lead.send()


def add_people(lead, town, colleague, folder):
    """Those who are to answer are invited by letter; the others are added from the command line."""
    for email, name, role in (
        (RESPONSIBLE, f"{LIBRARY} ansvarig", "representative"),
        (DEPUTY, f"{LIBRARY} ersättare", "deputy"),
    ):
        lead.open("/administration/personer/ny/")
        lead.fill(name=name, email=email, role=role, unit_uid=f"={LIBRARY}")
        lead.send()
    until(lambda: len(town.mail.letters) >= 2, "two invitations")
    for letter in town.mail.letters:
        invited = colleague()
        invited.choose_password(letter.text)
        invited.go_home()
    town.product.commands(
        added(folder, MANAGER, f"{LIBRARY} enhetschef", "unit_manager", LIBRARY),
        added(folder, NEIGHBOUR_UNIT, f"{STREETS} ansvarig", "representative", STREETS),
        added(folder, REGISTRAR, "Registrator Lillköping", "registrar"),
        added(folder, ARCHIVIST, "Arkivarie Lillköping", "archivist"),
    )


def add_channel(lead, platform, account, name):
    lead.open("/kanaler/ny/")
    lead.fill(
        platform=platform, account=account, name=name, unit=f"={LIBRARY}",
        responsible=f"={LIBRARY} ansvarig", deputy=f"={LIBRARY} ersättare",
    )  # fmt: skip
    lead.send()
    lead.page.wait_for_url("**/anslut/")


def connect_mastodon(lead, town):
    office = town.on_mastodon
    add_channel(lead, "mastodon", f"{office.base_url}/{office.name}", "Biblioteket på Mastodon")
    lead.send("form[action*='/anslut/borja/']")
    lead.shoot("mastodon")
    lead.page.locator(f"a[href^='{office.base_url}/oauth/']").click()
    lead.page.locator("input[name=login]").fill(office.name)
    lead.page.locator("input[name=passwd]").fill(office.password)
    lead.page.locator("input[type=submit]").click()
    lead.page.wait_for_url(re.compile(r"/kanaler/[0-9a-f-]{36}/$"))


def connect_bluesky(lead, town, network):
    office = town.on_bluesky
    add_channel(lead, "bluesky", office.handle, "Biblioteket på Bluesky")
    lead.shoot("bluesky")
    lead.fills(app_password=office.app_password())
    lead.tab_to("form[action*=applosenord] details summary")
    lead.key("Enter")
    lead.fills(service=network.pds_url, directory=network.plc_url)
    lead.enter()
    lead.page.wait_for_url(re.compile(r"/kanaler/[0-9a-f-]{36}/$"))
    lead.look(name="channel", everything=False)
    lead.shoot("kanal")


# --- The day -------------------------------------------------------------------------------------------------------


def write_comments(town, snac, network):
    """Let residents write on both platforms; returns when the last of it stood there, in monotonic seconds."""
    resident, neighbour = snac.person("invanare"), network.citizen(display_name="En granne")
    post = town.on_bluesky.post("Nu har vi nytt inpasseringssystem på biblioteket.")
    for words in (QUESTION, LAMP):
        resident.post(f"@{town.on_mastodon.name} {words}")
    for words in (VIEWS, CRITICISM):
        neighbour.post(words, reply_to=post)
    until(lambda: len(town.on_mastodon.notifications()) >= 2, "the server to deliver to its own user", pause=0.5)
    return time.monotonic()


def each_is_a_record(responsible):
    for words in (QUESTION, VIEWS):
        responsible.open_thread(words)
        responsible.page.locator("#history summary").click()
        responsible.follow("/handlingar/")
        assert words in responsible.page.locator("blockquote.quote").first.inner_text()
    responsible.look(name="record", everything=False)


def mark_absent(lead, *, responsible):
    lead.open("/franvaro/")
    today = clock.now().astimezone(clock.STOCKHOLM).date()
    form = "form[action='/franvaro/']"
    lead.fill(form, person_uid=responsible, from_on=f"{today}", until_on=f"{today + timedelta(days=1)}")
    with lead.page.expect_navigation():
        lead.page.locator(f"{form} .actions button").click()


def escalate(deputy):
    deputy.open_thread(CRITICISM)
    deputy.step("chef")
    deputy.fill(text="Hur bemöter vi det här?")
    deputy.send()


def ask_an_expert(deputy, town, colleague):
    """Somebody without an account answers behind the link in the letter, once."""
    expert = f"nycklar@{DOMAIN}"
    deputy.open_thread(VIEWS)
    deputy.step("sakkunnig")
    deputy.fill(to_address=expert, question="Kan systemet göras om?")
    deputy.send()
    until(lambda: bool(letters_to(town, expert)), "the letter to the expert", pause=0.5)
    link = re.search(r"http://localhost:\d+/fraga/\S+", letters_to(town, expert)[0].text)[0]
    stranger = colleague()
    stranger.open(link)
    assert VIEWS in stranger.page.locator("blockquote.quote").inner_text()
    stranger.look(name="expert", everything=False)
    stranger.fill(name="Låssmeden", text=BASIS)
    stranger.send()
    assert stranger.page.goto(link).status == 404
    stranger.go_home()
    deputy.open_thread(VIEWS)
    assert deputy.page.locator("li.said--note", has_text=BASIS).count() == 1


def letters_to(town, address):
    return [letter for letter in town.mail.letters if address in letter.to]


def pass_on(deputy):
    deputy.open_thread(LAMP)
    deputy.step("vidare")
    deputy.fill(unit_uid=f"={STREETS}", why="Belysningen är er.")
    deputy.send()
    assert deputy.rows("mina").filter(has_text=LAMP).count() == 0


def to_the_registrar(deputy):
    deputy.open_thread(VIEWS)
    deputy.step("registrator")
    deputy.send()


def answer(deputy, question, words):
    deputy.open_thread(question, within="alla")
    deputy.shoot("trad")
    deputy.answer(words)
    assert deputy.page.locator("form[action*='/angra/']").count() >= 1, "nothing to take the answer back with"


def decide(manager):
    manager.open_thread(CRITICISM, within="alla")
    manager.fill("#samtal", decide__decision="answer", decide__text="Be om ursäkt.")
    manager.send("form[action*='/beslut/']")
    assert manager.page.locator("#samtal .kept").count() == 1
    manager.go_home()


def register(registrar):
    registrar.open("/handlingar/diarium/")
    registrar.look(name="registry", everything=False)
    registrar.shoot("registrator")
    with registrar.page.expect_navigation():
        registrar.page.locator("[data-row-link]").first.click()
    assert VIEWS in registrar.page.locator("blockquote.quote").inner_text()
    registrar.fill(registry_number="KS 2026/117", summary="Synpunkter på inpassering")
    registrar.send("main .panel form[method=post]")
    registrar.open("/handlingar/diarium/lista/")
    assert "KS 2026/117" in registrar.page.locator("main").inner_text()
    registrar.go_home()


def has_got_the_lamp(neighbour):
    neighbour.await_row(LAMP, within="enhet")
    neighbour.go_home()


# --- What became of it -----------------------------------------------------------------------------------------------


def answer_is_out_and_kept(deputy, words):
    deputy.await_answer(words, "success")
    deputy.open_record()
    assert words in deputy.page.locator("blockquote.quote").first.inner_text()


def said_on_mastodon(town):
    found = [re.sub(r"<[^>]+>", " ", status["content"]) for status in town.on_mastodon.statuses()]
    return "\n".join(found)


def said_on_bluesky(town):
    return "\n".join(record["value"]["text"] for record in town.on_bluesky.posts())


def nothing_was_changed(archivist):
    archivist.open("/handlingar/kontroll/")
    with archivist.page.expect_navigation():
        archivist.page.locator("main form button.button--primary").click()
    fine = archivist.page.locator("#verification .state--success")
    until(lambda: bool(archivist.page.reload()) and fine.count() == 1, "the verification", seconds=PATIENCE)
    archivist.look(name="verification", everything=False)
    archivist.shoot("kontroll")
    archivist.open("/handlingar/sok/?q=inpasseringssystemet")
    assert VIEWS in archivist.page.locator("main").inner_text()
    archivist.shoot("sok")
    archivist.open("/handlingar/luckor/")
    archivist.shoot("luckor")
