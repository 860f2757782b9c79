"""Every write of policy: one room a subject, one verb a function, one transaction each."""

from narvaro.policy.actions.house import (
    add_rule,
    add_words,
    change_notice,
    change_rule,
    change_words,
    end_rule,
    end_words,
    move_rule,
    restore_notice,
    switch_words,
    take_starting_rules,
)

__all__ = [
    "add_rule",
    "add_words",
    "change_notice",
    "change_rule",
    "change_words",
    "end_rule",
    "end_words",
    "move_rule",
    "restore_notice",
    "switch_words",
    "take_starting_rules",
]
