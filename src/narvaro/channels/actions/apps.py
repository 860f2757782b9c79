"""The authority's own app with a platform: entered once, used by every channel there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from narvaro.base.clock import now
from narvaro.channels import queries, rules
from narvaro.channels.actions.connecting import store_secrets
from narvaro.channels.custody import app_context
from narvaro.channels.models import Channel, ChannelSecret, PlatformApp
from narvaro.channels.types import ChannelState
from narvaro.connectors import oauth
from narvaro.core import audit, keys
from narvaro.core.types import Actor, Invalid, NotPermitted

if TYPE_CHECKING:
    from django.db.models import QuerySet


@transaction.atomic
def keep_app(
    *,
    actor: Actor,
    platform: str,
    client_id: str,
    client_secret: str,
    service: str = "",
    seen_version: int | None = None,
) -> PlatformApp:
    """
    Keep the id and the secret of the authority's app with a platform; the secret is sealed and never shown again.

    An empty secret leaves the one that stands (P7). A new secret of the same app reaches the channels that are
    connected by it at once, since they renew their keys with it.

    Raises:
        NotPermitted: The actor may not.
        Invalid: The platform has no apps, there is no secret at all, or somebody else changed it meanwhile.

    Law: SEC-2
    """
    if not rules.may_keep_app(actor):
        raise NotPermitted
    if platform not in oauth.ways():
        raise Invalid(_("Till den plattformen behövs ingen egen app."))
    before = queries.platform_app(actor, platform)
    if before is not None and seen_version not in (None, before.version):
        raise Invalid(_("Någon annan har ändrat appen under tiden. Ladda om sidan och titta igen."))
    if not client_secret and (before is None or before.client_id != client_id):
        raise Invalid(_("Skriv appens hemlighet."), field="client_secret")
    context = app_context(actor.authority_id, platform)
    values: dict[str, Any] = {
        "client_id": client_id,
        "service": service,
        "changed_by_id": actor.person_id,
        "changed_at": now(),
    }
    if client_secret:
        values["sealed"] = keys.seal(client_secret.encode(), context)
    if before is None:
        app = PlatformApp(**{"authority_id": actor.authority_id, "platform": platform, **values})
        app.save(force_insert=True)
    else:
        PlatformApp.objects.of(actor).filter(pk=before.pk).update(version=F("version") + 1, **values)
        app = PlatformApp.objects.of(actor).get(pk=before.pk)
    if client_secret and before is not None and before.client_id == client_id:
        _pass_on(actor, platform, client_secret)
    audit.note(actor, "channels.keep_app", platform=platform)
    return app


def _pass_on(actor: Actor, platform: str, client_secret: str) -> None:
    channels: QuerySet[Channel] = Channel.objects.of(actor).filter(platform=platform).exclude(state=ChannelState.CLOSED)
    held = ChannelSecret.objects.of(actor).filter(channel__in=channels).values("channel")
    for channel in channels.filter(pk__in=held):
        store_secrets(actor=actor, channel=channel, secrets={"client_secret": client_secret})
