"""Every write of pictures, the library and consents."""

from narvaro.media.actions.cards import keep_for_card
from narvaro.media.actions.consents import (
    add_consent,
    dispose_consents,
    link_consent,
    mark_taken_down,
    seal_again,
    unlink_consent,
    withdraw_consent,
)
from narvaro.media.actions.cropping import crop_picture
from narvaro.media.actions.films import (
    add_film,
    cleaned_film,
    put_captions,
    remove_captions,
    say_speech,
    store_film,
    sweep_left_over,
)
from narvaro.media.actions.library import (
    add_to_library,
    bring_back_asset,
    change_asset,
    retire_asset,
    settle_child_age,
)
from narvaro.media.actions.pictures import add_picture, forget_evidence, keep_evidence, picture_type
from narvaro.media.actions.terms import follow_terms
from narvaro.media.cleaning import cleaned

__all__ = [
    "add_consent",
    "add_film",
    "add_picture",
    "add_to_library",
    "bring_back_asset",
    "change_asset",
    "cleaned",
    "cleaned_film",
    "crop_picture",
    "dispose_consents",
    "follow_terms",
    "forget_evidence",
    "keep_evidence",
    "keep_for_card",
    "link_consent",
    "mark_taken_down",
    "picture_type",
    "put_captions",
    "remove_captions",
    "retire_asset",
    "say_speech",
    "seal_again",
    "settle_child_age",
    "store_film",
    "sweep_left_over",
    "unlink_consent",
    "withdraw_consent",
]
