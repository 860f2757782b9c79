"""Every write of records: one verb a module."""

from narvaro.records.actions.asked import (
    advance,
    claim_export,
    claim_verification,
    end_export,
    end_verification,
    fail,
    note_export,
    request_export,
    request_verification,
    retire_export,
)
from narvaro.records.actions.capture import capture, capture_gone, capture_own, keep_file_note
from narvaro.records.actions.counts import store_counts
from narvaro.records.actions.gaps import backfill_gap, note_gap
from narvaro.records.actions.holding import end_hold, hold_items
from narvaro.records.actions.imports import (
    claim_import,
    end_import,
    import_archive,
    refuse_import,
    request_import,
)
from narvaro.records.actions.manual import (
    HandPicture,
    capture_by_hand,
    keep_evidence_note,
    register_published,
    store_screenshot,
)
from narvaro.records.actions.opening import note_opened
from narvaro.records.actions.profiles import capture_profile
from narvaro.records.actions.protect import end_erasures, expunge_item, lift_seal, seal_item, suspect_secrecy
from narvaro.records.actions.registry import enter_in_registry, queue_for_registrar, refuse_registration
from narvaro.records.actions.turns import (
    claim_file,
    claim_thread,
    end_thread,
    fail_file,
    keep_brought_files,
    keep_file,
    postpone_thread,
    rest_threads,
    withhold_file,
)
from narvaro.records.actions.visibility import audience_followers, widen_item

__all__ = [
    "HandPicture",
    "advance",
    "audience_followers",
    "backfill_gap",
    "capture",
    "capture_by_hand",
    "capture_gone",
    "capture_own",
    "capture_profile",
    "claim_export",
    "claim_file",
    "claim_import",
    "claim_thread",
    "claim_verification",
    "end_erasures",
    "end_export",
    "end_hold",
    "end_import",
    "end_thread",
    "end_verification",
    "enter_in_registry",
    "expunge_item",
    "fail",
    "fail_file",
    "hold_items",
    "import_archive",
    "keep_brought_files",
    "keep_evidence_note",
    "keep_file",
    "keep_file_note",
    "lift_seal",
    "note_export",
    "note_gap",
    "note_opened",
    "postpone_thread",
    "queue_for_registrar",
    "refuse_import",
    "refuse_registration",
    "register_published",
    "request_export",
    "request_import",
    "request_verification",
    "rest_threads",
    "retire_export",
    "seal_item",
    "store_counts",
    "store_screenshot",
    "suspect_secrecy",
    "widen_item",
    "withhold_file",
]
