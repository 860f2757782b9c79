"""Every write of sources: setting them up, taking in what they say, and making messages of it; one transaction each."""

from narvaro.sources.actions.making import (
    dispose_old,
    do_entry,
    postpone,
    settle_read,
)
from narvaro.sources.actions.setting_up import (
    add_source,
    change_secret,
    change_source,
    end_source,
    pause_source,
    put_file,
    resume_source,
    seal_again,
)
from narvaro.sources.actions.taking_in import (
    absorb,
    claim_source,
    fail,
    take_call,
)

__all__ = [
    "absorb",
    "add_source",
    "change_secret",
    "change_source",
    "claim_source",
    "dispose_old",
    "do_entry",
    "end_source",
    "fail",
    "pause_source",
    "postpone",
    "put_file",
    "resume_source",
    "seal_again",
    "settle_read",
    "take_call",
]
