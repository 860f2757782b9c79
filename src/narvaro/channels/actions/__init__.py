"""Every write of the channel register: one room a subject, one verb a function, one transaction each."""

from narvaro.channels.actions.apps import keep_app
from narvaro.channels.actions.assessing import assess_platform
from narvaro.channels.actions.bringing import (
    bring_in_register,
    bring_in_rows,
    keep_register,
    read_register,
    understand_register,
)
from narvaro.channels.actions.connecting import (
    connect_channel,
    finish_oauth,
    new_state,
    read_soon,
    start_oauth,
    store_secrets,
)
from narvaro.channels.actions.gate import change_gate
from narvaro.channels.actions.life import (
    approve_channel,
    begin_closing,
    open_channel,
    propose_channel,
    rest_channel,
    set_condition,
    take_decision,
    wake_channel,
)
from narvaro.channels.actions.reading import (
    advance_reading,
    claim_reading,
    end_reading,
    hold_channel,
    hold_reading,
    store_probe,
)
from narvaro.channels.actions.register import add_channel, change_channel, close_channel, describe_channel
from narvaro.channels.actions.watches import add_shift, remove_shift

__all__ = [
    "add_channel",
    "add_shift",
    "advance_reading",
    "approve_channel",
    "assess_platform",
    "begin_closing",
    "bring_in_register",
    "bring_in_rows",
    "change_channel",
    "change_gate",
    "claim_reading",
    "close_channel",
    "connect_channel",
    "describe_channel",
    "end_reading",
    "finish_oauth",
    "hold_channel",
    "hold_reading",
    "keep_app",
    "keep_register",
    "new_state",
    "open_channel",
    "propose_channel",
    "read_register",
    "read_soon",
    "remove_shift",
    "rest_channel",
    "set_condition",
    "start_oauth",
    "store_probe",
    "store_secrets",
    "take_decision",
    "understand_register",
    "wake_channel",
]
