"""Tells publishing, which stands below, who approves what goes out while a crisis goes on."""

from __future__ import annotations

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "narvaro.moderation"

    def ready(self) -> None:
        from narvaro.moderation.queries import approval_in  # noqa: PLC0415 - models are ready only now
        from narvaro.publishing.queries import approvers  # noqa: PLC0415

        if approval_in not in approvers:
            approvers.append(approval_in)
