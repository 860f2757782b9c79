"""The apps that an authority has with platforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from narvaro.channels.custody import app_context
from narvaro.channels.models import PlatformApp
from narvaro.connectors import oauth
from narvaro.core import keys

if TYPE_CHECKING:
    from narvaro.core.types import Actor


def platform_app(actor: Actor, platform: str) -> PlatformApp | None:
    """Return the app that the actor's authority has with a platform, None when none was entered."""
    found: PlatformApp | None = PlatformApp.objects.of(actor).filter(platform=platform).first()
    return found


def opened_app(app: PlatformApp, redirect_uri: str) -> oauth.App:
    """Return an app with its secret, for the platform's way in."""
    secret = keys.unseal(bytes(app.sealed), app_context(app.authority_id, app.platform)).decode()
    private = settings.OPTIONS.allow_private_hosts
    return oauth.App(app.client_id, secret, redirect_uri, app.service if private else "", private)
