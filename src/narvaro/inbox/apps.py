"""Tells floors below what the inbox knows of an item, and what it does when fewer or more may see one."""

from __future__ import annotations

from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "narvaro.inbox"

    def ready(self) -> None:
        from narvaro.inbox.actions import follow_audience  # noqa: PLC0415 - models are ready only now
        from narvaro.inbox.alike import found_alike  # noqa: PLC0415
        from narvaro.inbox.queries import audit_answers, audited_about, numbers_found, suspected  # noqa: PLC0415
        from narvaro.moderation import equal  # noqa: PLC0415
        from narvaro.moderation.queries import number_finders, suspicions, works_about  # noqa: PLC0415
        from narvaro.policy.queries import answered_above  # noqa: PLC0415
        from narvaro.records.actions import audience_followers  # noqa: PLC0415

        if audited_about not in works_about:
            works_about.append(audited_about)
        if suspected not in suspicions:
            suspicions.append(suspected)
        if numbers_found not in number_finders:
            number_finders.append(numbers_found)
        if found_alike not in equal.found_alike:
            equal.found_alike.append(found_alike)
        if follow_audience not in audience_followers:
            audience_followers.append(follow_audience)
        if audit_answers not in answered_above:
            answered_above.append(audit_answers)
