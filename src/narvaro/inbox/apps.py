"""Tells moderation, which stands below, where the inbox's own deeds about an item and its findings are to be found."""

from __future__ import annotations

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "narvaro.inbox"

    def ready(self) -> None:
        from narvaro.inbox.queries import (  # noqa: PLC0415 - models are ready only now
            audited_about,
            numbers_found,
            suspected,
        )
        from narvaro.moderation.queries import number_finders, suspicions, works_about  # noqa: PLC0415

        if audited_about not in works_about:
            works_about.append(audited_about)
        if suspected not in suspicions:
            suspicions.append(suspected)
        if numbers_found not in number_finders:
            number_finders.append(numbers_found)
