"""Pages of records, by what they are about."""

from narvaro.records.views.exports import export_thread, exports, fetch_export
from narvaro.records.views.finding import search_page
from narvaro.records.views.protecting import expunge, lift, seal, widen
from narvaro.records.views.reading import file, payload, proof, record
from narvaro.records.views.registering import (
    queue,
    refuse_registration,
    refuse_several,
    registry_entry,
    registry_list,
    registry_queue,
)
from narvaro.records.views.verifying import backfill, gap_ledger, verification

__all__ = [
    "backfill",
    "export_thread",
    "exports",
    "expunge",
    "fetch_export",
    "file",
    "gap_ledger",
    "lift",
    "payload",
    "proof",
    "queue",
    "record",
    "refuse_registration",
    "refuse_several",
    "registry_entry",
    "registry_list",
    "registry_queue",
    "seal",
    "search_page",
    "verification",
    "widen",
]
