"""Tells floors below who approves what goes out while a crisis goes on, and whose media are never fetched."""

from __future__ import annotations

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "narvaro.moderation"

    def ready(self) -> None:
        from narvaro.moderation.queries import approval_in, is_never_fetched  # noqa: PLC0415 - models are ready only now
        from narvaro.publishing.queries import approvers  # noqa: PLC0415
        from narvaro.records.queries import never_fetched  # noqa: PLC0415

        if approval_in not in approvers:
            approvers.append(approval_in)
        if is_never_fetched not in never_fetched:
            never_fetched.append(is_never_fetched)
