"""Rows of the inbox as they are written many at once: their columns, and their values as the driver takes them."""

from __future__ import annotations

from narvaro.inbox.models import Incoming
from narvaro.records import bulk


def values(row: Incoming) -> tuple[object, ...]:
    """Return what `COLUMNS` hold of a new row."""
    moment = bulk.moment
    return (
        row.pk, row.authority_id, bulk.uid(row.uid), row.item_id, row.channel_id, moment(row.received_at),
        row.is_private, row.state, row.outcome, row.needs_answer, row.classes, row.urgency, row.withhold_names,
        row.screened_version, row.unit_id, row.person_id, row.with_communications, moment(row.due_at), row.due_rule,
        moment(row.half_at), moment(row.queue_at), moment(row.gone_at), moment(row.done_at), moment(row.changed_at),
        row.version,
    )  # fmt: skip


COLUMNS = (
    "id", "authority_id", "uid", "item_id", "channel_id", "received_at", "is_private", "state", "outcome",
    "needs_answer", "classes", "urgency", "withhold_names", "screened_version", "unit_id", "person_id",
    "with_communications", "due_at", "due_rule", "half_at", "queue_at", "gone_at", "done_at", "changed_at", "version",
)  # fmt: skip

FINDING_COLUMNS = (
    "authority_id", "incoming_id", "version_number", "rule", "area", "ground", "severity", "start", "end", "sentence",
    "engine",
)  # fmt: skip

CHANGING = [
    "is_private", "state", "outcome", "needs_answer", "classes", "urgency", "withhold_names", "screened_version",
    "person", "with_communications", "taken_at", "due_at", "due_rule", "half_at", "queue_at", "half_told_at",
    "reminded_at", "late_told_at", "manager_told_at", "snoozed_until", "gone_at", "done_at", "done_by", "before",
    "changed_at", "version",
]  # fmt: skip
