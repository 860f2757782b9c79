"""Words for files, pictures, what they rest on, and where they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from narvaro.core.types import Problem


class BlobMissing(Problem):
    """The store has no file with that digest: a disk fault, or it was expunged."""

    status = 404
    default = "Filen finns inte i lagret."


class Basis(models.TextChoices):
    """What the use of a picture rests on (GDPR-1)."""

    NOBODY = "nobody", _("Ingen går att känna igen")
    INTEREST = "interest", _("Bedömt allmänt intresse")
    CONSENT = "consent", _("Samtycke")


class Speech(models.TextChoices):
    """What is done for those who do not hear a film (DOS-2); "" while nobody has said."""

    CAPTIONS = "captions", _("Det som sägs finns som undertexter")
    NOBODY = "nobody", _("Ingen talar i filmen")
    BURNED = "burned", _("Allt som sägs står redan i bilden")
    SOUNDLESS = "soundless", _("Filmen har inget ljud")


class Why(models.TextChoices):
    """Why a picture must be taken away from where it is used."""

    WITHDRAWN = "withdrawn", _("Samtycket är återkallat")
    ENDED = "ended", _("Samtyckets tid är slut")
    LICENCE = "licence", _("Licensens tid är slut")


class Standing(StrEnum):
    """How what uses a picture stands."""

    OUT = "out"
    PLANNED = "planned"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a picture is used, as the capability that uses it tells."""

    picture_id: int
    standing: Standing
    subject_kind: str
    subject_uid: UUID
    where: str
    text: str
    link: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """What a consent allows, without who gave it."""

    is_child: bool
    age: int | None
    guardians: int
    guardians_needed: int
    until: date | None
    is_withdrawn: bool


VERBS = {
    "media.add_picture": _("laddade upp en bild"),
    "media.keep_evidence": _("bevarade en skärmbild som underlag"),
    "media.keep_for_card": _("hämtade bilden till ett länkkort"),
    "media.forget_evidence": _("kastade en skärmbild som rörde någon enskild"),
    "media.add_to_library": _("lade en bild i bildbanken"),
    "media.change_asset": _("ändrade bildens uppgifter"),
    "media.change_alt": _("skrev en ny beskrivning av bilden"),
    "media.retire_asset": _("tog bilden ur bruk"),
    "media.bring_back_asset": _("tog bilden i bruk igen"),
    "media.crop_picture": _("beskar bilden"),
    "media.add_consent": _("skrev in ett samtycke"),
    "media.link_consent": _("lät samtycket gälla en bild"),
    "media.unlink_consent": _("lät samtycket inte längre gälla en bild"),
    "media.withdraw_consent": _("noterade att samtycket är återkallat"),
    "media.end_consent": _("noterade att samtyckets tid är slut"),
    "media.take_out_consents": _("tog ut uppgifter ur registret över samtycken"),
    "media.forget_consent": _("gallrade i förtid uppgifterna om den som hade samtyckt, på begäran"),
    "media.settle_consent_keeping": _("lät riktlinjen avgöra hur länge uppgifter om samtycken sparas"),
    "media.dispose_consent": _("gallrade uppgifterna om den som hade samtyckt"),
    "media.end_licence": _("noterade att bildens licens är slut"),
    "media.mark_taken_down": _("noterade att bilden är borttagen på ett ställe"),
    "media.add_film": _("lade en film i bildbanken"),
    "media.put_captions": _("skrev undertexter till filmen"),
    "media.remove_captions": _("tog bort undertexter från filmen"),
    "media.say_speech": _("sade vad som gäller talet i filmen"),
    "media.settle_child_age": _("satte åldern för vårdnadshavares samtycke efter riktlinjen"),
}
"""What each of media's audit verbs means, after the actor's name."""
