"""Signing in: nobody by themselves, not by guessing, and with a second step for those who want one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from narvaro.core import actions, letters
from narvaro.core.models import Letter, Person
from narvaro.core.testing import PASSWORD, a_person, an_actor, an_authority, person_of
from narvaro.core.tests.pages import words
from narvaro.core.types import Actor, Role
from narvaro.testing.servers.smtp import MailServer

pytestmark = pytest.mark.django_db

NEW = "ett annat lösenord med 12"


@pytest.fixture(autouse=True)
def _nothing_remembered(settings) -> Iterator[None]:
    cache.clear()
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # quick; the strength is not tried here
    yield
    cache.clear()


@pytest.fixture
def mail(settings) -> Iterator[MailServer]:
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


def somebody(*, role: Role = Role.REPRESENTATIVE) -> tuple[Actor, Person]:
    authority = an_authority()
    person = a_person(authority, password=PASSWORD)
    return an_actor(authority, role=role, person=person), person


def sign_in(client: Client, email: str, password: str = PASSWORD, **headers: str):
    return client.post(reverse("account_login"), {"login": email, "password": password}, headers=headers or None)


def confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def is_in(client: Client) -> bool:
    return client.get(reverse("core:profile")).status_code == HTTPStatus.OK


def code_for(secret: str) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def test_address_and_password_let_in_whatever_the_case_of_the_address():
    _actor, person = somebody()
    client = Client()

    answer = sign_in(client, person.email.upper())

    assert answer.status_code == HTTPStatus.FOUND
    assert is_in(client)


def test_an_unknown_address_and_a_wrong_password_look_alike():
    _actor, person = somebody()

    wrong = sign_in(Client(), person.email, "fel")
    unknown = sign_in(Client(), "ingen@storkoping.example", "fel")

    sentence = "E-postadressen och lösenordet hör inte ihop"
    assert sentence in words(wrong)
    assert sentence in words(unknown)


def test_nobody_signs_up_or_changes_their_address_by_themselves():
    _actor, person = somebody()
    client = Client()
    client.force_login(person)

    answers = [client.get("/accounts/signup/"), client.get("/accounts/email/"), client.post("/accounts/signup/", {})]

    assert {answer.status_code for answer in answers} == {HTTPStatus.NOT_FOUND}


def test_guessing_from_one_address_is_stopped_whatever_the_headers_say():
    _actor, person = somebody()

    for number in range(12):
        headers = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-Ip": f"203.0.113.{number}"}
        sign_in(Client(), f"gissning{number}@storkoping.example", "fel", **headers)
    right = sign_in(Client(), person.email, **{"X-Forwarded-For": "198.51.100.9", "Forwarded": "for=198.51.100.9"})

    assert right.status_code != HTTPStatus.FOUND
    assert "för många försök" in words(right)


def test_guessing_one_account_is_stopped_from_wherever_it_comes(settings):
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"trusted_proxies": 1})
    _actor, person = somebody()

    for number in range(6):
        sign_in(Client(), person.email, "fel", **{"X-Forwarded-For": f"203.0.113.{number}"})
    right = sign_in(Client(), person.email, **{"X-Forwarded-For": "198.51.100.9"})

    assert right.status_code != HTTPStatus.FOUND


def test_behind_a_proxy_the_last_hop_counts_and_what_the_client_wrote_does_not(settings):
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"trusted_proxies": 1})
    _actor, person = somebody()

    for number in range(12):
        guess = f"gissning{number}@storkoping.example"
        sign_in(Client(), guess, "fel", **{"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.7"})
    guesser = sign_in(Client(), person.email, **{"X-Forwarded-For": "10.9.9.9, 203.0.113.7"})
    neighbour = sign_in(Client(), person.email, **{"X-Forwarded-For": "203.0.113.8"})

    assert guesser.status_code != HTTPStatus.FOUND
    assert neighbour.status_code == HTTPStatus.FOUND


def test_too_many_requests_show_our_page():
    answers = [Client().post(reverse("account_reset_password"), {"email": f"{n}@a.example"}) for n in range(25)]

    assert answers[-1].status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "Lite för många försök" in words(answers[-1])


def test_a_new_password_comes_by_a_letter_whose_link_stands_nowhere_else(mail):
    actor, person = somebody()
    client = Client(headers={"host": "localhost"})

    asked = client.post(reverse("account_reset_password"), {"email": person.email}, follow=True)
    letters.send_due()
    (letter,) = mail.wait_for(1)
    path = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", letter.text)[1]
    page = client.get(path, follow=True)
    done = client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW}, follow=True)

    assert "Titta i din e-post" in words(asked)
    assert letter.to == (person.email,)
    assert path.split("-")[1] not in Letter.objects.of(actor).get().body
    assert "Lösenordet är sparat" in words(done)
    assert sign_in(Client(), person.email, NEW).status_code == HTTPStatus.FOUND
    assert "Länken går inte att använda" in words(Client().get(path, follow=True))


def test_asking_for_an_unknown_address_says_the_same_and_writes_nothing():
    authority = an_authority()

    answer = Client().post(reverse("account_reset_password"), {"email": "ingen@storkoping.example"}, follow=True)

    assert "Titta i din e-post" in words(answer)
    assert not Letter.objects.of(Actor.system(authority, "test")).exists()


def test_the_link_never_leads_to_a_host_that_a_request_named(mail, settings):
    settings.ALLOWED_HOSTS = ["*"]
    _actor, person = somebody()

    Client(headers={"host": "ond.example"}).post(reverse("account_reset_password"), {"email": person.email})
    letters.send_due()

    assert "ond.example" not in mail.wait_for(1)[0].text


def test_somebody_invited_chooses_a_password_and_comes_in(mail):
    administrator, _person = somebody(role=Role.ADMINISTRATOR)
    kim = actions.add_person(actor=administrator, email="kim@storkoping.example", name="Kim Ek")
    letters.send_due()
    (letter,) = mail.wait_for(1)
    client = Client()

    page = client.get(re.search(r"http://localhost:8000(\S+)", letter.text)[1], follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW, "password2": NEW})
    sign_in(client, kim.email, NEW)

    assert letter.subject == "Välj ditt lösenord i Närvaro"
    assert is_in(client)


def test_a_weak_password_is_refused_at_its_field(mail):
    administrator, _person = somebody(role=Role.ADMINISTRATOR)
    actions.add_person(actor=administrator, email="kim@storkoping.example", name="Kim Ek")
    letters.send_due()
    client = Client()
    page = client.get(re.search(r"http://localhost:8000(\S+)", mail.wait_for(1)[0].text)[1], follow=True)

    short = client.post(page.request["PATH_INFO"], {"password1": "kort", "password2": "kort"})

    assert "password1" in short.context["form"].errors


def test_people_of_the_demo_get_no_letters():
    authority = an_authority()
    authority.is_demo = True
    authority.save()
    administrator = an_actor(authority, role=Role.ADMINISTRATOR)

    actions.add_person(actor=administrator, email="kim@storkoping.example", name="Kim Ek")

    assert not Letter.objects.of(administrator).exists()


def test_a_changed_password_ends_other_sessions():
    _actor, person = somebody()
    here, there = Client(), Client()
    sign_in(here, person.email)
    sign_in(there, person.email)

    here.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert is_in(here)
    assert not is_in(there)


def test_a_closed_account_is_signed_out_and_stays_out():
    _actor, person = somebody()
    client = Client()
    sign_in(client, person.email)
    Person.objects.filter(pk=person.pk).update(is_active=False)

    again = Client()
    sign_in(again, person.email)

    assert not is_in(client)
    assert not is_in(again)


def test_a_second_step_by_app_from_the_picture_to_the_reserve_codes():
    actor, person = somebody()
    client = Client()
    sign_in(client, person.email)

    confirm(client)
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    codes = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}, follow=True)
    unused = codes.context["unused_codes"]
    browser = Client()
    halfway = sign_in(browser, person.email)
    wrong = browser.post(reverse("mfa_authenticate"), {"code": "000000"})
    browser.post(reverse("mfa_authenticate"), {"code": unused[0]})
    other = Client()
    sign_in(other, person.email)
    other.post(reverse("mfa_authenticate"), {"code": unused[0]})

    assert 'src="data:image/svg+xml' in page.content.decode()
    assert secret in words(page)
    assert len(unused) == 10
    assert halfway["Location"] == reverse("mfa_authenticate")
    assert "Koden stämmer inte" in words(wrong)
    assert is_in(browser)
    assert not is_in(other)  # a reserve code works once
    assert person_of(actor)


def test_second_steps_stand_sealed_in_the_database():
    _actor, person = somebody()
    totp.TOTP.activate(person, "JBSWY3DPEHPK3PXP")

    stored = str(Authenticator.objects.get(user=person).data)

    assert "JBSWY3DPEHPK3PXP" not in stored
    assert totp.TOTP(Authenticator.objects.get(user=person)).validate_code(code_for("JBSWY3DPEHPK3PXP"))


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_what_protects_the_account_asks_again_who_it_is(name):
    _actor, person = somebody()
    totp.TOTP.activate(person, "JBSWY3DPEHPK3PXP")
    client = Client()
    client.force_login(person)

    answer = client.get(reverse(name), follow=True)

    assert "Bekräfta att det är du" in words(answer)


@pytest.mark.parametrize(
    "name",
    [
        "account_login", "account_reset_password", "account_reset_password_done", "account_inactive",
        "account_reset_password_from_key_done",
    ],
)  # fmt: skip
def test_pages_for_strangers_are_ours_with_nothing_inline(name):
    answer = Client().get(reverse(name))

    html = answer.content.decode()
    assert answer.status_code == HTTPStatus.OK
    assert 'class="plain"' in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert "'unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password", "account_logout", "mfa_index", "mfa_activate_totp", "mfa_add_webauthn",
        "mfa_list_webauthn",
    ],
)  # fmt: skip
def test_pages_about_the_account_are_ours_with_nothing_inline(name):
    _actor, person = somebody()
    client = Client()
    sign_in(client, person.email)
    confirm(client)

    html = client.get(reverse(name)).content.decode()

    assert "narvaro.css" in html
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert "Sign" not in html
    assert "Password" not in html


def test_a_language_chosen_on_the_way_in_is_the_persons_from_then_on(client):
    person = a_person(an_authority(), password=PASSWORD)
    client.post("/sprak/", {"language": "en", "next": "/accounts/login/"})

    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})

    person.refresh_from_db()
    assert person.language == "en"
    assert client.cookies["narvaro_language"].value == "en"


def test_a_language_chosen_while_signed_in_is_kept_on_the_account(client):
    person = a_person(an_authority())
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")

    client.post("/sprak/", {"language": "en", "next": "/"})
    client.post("/sprak/", {"language": "klingonska", "next": "/"})

    person.refresh_from_db()
    assert person.language == "en"
