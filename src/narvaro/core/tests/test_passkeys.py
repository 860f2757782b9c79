"""Passkeys in a real browser, with a key of its own under the strict policy; and axe on the pages of an account."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from narvaro.core.models import Person
from narvaro.core.testing import PASSWORD, a_person, a_unit, an_actor, an_authority
from narvaro.core.types import Role
from narvaro.testing.axe import OF_COLOUR, violations

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True), pytest.mark.seldom]

WHOLE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    cache.clear()
    with browser.new_context() as opened:
        opened.set_default_timeout(15_000)
        yield opened


def an_administrator() -> Person:
    authority = an_authority()
    a_unit(authority)
    person = a_person(authority, password=PASSWORD)
    an_actor(authority, role=Role.ADMINISTRATOR, person=person)
    an_actor(authority, role=Role.REPRESENTATIVE)
    return person


def sign_in(page: Page, url: str, person: Person) -> None:
    page.goto(url + reverse("account_login"))
    page.get_by_label("E-postadress").fill(person.email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    page.wait_for_url(url + "/att-gora/")


def refused_by_policy(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if "Content Security Policy" in m.text else None)
    return said


def test_a_passkey_is_made_and_signs_in_without_a_password(live_server, context):
    url = live_server.url
    person, page = an_administrator(), context.new_page()
    refused = refused_by_policy(page)
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": WHOLE})
    sign_in(page, url, person)

    page.goto(url + reverse("mfa_add_webauthn"))
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    page.get_by_label("Namn på nyckeln").fill("Arbetsdatorn")
    page.get_by_role("button", name="Skapa nyckeln").click()
    page.wait_for_url("**/recovery-codes/")
    page.goto(url + reverse("mfa_list_webauthn"))
    expect(page.get_by_text("Arbetsdatorn").first).to_be_visible()
    expect(page.get_by_text("Används i stället för lösenord.")).to_be_visible()

    context.clear_cookies()
    page.goto(url + reverse("account_login"))
    page.get_by_role("button", name="Logga in med passnyckel").click()
    page.wait_for_url(url + "/att-gora/")

    context.clear_cookies()
    page.goto(url + reverse("account_login"))
    page.get_by_label("E-postadress").fill(person.email)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    page.get_by_role("button", name="Använd passnyckeln").click()
    page.wait_for_url(url + "/att-gora/")
    assert refused == []


def test_a_browser_without_the_key_is_told_so_and_the_password_still_works(live_server, context):
    person, page = an_administrator(), context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": WHOLE})

    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Logga in med passnyckel").click()

    expect(page.get_by_text("Det blev ingen inloggning med passnyckel")).to_be_visible()
    sign_in(page, live_server.url, person)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_an_account(live_server, context, mode):
    person, page = an_administrator(), context.new_page()
    page.emulate_media(color_scheme=mode)
    url, found = live_server.url, {}

    def look(path: str) -> None:
        page.goto(url + path)
        problems = violations(page, OF_COLOUR if mode == "dark" else ())
        if problems:
            found[path] = [{"rule": p["id"], "at": p["nodes"][0]["html"][:150]} for p in problems]

    for name in ("account_login", "account_reset_password", "account_reset_password_done"):
        look(reverse(name))
    sign_in(page, url, person)
    for name in ("mfa_index", "account_change_password", "account_logout", "account_reauthenticate"):
        look(reverse(name))
    page.goto(url + reverse("mfa_activate_totp"))
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("button", name="Fortsätt").click()
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn"):
        look(reverse(name))

    assert found == {}, json.dumps(found, indent=1, ensure_ascii=False)


def test_pages_are_light(live_server, context):
    person, page = an_administrator(), context.new_page()
    sign_in(page, live_server.url, person)
    answers: list[str] = []
    page.on("response", lambda answer: answers.append(answer.url))

    page.goto(live_server.url + reverse("core:people"), wait_until="networkidle")

    assert len(answers) <= 10
