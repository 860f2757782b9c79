"""
What the authority does about a comment, whole: on real servers, by those who work there and those who write there.

A real snac, where nobody rules over what others write, and a real Bluesky network, where replies can be hidden.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from narvaro.testing.servers.bluesky import Citizen, Ref
from narvaro.testing.servers.person import Person
from narvaro.testing.servers.snac import Snac
from tests.journeys.colleague import PASSWORD, Colleague, added, until
from tests.journeys.keyboard import Keyboard
from tests.journeys.library import LEAD, MANAGER
from tests.journeys.product import Product

pytestmark = [
    pytest.mark.seldom,
    pytest.mark.journey,
    pytest.mark.server,
    pytest.mark.xdist_group("moderation"),
]  # they share what they look at

SLUG = "kommunstyrelsen"
MOST_CHOICES = 40
THREAT = "Jag vet var vaktmästaren bor och jag ska slå honom sönder och samman."
CALL = "Gå dit och slå sönder rutorna i natt, ni vet var det är."
DISPUTED = "Ni borde få smaka på samma medicin allihop."
OTHERS = ["Jag ska slå er.", "Jag ska slå er igen.", "Jag slår er i kväll.", "Jag slår er i morgon."]
CASE = "5000-K123456-26"
_CODE = re.compile(r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b")
_PLACE = re.compile(r"http://localhost:\d+/[a-z0-9-]+/klaga/")
_FIELD = re.compile(r'name="(csrfmiddlewaretoken|intent|seen_version)" value="([^"]*)"')


@dataclass
class Town:
    """One authority with an account on each server, and those who write to it."""

    product: Product
    snac: Snac
    on_snac: Person
    on_bluesky: Citizen
    neighbour: Person
    caller: Citizen
    call_to_crime: Ref
    disputed: Ref

    def hidden(self) -> list[str]:
        gates = self.on_bluesky.records("app.bsky.feed.threadgate")
        return [uri for gate in gates for uri in gate["value"].get("hiddenReplies", [])]

    def blocked(self) -> list[str]:
        return [record["value"]["subject"] for record in self.on_bluesky.records("app.bsky.graph.block")]

    def is_kept_out(self, person: Person) -> bool:
        """Whether our account on snac keeps somebody out, by the file in which snac has it."""
        muted = self.snac.folder / "user" / self.on_snac.name / "muted"
        return any(path.read_text().strip().endswith(f"/{person.name}") for path in muted.glob("*"))


@pytest.fixture(scope="module")
def town(tmp_path_factory, snac, bluesky_network):
    folder = tmp_path_factory.mktemp("moderation")
    with ThreadPoolExecutor(2) as hands, Product(folder / "data") as product:
        on_snac, on_bluesky = snac.person("simhallen"), bluesky_network.citizen("simhallen")
        done = hands.submit(set_up, product, folder, on_snac, on_bluesky)
        post = on_snac.post("Simhallen öppnar på lördag.")
        neighbour = snac.person("grannen")
        neighbour.post(f"@{on_snac.name} {THREAT}", answers=post)
        news = on_bluesky.post("Simhallen öppnar på lördag.")
        caller, author = bluesky_network.citizen(), bluesky_network.citizen()
        call_to_crime = caller.post(CALL, reply_to=news)
        *_others, disputed = [author.post(words, reply_to=news) for words in (*OTHERS, DISPUTED)]
        done.result()
        yield Town(product, snac, on_snac, on_bluesky, neighbour, caller, call_to_crime, disputed)
        print(product.log())  # noqa: T201 - pytest shows it with a failure only


def set_up(product: Product, folder: Path, on_snac: Person, on_bluesky: Citizen) -> None:
    """Set up the authority with both channels, a lead and a manager, from the command line."""
    network = on_bluesky.network
    secrets = {"password": PASSWORD, "token": on_snac.token, "app": on_bluesky.app_password()}
    for name, secret in secrets.items():
        (folder / name).write_text(secret)
    of_all = ("channel", "add", "--unit", "Simhallen", "--responsible", LEAD)
    product.commands(
        ("setup", "--authority", "Kommunstyrelsen", "--admin", LEAD, "--password-file", str(folder / "password")),
        (*of_all, "--platform", "mastodon", "--url", on_snac.base_url, "--token-file", str(folder / "token")),
        (
            *of_all, "--platform", "bluesky", "--url", network.pds_url, "--handle", on_bluesky.handle,
            "--app-password-file", str(folder / "app"), "--option", f"plc={network.plc_url}",
        ),
        added(folder, MANAGER, "Simhallens chef", "unit_manager", "Simhallen"),
    )  # fmt: skip


class Hands(Keyboard):
    """Somebody who chooses with the arrow keys, too."""

    def chooses(self, name: str, value: str) -> None:
        """Walk to a choice, and press arrows until it says this."""
        self.tab_to(f"[name={name}]")
        is_list = self.page.evaluate("document.activeElement.tagName") == "SELECT"
        self.key("Home" if is_list else "Space")
        for _press in range(MOST_CHOICES):
            if self.page.evaluate("document.activeElement.value") == value:
                return
            self.key("ArrowDown")
        raise AssertionError(f"{value} is no choice of {name} at {self.page.url}")


def test_a_threat_where_the_server_hides_nothing_is_reported_with_evidence_that_proves_itself(town, browser, tmp_path):
    moderator = Hands(browser, town.product.url).signs_in(LEAD)
    page = moderator.page

    moderator.go_to(THREAT)
    moderator.takes("moderera")
    moderator.look(name="moderate", everything=False)
    moderator.chooses("kind", "remove")
    moderator.chooses("ground", "BBS-5a")
    moderator.fills(reasons="Kommentaren hotar vaktmästaren.")
    moderator.sends("form.panel")
    moderator.tab_to("#thread-state a[href^='/moderering/']")
    moderator.enter()
    removal = page.url
    comes(moderator, "[name=done-is_done]")
    assert "blockera kontot" in page.locator("main").inner_text()  # what the server does not do is told
    moderator.look(name="by-hand")

    moderator.go_to(THREAT)
    moderator.takes("moderera")
    moderator.chooses("kind", "block")
    moderator.chooses("ground", "BBS-5a")
    moderator.fills(reasons="Hotet är riktat mot en person.")
    moderator.tab_to("form.panel details.more > summary")
    moderator.key("Enter")
    moderator.fills(block_days="7", waive_notice_why="Beskedet om borttagningen räcker.")
    moderator.sends("form.panel")
    moderator.open(removal)
    moderator.tab_to("[name=done-is_done]")
    moderator.key("Space")
    moderator.sends("form[action*='/gjort/']")
    # What a person says is read where it can be: nobody is told that it is gone before it has been seen to be.
    assert "Närvaro läser på plattformen" in page.locator("main").inner_text()
    comes(moderator, "[name=done-is_done]")
    assert "Syns fortfarande" in page.locator("main").inner_text()
    moderator.tab_to("[name=done-is_done]")
    moderator.key("Space")
    moderator.sends("form[action*='/gjort/']")
    comes(moderator, "main .state--warning:has-text('Allt som går att göra är gjort')")

    moderator.tab_to("main a[href$='/polispaket/']:not(header a)")
    moderator.enter()
    moderator.look(name="make-package", everything=False)
    moderator.sends("form.panel")
    moderator.look(name="package")
    said, code = proved(fetched(moderator, tmp_path))
    assert code == 0, said
    moderator.fills(number__case_number=CASE)
    moderator.tab_to("form[action*='/nummer/'] button")
    moderator.enter()
    assert CASE in page.locator("h1").inner_text()

    until(lambda: town.is_kept_out(town.neighbour), "the server to keep the account out")
    moderator.open("/moderering/")
    with page.expect_navigation():
        page.locator("main a.rows__title[href*='/moderering/']", has_text="Blockera").first.click()
    comes(moderator, "main .state--success")  # read back on the server
    (told,) = until_found(lambda: filter(_PLACE.search, words_to(town.neighbour)), "the words to the author")
    assert _CODE.search(told)
    moderator.satisfied()


def test_a_reply_is_hidden_on_bluesky_and_its_author_kept_out_until_let_in_again(town, browser):
    manager = Colleague(browser, town.product.url, language="en").sign_in(MANAGER)
    page = manager.page

    manager.open_thread(CALL, within="alla")
    manager.step("moderera")
    manager.look(name="moderate", everything=False)
    decide(manager, kind="hide", reasons="Kommentaren uppmanar till skadegörelse.")
    until(lambda: town.call_to_crime.uri in town.hidden(), "the reply to be hidden")
    manager.step("moderera")
    decide(manager, kind="block", reasons="Uppmaningarna fortsätter.", why_stricter="Påminnelser läses inte.")
    until(lambda: town.blocked() == [town.caller.did], "the author to be kept out")

    with page.expect_navigation():
        page.locator("#thread-state a[href^='/moderering/']").first.click()
    comes(manager, "main .state--success")
    manager.look(name="measure", everything=False)
    manager.open("/moderering/blockeringar/")
    row = page.locator("main li.rows__row", has_text=town.caller.handle)
    row.locator("summary").click()
    manager.look(name="blocks", everything=False)
    row.locator("textarea").fill("Personen har bett om ursäkt.")
    with page.expect_navigation():
        row.locator("button.button--primary").click()
    until(lambda: town.blocked() == [], "the author to be let in")
    assert town.call_to_crime.uri in town.hidden()
    manager.open("/moderering/blockeringar/?visa=avslutade")
    assert "Personen har bett om ursäkt." in page.locator("main").inner_text()
    manager.satisfied()


def test_a_resident_reports_and_complains_without_signing_in_and_reads_what_became_of_it(town, browser):
    resident, lead = Hands(browser, town.product.url), Colleague(browser, town.product.url)
    manager = Colleague(browser, town.product.url, language="en")

    code = reported(resident, f"https://bsky.app/profile/{town.disputed.did}/post/{town.disputed.rkey}")
    lead.sign_in(LEAD)
    lead.open_thread(DISPUTED, within="alla")
    lead.step("moderera")
    lead.fill("form.panel", kind="hide", ground="BBS-5a", reasons="Uppfattas som ett hot.")
    lead.send("form.panel")
    decide_others(lead)
    lead.open("/moderering/anmalningar/")
    lead.follow("/moderering/anmalningar/0")
    assert DISPUTED in lead.page.locator("blockquote.quote").inner_text()
    measure = lead.page.locator("select[name=measure] option").nth(1).get_attribute("value")
    lead.fill("main", outcome="acted", measure=measure, answer="Vi har dolt kommentaren.")
    lead.look(name="report", everything=False)
    lead.send()
    assert "Vi har dolt kommentaren." in picked_up(resident, code)

    (notice,) = until_found(lambda: notices(town), "the words to the author")
    assert town.disputed.uri in town.hidden()
    code = complained(resident, _PLACE.search(notice)[0], _CODE.search(notice)[0])
    lead.open("/moderering/klagomal/")
    lead.follow("/moderering/klagomal/0")
    assert lead.page.locator("[name=outcome]").count() == 0  # whoever decided does not decide again
    manager.sign_in(MANAGER)
    manager.open("/moderering/klagomal/")
    manager.follow("/moderering/klagomal/0")
    manager.look(name="complaint", everything=False)
    manager.fill("main", outcome="changed", reasons="Det är hård kritik, men inget hot.")
    manager.send()
    until(lambda: town.disputed.uri not in town.hidden(), "the comment to be shown again")
    assert "Det är hård kritik, men inget hot." in picked_up(resident, code)
    resident.look(name="answer")

    resident.open(f"/{SLUG}/modereringsstatistik/")
    resident.look(name="statistics", everything=False)
    figures = json.loads(resident.context.request.get(f"{resident.base_url}/{SLUG}/modereringsstatistik.json").text())
    (row,) = [each for each in figures["measures"] if (each["ground"], each["kind"]) == ("BBS-5a", "hide")]
    shown = resident.page.locator("tbody tr", has_text=row["title"]).filter(has_text=row["kind_title"]).inner_text()
    # One taken back and one complaint may point at somebody, and are not told; five decisions are.
    assert (row["count"], row["undone"], row["complaints"], row["changed"]) == (5, None, None, None)
    assert shown.split("\t")[3:] == ["5", "Färre än 5", "Färre än 5", "Färre än 5"]
    for person in (resident, lead, manager):
        person.satisfied()


# --- What the moderator does ----------------------------------------------------------------------------------------


def comes(person: Colleague, selector: str) -> None:
    """Wait until the open page shows something, asking for it anew."""
    found = person.page.locator(selector)
    until(lambda: found.count() == 1 or (bool(person.page.reload()) and found.count() == 1), selector, pause=0.5)


def decide(moderator: Colleague, **fields: str) -> None:
    """Decide about the call to crime, of an account that nobody reads the words to."""
    moderator.page.locator("form.panel details:has([name=block_days]) > summary").click()
    moderator.fill(
        "form.panel", ground="BBS-5c", block_days="7", waive_notice_why="Kontot är automatiskt.", **fields
    )  # fmt: skip
    moderator.send("form.panel")


def until_found(look: Any, what: str) -> Any:
    found: list[Any] = []
    until(lambda: bool(found.extend(look()) or found), what, pause=0.5)
    return found


def fetched(moderator: Hands, folder: Path) -> Path:
    """Fetch the package by keyboard and unpack it; returns its one folder."""
    moderator.tab_to("form[action*='/hamta/'] button")
    with moderator.page.expect_download() as coming:
        moderator.key("Enter")
    with zipfile.ZipFile(coming.value.path()) as archive:
        archive.extractall(folder)
    (made,) = folder.iterdir()
    assert any(THREAT in path.read_text() for path in (made / "ord").glob("*.txt"))
    return made


def proved(package: Path) -> tuple[str, int]:
    """Run the package's own program with a Python that has nothing but its standard library."""
    python = shutil.which("python3", path=os.defpath) or sys.executable
    ran = subprocess.run(
        [python, "-I", "-S", "-B", str(package / "verify.py")],
        capture_output=True, text=True, env={}, cwd="/", timeout=60, check=False, encoding="utf-8",
    )  # fmt: skip
    return ran.stdout + ran.stderr, ran.returncode


def decide_others(lead: Colleague) -> None:
    """Decide about four more of the same kind, by the same form."""
    for words in OTHERS:
        href = lead.await_row(words, within="alla").locator("[data-row-link]").get_attribute("href")
        form = f"{lead.base_url}{href.partition('?')[0]}steg/moderera/"
        fields = dict(_FIELD.findall(lead.context.request.get(form).text()))
        values = {"kind": "hide", "ground": "BBS-5a", "reasons": "Ett hot.", "waive_notice_why": "Fick veta det i går."}
        answer = lead.context.request.post(form, form={**fields, **values, "is_done": "on"}, headers={"referer": form})
        assert answer.status == 200, answer.text()


# --- What the residents do ------------------------------------------------------------------------------------------


def reported(resident: Hands, link: str) -> str:
    """Report by keyboard; returns the code for the answer."""
    resident.open(f"/{SLUG}/anmal/")
    resident.look(name="to-report", everything=False)
    resident.chooses("kind", "threat")
    resident.fills(url=link, text="Det här känns som ett hot.")
    resident.sends()
    resident.look(name="heard")
    return str(resident.page.locator("main code").inner_text())


def complained(resident: Hands, place: str, code: str) -> str:
    """Complain by keyboard, as the notice says; returns the code for the answer."""
    resident.open(place)
    resident.look(name="to-complain", everything=False)
    resident.fills(code=code.lower(), text="Jag hotade ingen.")
    resident.sends()
    return str(resident.page.locator("main code").inner_text())


def picked_up(resident: Hands, code: str) -> str:
    """Fetch an answer by keyboard; returns the page's words."""
    resident.open(f"/{SLUG}/klaga/svar/")
    resident.fills(code=code)
    resident.sends()
    return str(resident.page.locator("main").inner_text())


def words_to(person: Person) -> list[str]:
    """Return what was written to somebody on snac."""
    found = [each["status"]["content"] for each in person.notifications() if each.get("status")]
    return [re.sub(r"<[^>]+>", "", content) for content in found]


def notices(town: Town) -> list[str]:
    """Return what the authority has answered the disputed reply."""
    replies = [each["value"] for each in town.on_bluesky.posts() if "reply" in each["value"]]
    return [each["text"] for each in replies if each["reply"]["parent"]["uri"] == town.disputed.uri]
