"""Every write of our own outlets."""

from narvaro.outlets.actions.readers import ask_for_letter, confirm_reader, forget_unconfirmed, leave_letter
from narvaro.outlets.actions.sending import (
    Letter,
    claim_letter,
    make_issues,
    put_back,
    store_letter,
    sweep_expired,
)
from narvaro.outlets.actions.withdrawing import withdraw_post

__all__ = [
    "Letter",
    "ask_for_letter",
    "claim_letter",
    "confirm_reader",
    "forget_unconfirmed",
    "leave_letter",
    "make_issues",
    "put_back",
    "store_letter",
    "sweep_expired",
    "withdraw_post",
]
