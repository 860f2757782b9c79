"""Tells moderation, which stands below, where the inbox's own deeds about an item are to be found."""

from __future__ import annotations

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "narvaro.inbox"

    def ready(self) -> None:
        from narvaro.inbox.queries import audited_about  # noqa: PLC0415 - models are ready only now
        from narvaro.moderation.queries import works_about  # noqa: PLC0415

        if audited_about not in works_about:
            works_about.append(audited_about)
