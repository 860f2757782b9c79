"""How allauth is bent to this house: no self sign-up, secrets sealed with our keys, our own sentences."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from narvaro.core import keys


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the middleware settled; no header is read here."""
        return str(request.META.get("REMOTE_ADDR", ""))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """TOTP secrets and recovery codes stand sealed in the database."""

    def encrypt(self, text: str) -> str:
        return keys.seal(text.encode(), "mfa").hex()

    def decrypt(self, encrypted_text: str) -> str:
        return keys.unseal(bytes.fromhex(encrypted_text), "mfa").decode()
