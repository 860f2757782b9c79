"""Words of publishing, by what they are about."""

from narvaro.publishing.types.afterwards import (
    ACTS,
    AFTERWARDS_VERBS,
    OF_OUR_OWN,
    OPEN_DEEDS,
    DeedKind,
    DeedState,
    Differs,
    Found,
    Ground,
    Harm,
    Means,
)
from narvaro.publishing.types.approval import APPROVAL_VERBS
from narvaro.publishing.types.evaluation import COUNTED, EVALUATION_VERBS, Went
from narvaro.publishing.types.promotion import PROMOTION_VERBS, SELL_NO_POLITICS, STOP_MORE, Topic
from narvaro.publishing.types.publications import (
    NEEDS_PERSON,
    NEVER_OUT,
    NOT_BEGUN,
    OPEN,
    PASSES_ALWAYS,
    VERBS,
    Approver,
    Extras,
    LabelKind,
    MessageState,
    Purpose,
    State,
)
from narvaro.publishing.types.website import WEBSITE_VERBS, PageState

__all__ = [
    "ACTS",
    "AFTERWARDS_VERBS",
    "APPROVAL_VERBS",
    "COUNTED",
    "EVALUATION_VERBS",
    "NEEDS_PERSON",
    "NEVER_OUT",
    "NOT_BEGUN",
    "OF_OUR_OWN",
    "OPEN",
    "OPEN_DEEDS",
    "PASSES_ALWAYS",
    "PROMOTION_VERBS",
    "SELL_NO_POLITICS",
    "STOP_MORE",
    "VERBS",
    "WEBSITE_VERBS",
    "Approver",
    "DeedKind",
    "DeedState",
    "Differs",
    "Extras",
    "Found",
    "Ground",
    "Harm",
    "LabelKind",
    "Means",
    "MessageState",
    "PageState",
    "Purpose",
    "State",
    "Topic",
    "Went",
]
