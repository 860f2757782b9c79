"""How allauth is bent to this house: no self sign-up, letters as rows, sealed secrets, our own sentences."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from narvaro.base.clock import now
from narvaro.core import actions, keys, letters, queries
from narvaro.core.models import Person
from narvaro.core.types import Actor

_YEAR_SECONDS = 365 * 24 * 3600


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; nobody signs up by themselves."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-postadressen och lösenordet hör inte ihop. Kontrollera dem och försök igen."),
        "too_many_login_attempts": _(
            "Det har blivit för många försök. Vänta fem minuter, eller välj ett nytt lösenord via e-post."
        ),
        "enter_current_password": _("Det är inte ditt nuvarande lösenord."),
        "incorrect_password": _("Det är inte ditt lösenord. Försök igen."),
        "invalid_password_reset": _("Länken går inte att använda. Begär en ny."),
        "incorrect_code": _("Koden stämmer inte. Vänta tills appen visar nästa och försök igen."),
        "rate_limited": _("Det har blivit för många försök. Vänta en stund och försök igen."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the middleware settled; no header is read here."""
        return str(request.META.get("REMOTE_ADDR", ""))

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        """Write the letter as a row, so that asking takes the same time whether or not the address is known."""
        authorities = queries.authorities_of(user)
        if authorities:
            clerk = Actor.system(authorities[0], "new password")
            letters.write(clerk, [letters.new_password(user, key=f"{user.uid}:{now():%Y-%m-%dT%H:%M}")])

    def get_reauthentication_methods(self, user: Person) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Använd lösenordet"),
            "mfa_reauthenticate": _("Använd en kod"),
            "mfa_reauthenticate:webauthn": _("Använd en passnyckel"),
        }
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [{**method, "description": words.get(method["id"], method["description"])} for method in methods]

    def post_login(self, request: HttpRequest, user: Person, **details: Any) -> HttpResponse:
        """Show the pages in the person's language; one chosen on the way in is theirs from now on."""
        response: HttpResponse = super().post_login(request, user, **details)
        chosen = request.session.pop(CHOSEN_ON_THE_WAY_IN, "")
        if chosen:
            actions.choose_language(person=user, language=chosen)
        remember_language(response, chosen or user.language)
        return response


CHOSEN_ON_THE_WAY_IN = "language_chosen"
"""Key of the session under which a language chosen before signing in waits for its person."""


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery codes stand sealed in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Koden stämmer inte. Vänta tills appen visar nästa och försök igen."),
    }

    def encrypt(self, text: str) -> str:
        return keys.seal(text.encode(), "mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(bytes.fromhex(encrypted_text), "mfa").decode()

    def _get_site_name(self) -> str:
        return "Närvaro"


def remember_language(response: HttpResponse, language: str) -> None:
    """Keep a person's language in the browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=_YEAR_SECONDS, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
