"""Links that let somebody in for one purpose. Each is made when its letter is sent and stands nowhere else."""

from __future__ import annotations

from allauth.account import app_settings
from django.conf import settings
from django.urls import reverse
from django.utils.http import int_to_base36

from narvaro.core.models import Person


def choose_password(person: Person) -> str:
    """
    Return the address where `person` chooses a password.

    It works for three days (Django's PASSWORD_RESET_TIMEOUT), and only until a password is chosen or the
    person signs in. It leads to the installation's own address, whatever host name a request carried.
    """
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": int_to_base36(person.pk), "key": token})
    return f"{settings.OPTIONS.base_url}{path}"
