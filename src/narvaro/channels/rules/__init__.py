"""Decisions about channels on plain values."""

from narvaro.channels.rules.bringing import columns_of, role_meant, unreadable, wanted_of
from narvaro.channels.rules.gate import (
    OF_PEOPLE,
    QUIET,
    QUIET_KIND,
    REQUIREMENTS,
    Requirement,
    judged,
    level_of,
    may_post_in,
    quiet_lacks,
    written_lacks,
)
from narvaro.channels.rules.lacks import Lack, lacks_of
from narvaro.channels.rules.people import (
    REGISTERS,
    holder,
    may_connect,
    may_decide,
    may_keep_app,
    may_open,
    may_propose,
    may_register,
)
from narvaro.channels.rules.places import (
    Place,
    accounts_meant,
    handle_key,
    is_choice,
    is_same_account,
    place_of,
    platform_of,
)
from narvaro.channels.rules.platforms import icon_of, is_by_hand, limits_from, may_be_connected, platform_name
from narvaro.channels.rules.reading import is_behind, wait_after

__all__ = [
    "OF_PEOPLE",
    "QUIET",
    "QUIET_KIND",
    "REGISTERS",
    "REQUIREMENTS",
    "Lack",
    "Place",
    "Requirement",
    "accounts_meant",
    "columns_of",
    "handle_key",
    "holder",
    "icon_of",
    "is_behind",
    "is_by_hand",
    "is_choice",
    "is_same_account",
    "judged",
    "lacks_of",
    "level_of",
    "limits_from",
    "may_be_connected",
    "may_connect",
    "may_decide",
    "may_keep_app",
    "may_open",
    "may_post_in",
    "may_propose",
    "may_register",
    "place_of",
    "platform_name",
    "platform_of",
    "quiet_lacks",
    "role_meant",
    "unreadable",
    "wait_after",
    "wanted_of",
    "written_lacks",
]
