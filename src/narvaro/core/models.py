"""Tables of the house. What may be done with them stands in `actions`, `audit`, `jobs`, `ledger` and `waiting`."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.core.tenancy import Owned, Shared
from narvaro.core.types import Language, OrganisationKind, Role


class Organisation(Shared):
    """The tenant: a municipality with its companies, a region, an agency."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices, default=OrganisationKind.MUNICIPALITY)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name"], name="organisation_name_once")]

    def __str__(self) -> str:
        return self.name


class Authority(Shared):
    """
    A record-holding authority: its own registry, controller, archive and retention (ARK-2).

    Its office hours, closed days and answering goal are what deadlines are counted with.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60)
    organisation_number = models.CharField(max_length=20, blank=True)
    registrar_email = models.EmailField(blank=True)
    communications_email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    social_emergency_phone = models.CharField(max_length=40, blank=True)  # "" where 112 puts people through
    answer_hours = models.PositiveSmallIntegerField(default=24)  # law.md §3 reply_target_hours
    open_from = models.TimeField(default="08:00")
    open_until = models.TimeField(default="17:00")
    open_weekdays = models.CharField(max_length=7, default="12345")  # ISO weekdays
    # Fields that something a floor above decides, such as a guideline in force, each with the address where it stands.
    decided_in = models.JSONField(default=dict, blank=True)
    unstaffed_notice = models.BooleanField(default=False)
    unstaffed_notice_text = models.CharField(max_length=300, blank=True)
    primary_colour = models.CharField(max_length=7, blank=True)
    accent_colour = models.CharField(max_length=7, blank=True)  # "" takes the primary one
    logo = models.BinaryField(null=True, blank=True)
    logo_type = models.CharField(max_length=40, blank=True)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)
    edition = models.PositiveBigIntegerField(default=1)  # grows with what anybody may read of the authority (`audit`)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug"], name="authority_slug_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_coloured(self) -> bool:
        """Whether the authority has a colour of its own."""
        return bool(self.primary_colour or self.accent_colour)


class ClosedDay(Owned):
    """A day when the authority is closed beyond the public holidays."""

    on = models.DateField()
    why = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "on"], name="closed_day_once")]


class Unit(Owned):
    """A unit of the authority; every channel belongs to one."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "name"], name="unit_name_once")]

    def __str__(self) -> str:
        return self.name


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **values: Any) -> Person:
        person: Person = self.model(email=self.normalize_email(email).lower(), **values)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, Shared):
    """Someone who signs in. What they may do follows from their assignments, never from this row."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    signature = models.CharField(max_length=60, blank=True)  # what residents see: "Anna, Biblioteket"
    withhold_name = models.BooleanField(default=False)  # FL-9: under threat the name is left out
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=2, default=Language.SWEDISH.value)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = PersonManager()

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class Assignment(Shared):
    """A role that a person holds: in the organisation, in one authority, or in one unit of it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    authority = models.ForeignKey(Authority, models.PROTECT, null=True, blank=True, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=30, choices=Role.choices)
    once_key = models.CharField(max_length=100, unique=True, null=True)  # None once it has ended
    given_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    from_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit=None) | Q(authority__isnull=False), name="unit_assignment_names_authority"
            ),
        ]


class Absence(Owned):
    """When a person is away; their work goes to the deputy meanwhile."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    marked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=F("from_at")), name="absence_ends_after_it_begins"),
        ]
        indexes = [models.Index(fields=["authority", "person", "until_at"])]


class Waiting(Owned):
    """Something that waits for somebody: a person, a role or a unit. Written by actions, in their transaction."""

    place = models.CharField(max_length=30)  # "inbox", "registrar", "publications"
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    title = models.CharField(max_length=200)
    link = models.CharField(max_length=300)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=30, blank=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "place", "subject_kind", "subject_id"], name="waits_once_in_a_place"
            )
        ]
        indexes = [
            models.Index(fields=["authority", "person", "due_at"]),
            models.Index(fields=["authority", "person", "place"], name="waiting_of_person_in_place"),
        ]


class Cursor(Owned):
    """How far a named follower has read the authority's feed."""

    name = models.CharField(max_length=40)
    position = models.BigIntegerField(default=0)  # the next position to read
    moved_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "name"], name="cursor_once")]


class Intent(Owned):
    """A one-time form that has been used: double click, back button and stale tab give one effect."""

    uid = models.UUIDField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=300, blank=True)  # where the first sending led
    used_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "uid"], name="intent_used_once")]


# --- Ledger -----------------------------------------------------------------------------------------------------


class Leaf(Owned):
    """
    One leaf of the authority's Merkle log. Written without a position; the sequencer gives it one.

    It holds a salted hash and never content, so it stays when the content is disposed of.
    """

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+", db_index=False)  # others serve
    kind = models.CharField(max_length=12)  # "version", "audit"
    subject_id = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)
    position = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "position"], name="leaf_position_once"),
        ]
        indexes = [
            models.Index(fields=["authority", "id"], condition=Q(position=None), name="leaf_unsequenced"),
        ]


class Tree(Owned):
    """The growing edge of an authority's log; the sequencer locks this row."""

    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="tree_once")]


class Tile(Owned):
    """256 hashes of one level of the log, concatenated; the last tile of a level may be shorter."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "level", "number"], name="tile_once")]


class TreeHead(Owned):
    """A signed statement of what the log was at a moment (RFC 6962 in spirit). Never changed, never removed."""

    size = models.BigIntegerField()
    root = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    key_id = models.CharField(max_length=20)
    signature = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["authority", "size"])]


class TreeKey(Shared):
    """The public half of a key that tree heads were signed with."""

    key_id = models.CharField(max_length=20, unique=True)
    public = models.BinaryField()
    created_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)


class AuditEntry(Owned):
    """Who did what, when, on what, and why. Ids and short reasons only; never a resident's words."""

    uid = models.UUIDField(default=uuid7, editable=False)
    at = models.DateTimeField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=120)
    verb = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True)
    subject_uid = models.UUIDField(null=True)
    why = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["authority", "subject_kind", "subject_id"]),
            models.Index(fields=["authority", "at"]),
        ]


# --- Work in the background --------------------------------------------------------------------------------------


class Job(Shared):
    """
    A hint that there is work to look at, run under a lease. The tables of the capabilities hold the truth.

    Its arguments hold ids only, so it belongs to the installation and not to an authority.
    """

    class State(models.TextChoices):
        READY = "ready"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead"

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    priority = models.SmallIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-priority", "run_after"], condition=Q(state="ready"), name="job_ready"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
            models.Index(fields=["finished_at"], condition=Q(state="done"), name="job_done"),
        ]
        constraints = [
            # A hint that already waits need not wait twice.
            models.UniqueConstraint(
                fields=["name", "arguments"], condition=Q(state="ready"), name="job_hint_once_while_ready"
            )
        ]


class ScheduledRun(Shared):
    """One due moment of a schedule; the unique key makes it run once however many workers there are."""

    name = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="schedule_runs_once")]


class Heartbeat(Shared):
    """When each worker was last heard of; an old one is shown to everybody (P5)."""

    worker = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()


class Remembered(Shared):
    """What every web process must know for a short while: attempts to sign in, codes that were used. No names in it."""

    name = models.CharField(max_length=64, primary_key=True)  # a hash
    value = models.TextField()
    until_at = models.DateTimeField(db_index=True)


class Letter(Owned):
    """An e-mail to send. Recipients are resolved when it is sent; the row is the truth."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    to_person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    to_address = models.EmailField(blank=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    not_before = models.DateTimeField()
    once_key = models.CharField(max_length=120)  # the same notice is written once
    sent_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "once_key"], name="letter_written_once")]
        indexes = [models.Index(fields=["not_before"], condition=Q(sent_at=None), name="letter_due")]
