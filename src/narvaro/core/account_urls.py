"""
The addresses of allauth that this house uses, and none of the others.

Left out: sign-up, since accounts are made by an administrator, and changing one's own address, since the
address is how an authority knows who somebody is; sign-in by code and links that confirm an address.
"""

from __future__ import annotations

from allauth.account import urls as account
from allauth.mfa import urls as mfa
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, include, path

from narvaro.core.access import access
from narvaro.core.types import NotFound

_USED = {
    "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}  # fmt: skip


@access("public")
def not_here(request: HttpRequest) -> HttpResponse:
    """allauth asks for these addresses by name, and nobody enters them."""
    raise NotFound


urlpatterns = [
    path("signup/", not_here, name="account_signup"),
    path("email/", not_here, name="account_email"),
    *(p for p in account.urlpatterns if isinstance(p, URLPattern) and p.name in _USED),
    path("2fa/", include(mfa.urlpatterns)),
]
