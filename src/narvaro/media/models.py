"""Pictures, the library they stand in, and the consents that they rest on."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned
from narvaro.media.rules import DISPOSAL_MONTHS, USUAL_CHILD_AGE
from narvaro.media.types import Basis, Speech, Why


class Asset(Owned):
    """A picture or a film in the library: whose it is, what it rests on and who is seen. Its files are `Picture`s."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    title = models.CharField(max_length=120, blank=True)
    credit = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=200, blank=True)
    licence_until = models.DateField(null=True)
    licence_ended_at = models.DateTimeField(null=True)  # when the end of the licence was acted on
    basis = models.CharField(max_length=10, choices=Basis.choices, blank=True)
    basis_why = models.CharField(max_length=1000, blank=True)
    people = models.PositiveSmallIntegerField(null=True)  # how many can be recognised; None: nobody has said
    children = models.PositiveSmallIntegerField(null=True)  # of them
    focus_x = models.PositiveSmallIntegerField(default=50)  # what must be seen, in hundredths of the picture
    focus_y = models.PositiveSmallIntegerField(default=50)
    is_film = models.BooleanField(default=False)  # its files are `Film`s
    words = models.TextField(blank=True)  # what is searched, in small letters: SQLite folds no other than a to z
    version = models.PositiveIntegerField(default=1)
    added_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)
    retired_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "id"], name="asset_in_order"),
            models.Index(fields=["licence_until"], condition=Q(licence_ended_at=None), name="asset_licence_ends"),
        ]


class Picture(Owned):
    """
    A picture's bytes with its alternative text (DOS-2); they stand in the store. Never changed: it was approved so.

    A new description, or a crop, is a row of its own with the same asset.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, null=True, related_name="+")  # None: evidence, or older
    crop = models.CharField(max_length=20, blank=True)  # the shape it was cut to; "": whole
    is_current = models.BooleanField(default=False)  # what the library offers of its asset in this shape
    digest = models.CharField(max_length=64)
    thumb = models.CharField(max_length=64, blank=True)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=1500)
    added_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "asset", "crop"], condition=Q(is_current=True), name="picture_current_once"
            )
        ]


class Film(Owned):
    """
    A film's bytes with what it shows (DOS-2) and whether somebody speaks; they stand in the store. Never changed.

    A new description, or other captions, is a row of its own with the same asset: what was approved stays so.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    is_current = models.BooleanField(default=True)  # what the library offers of its asset
    digest = models.CharField(max_length=64)
    thumb = models.CharField(max_length=64)  # a small picture of it, WebP
    cover = models.CharField(max_length=64)  # a larger one, JPEG
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveBigIntegerField()
    duration_ms = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    has_sound = models.BooleanField(default=True)
    alt = models.CharField(max_length=1500, blank=True)
    speech = models.CharField(max_length=10, choices=Speech.choices, blank=True)  # "": nobody has said
    added_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "asset"], condition=Q(is_current=True), name="film_current_once"
            )
        ]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.duration_ms / 1000


class FilmCaptions(Owned):
    """What is said in a film, as WebVTT in the store, in one language. Never changed."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    film = models.ForeignKey(Film, models.PROTECT, related_name="+")
    language = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    cues = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "film", "language"], name="captions_once_a_language")
        ]


class Consent(Owned):
    """
    That somebody consents to pictures of them: what for, until when, and where the paper is.

    Who it is stands sealed, and goes when the consent is disposed of (SM-16). Law: URL-5, GDPR-8
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    sealed = models.BinaryField(null=True)  # JSON: name, contact, guardians; None once disposed of
    is_child = models.BooleanField(default=False)
    age = models.PositiveSmallIntegerField(null=True)  # a child's, on the day of consent
    guardians = models.PositiveSmallIntegerField(default=0)  # who have consented
    guardians_needed = models.PositiveSmallIntegerField(default=0)
    purposes = models.CharField(max_length=500)
    kept_where = models.CharField(max_length=300, blank=True)
    given_on = models.DateField()
    until = models.DateField(null=True)
    recorded_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # when the end of its time was acted on
    disposed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "id"], name="consent_in_order"),
            models.Index(fields=["until"], condition=Q(withdrawn_at=None, ended_at=None), name="consent_ends"),
        ]


class ConsentAsset(Owned):
    """That a consent covers a picture."""

    consent = models.ForeignKey(Consent, models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "consent", "asset"], name="consent_covers_once")]


class Takedown(Owned):
    """One place where a picture must be taken away, and whether that is done."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, models.PROTECT, null=True, related_name="+")
    why = models.CharField(max_length=10, choices=Why.choices)
    standing = models.CharField(max_length=10)
    subject_kind = models.CharField(max_length=60)
    subject_uid = models.UUIDField()
    where = models.CharField(max_length=200)
    text = models.CharField(max_length=200, blank=True)
    link = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "asset", "subject_uid"], name="takedown_once_a_place")
        ]


class ImageRule(Owned):
    """What the authority's guideline decides about pictures."""

    child_age = models.PositiveSmallIntegerField(default=USUAL_CHILD_AGE)
    consent_months = models.PositiveSmallIntegerField(null=True, default=DISPOSAL_MONTHS)  # None: kept for ever
    decided_in = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="image_rule_once")]
