"""Tells floors below who approves and what is held in a crisis, whose media are never fetched, how guidelines bind."""

from __future__ import annotations

from django.apps import AppConfig


class ModerationConfig(AppConfig):
    name = "narvaro.moderation"

    def ready(self) -> None:
        from narvaro.moderation.actions import obey_guideline  # noqa: PLC0415
        from narvaro.moderation.oversight import audit_answers, held_in_crisis  # noqa: PLC0415
        from narvaro.moderation.queries import approval_in, crises_part, is_never_fetched, taken_away_part  # noqa: PLC0415
        from narvaro.policy.actions import obeying  # noqa: PLC0415
        from narvaro.policy.queries import answered_above  # noqa: PLC0415
        from narvaro.publishing.queries import approvers, held_why, holders  # noqa: PLC0415
        from narvaro.publishing.queries.evaluation import taken_away  # noqa: PLC0415
        from narvaro.records.queries import never_fetched  # noqa: PLC0415

        if approval_in not in approvers:
            approvers.append(approval_in)
        if held_in_crisis not in holders:
            holders.append(held_in_crisis)
        if crises_part not in held_why:
            held_why.append(crises_part)
        if taken_away_part not in taken_away:
            taken_away.append(taken_away_part)
        if is_never_fetched not in never_fetched:
            never_fetched.append(is_never_fetched)
        if obey_guideline not in obeying:
            obeying.append(obey_guideline)
        if audit_answers not in answered_above:
            answered_above.append(audit_answers)
