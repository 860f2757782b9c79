"""Sealing sign-in secrets again after a new encryption key was added. Part of `narvaro keys rotate`."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from narvaro.core import keys

_CONTEXT = "mfa"


def seal_sign_in_again() -> int:
    """
    Seal every one-time-code secret and set of recovery codes with the newest key; returns how many were changed.

    Raises:
        CannotOpen: The key that one was sealed with is gone.
    """
    changed = 0
    for pk in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().get(pk=pk)
            fresh = {name: _sealed_again(name, value) for name, value in row.data.items()}
            if fresh != row.data:
                Authenticator.objects.filter(pk=pk).update(data=fresh)
                changed += 1
    return changed


def unsealable() -> int:
    """Return how many sign-in secrets cannot be opened with the keys that are here."""
    count = 0
    for data in Authenticator.objects.values_list("data", flat=True):
        for name, value in data.items():
            try:
                _sealed_again(name, value)
            except keys.CannotOpen:
                count += 1
    return count


def _sealed_again(name: str, value: Any) -> Any:
    if name in ("secret", "seed") and isinstance(value, str):
        box = bytes.fromhex(value)
        return value if keys.is_sealed_with_newest(box) else keys.seal(keys.unseal(box, _CONTEXT), _CONTEXT).hex()
    if name == "migrated_codes" and isinstance(value, list):
        return [_sealed_again("secret", each) for each in value]
    return value
