"""The tables of publishing, by what they are about."""

from narvaro.publishing.models.afterwards import Correction, Deed, Outside, Quota, ReadBack
from narvaro.publishing.models.approval import AnswersReadFirst, Asked, AtOnce, Delegation
from narvaro.publishing.models.by_hand import HandTold
from narvaro.publishing.models.evaluation import Evaluation, EvaluationVersion
from narvaro.publishing.models.messages import (
    CalendarFeed,
    ElectionDay,
    FourEyes,
    Label,
    Message,
    MessageChannel,
    MessageLabel,
    MessageNote,
    MessagePicture,
    MessageVersion,
    SavedText,
)
from narvaro.publishing.models.planning import (
    BroughtIn,
    PlanFile,
    PostingTimes,
    Repeat,
    RepeatChannel,
    RepeatDraft,
)
from narvaro.publishing.models.promotion import Promotion, PromotionVersion
from narvaro.publishing.models.publications import ALL_MAY_SEE, Publication, PublicationPicture, Together
from narvaro.publishing.models.screened import Screened
from narvaro.publishing.models.website import WebsitePage

__all__ = [
    "ALL_MAY_SEE",
    "AnswersReadFirst",
    "Asked",
    "AtOnce",
    "BroughtIn",
    "CalendarFeed",
    "Correction",
    "Deed",
    "Delegation",
    "ElectionDay",
    "Evaluation",
    "EvaluationVersion",
    "FourEyes",
    "HandTold",
    "Label",
    "Message",
    "MessageChannel",
    "MessageLabel",
    "MessageNote",
    "MessagePicture",
    "MessageVersion",
    "Outside",
    "PlanFile",
    "PostingTimes",
    "Promotion",
    "PromotionVersion",
    "Publication",
    "PublicationPicture",
    "Quota",
    "ReadBack",
    "Repeat",
    "RepeatChannel",
    "RepeatDraft",
    "SavedText",
    "Screened",
    "Together",
    "WebsitePage",
]
