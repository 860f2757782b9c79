"""Tables of the channel register."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from narvaro.base.clock import now
from narvaro.base.ids import uuid7
from narvaro.channels.rules.places import handle_key
from narvaro.channels.types import (
    AccountKind,
    ChannelState,
    Comments,
    Concerns,
    Connection,
    Duty,
    EntryKind,
    IncidentKind,
)
from narvaro.core.tenancy import Owned

DAYS_FOR_LIVE = 90
DAYS_FOR_POLICY = 30


class Channel(Owned):
    """An official account, with who answers for it. It is never deleted: closing is a state (P14)."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    platform = models.CharField(max_length=20)  # a key of `base.platforms`
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=200)
    handle_key = models.CharField(max_length=600, default="", editable=False)  # `rules.handle_key` of the handle
    url = models.URLField(max_length=500, blank=True)
    base_url = models.URLField(max_length=300, blank=True)
    remote_id = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    unit = models.ForeignKey("core.Unit", models.PROTECT, related_name="+")
    responsible = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    deputy = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    watch_group = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=12, choices=ChannelState.choices, default=ChannelState.ACTIVE)
    answer_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    papers_by = models.DateField(null=True)  # until then what is missing only reminds; None: at once
    in_operation_from = models.DateTimeField(default=now)  # P32: older items raise no deadlines
    options = models.JSONField(default=dict, blank=True)
    limits = models.JSONField(default=dict, blank=True)  # as the platform told them last; {} until it was asked
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "platform", "handle"],
                condition=~Q(state="closed") & ~Q(handle=""),  # a proposed channel may have no account yet
                name="channel_once",
            )
        ]
        indexes = [models.Index(fields=["handle_key", "platform"], name="channel_by_account")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.handle_key = handle_key(self.handle)
        super().save(*args, **kwargs)


class ChannelStep(Owned):
    """One step of a channel's life: what it became, when, by whom, and which decision it leans on. Never changed."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=ChannelState.choices)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    reference = models.CharField(max_length=120, blank=True)
    why = models.CharField(max_length=500, blank=True)


class ChannelTrial(Owned):
    """That a channel which had fallen silent was tried and kept: why, and until when that stands. Never changed."""

    is_written_once: ClassVar[bool] = True  # the database refuses to change or remove a row

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    why = models.CharField(max_length=500)
    until_on = models.DateField()
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)


class ChannelAssignment(Owned):
    """Somebody's assignment to answer for a channel, given by whoever leads them; ended when another gets it."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    duty = models.CharField(max_length=12, choices=Duty.choices)
    given_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    given_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel", "duty"], condition=Q(ended_at=None), name="assignment_once"
            )
        ]


class Condition(Owned):
    """
    Whether one thing that is asked of a channel is there, as a higher floor has written it down.

    About one channel, about one person (counts wherever they answer), or, without either, about all channels.
    """

    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=20)
    is_met = models.BooleanField()
    mender = models.CharField(max_length=20, blank=True)  # a role; "" is who leads the unit
    says = models.CharField(max_length=300, blank=True)  # in Swedish, with places for `values`: said in any language
    values = models.JSONField(default=dict)
    link = models.CharField(max_length=300, blank=True)
    valid_until = models.DateField(null=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "key"], condition=Q(channel=None, person=None), name="condition_of_all_once"
            ),
            models.UniqueConstraint(
                fields=["authority", "channel", "key"],
                condition=Q(channel__isnull=False),
                name="condition_of_channel_once",
            ),
            models.UniqueConstraint(
                fields=["authority", "person", "key"],
                condition=Q(person__isnull=False),
                name="condition_of_person_once",
            ),
            models.CheckConstraint(condition=Q(channel=None) | Q(person=None), name="condition_is_about_one"),
        ]


class Gate(Owned):
    """What an authority asks of its channels, where it differs from what is usual. One row an authority at most."""

    levels = models.JSONField(default=dict)  # key of a requirement: a `Level`
    days_for_live = models.PositiveSmallIntegerField(default=DAYS_FOR_LIVE)
    days_for_policy = models.PositiveSmallIntegerField(default=DAYS_FOR_POLICY)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="gate_once")]


class ChannelCard(Owned):
    """What the register says of a channel besides who answers and how it is reached (law.md 3.1)."""

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="+")
    # Told to anybody.
    kind = models.CharField(max_length=20, choices=AccountKind.choices, default=AccountKind.UNIT)
    audience = models.CharField(max_length=300, blank=True)
    languages = models.CharField(max_length=100, blank=True)
    staffed_hours = models.CharField(max_length=200, blank=True)
    elsewhere = models.CharField(max_length=500, blank=True)
    comments = models.CharField(max_length=10, choices=Comments.choices, default=Comments.OPEN)
    function_mailbox = models.EmailField(blank=True)
    privacy_url = models.URLField(max_length=500, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    # Told to those who work here.
    decision_ref = models.CharField(max_length=120, blank=True)
    bbs_applies = models.BooleanField(default=True)
    legal_basis = models.CharField(max_length=300, blank=True)
    assessment_ref = models.CharField(max_length=120, blank=True)  # of consequences for data protection
    administrators = models.PositiveSmallIntegerField(null=True, blank=True)
    administrators_reviewed_on = models.DateField(null=True, blank=True)
    two_step_verified_on = models.DateField(null=True, blank=True)
    archive_owner = models.CharField(max_length=120, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    tags = models.JSONField(default=list, blank=True)


class RegisterFile(Owned):
    """
    Somebody's register on its way in: looked through, understood as a person chooses, then brought in once.

    What the file held is thrown away when it is brought in; what became of each row stays.
    """

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    name = models.CharField(max_length=200)
    content = models.BinaryField()  # gzip
    columns = models.JSONField(default=dict, blank=True)  # fields by column, where a person has said
    unit = models.ForeignKey("core.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    responsible = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    makes_units = models.BooleanField(default=True)
    changes = models.BooleanField(default=True)  # what the register says otherwise of an account that it has already
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    done_at = models.DateTimeField(null=True)
    fates = models.JSONField(default=list, blank=True)  # [number, fate, name, why] of each row, once it is done
    version = models.PositiveIntegerField(default=1)


class ChannelSecret(Owned):
    """The channel's tokens, sealed. Renewed under a lease, since the platform is asked in between."""

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    revision = models.PositiveIntegerField(default=1)
    lease_until = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            # P7: a stored secret is never replaced with nothing; an empty AES-GCM box is 36 bytes.
            models.CheckConstraint(condition=~Q(sealed=b""), name="secret_is_not_empty")
        ]


class ChannelReading(Owned):
    """How far the channel has been read, and who is reading it now."""

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="+")
    connection = models.CharField(max_length=16, choices=Connection.choices, default=Connection.NOT_CONNECTED)
    cursor = models.TextField(blank=True)
    complete_to = models.DateTimeField(null=True)
    next_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    last_read_at = models.DateTimeField(null=True)
    probed_at = models.DateTimeField(null=True)
    capabilities = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["next_at"])]


class WatchShift(Owned):
    """Who watches a group of channels, from when until when; goes before responsible and deputy."""

    watch_group = models.CharField(max_length=60)
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    is_duty = models.BooleanField(default=False)  # duty contact for what cannot wait for office hours

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until_at__gt=models.F("from_at")), name="shift_ends_after_it_begins")
        ]
        indexes = [models.Index(fields=["authority", "watch_group", "until_at"])]


class OAuthRequest(Owned):
    """A connection being made in the browser: kept until the platform sends the person back, once."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    state = models.CharField(max_length=64, unique=True)
    sealed = models.BinaryField()
    started_by = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    started_at = models.DateTimeField(default=now)
    used_at = models.DateTimeField(null=True)


class PlatformApp(Owned):
    """The app that the authority has with a platform, by which its channels there are connected; its secret sealed."""

    platform = models.CharField(max_length=20)
    client_id = models.CharField(max_length=200)
    sealed = models.BinaryField()
    service = models.CharField(max_length=300, blank=True)  # another server, for tests on the own machine
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "platform"], name="platform_app_once"),
            models.CheckConstraint(condition=~Q(sealed=b""), name="app_secret_is_not_empty"),  # P7
        ]


class Custody(Owned):
    """Where a channel's password lies and how it is reached when nobody is there; never the password. Law: SEC-2"""

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="+")
    vault = models.CharField(max_length=200, blank=True)  # which vault, and what the entry is called there
    rotated_on = models.DateField(null=True, blank=True)
    recovery_owner = models.CharField(max_length=120, blank=True)  # a function
    break_glass = models.CharField(max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(default=now)


class AccountAccess(Owned):
    """A function, and who fills it, that can steer a channel's account or reach its password. Ended, never removed."""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    function = models.CharField(max_length=120)
    person = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")  # None: somebody outside
    steers = models.BooleanField(default=True)
    reaches_password = models.BooleanField(default=False)
    noted_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)


class AccessReview(Owned):
    """One look at who can steer a channel's account, with what was answered for each. Never changed. Law: SEC-2"""

    is_written_once: ClassVar[bool] = True  # the database refuses to change or remove a row

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    answers = models.JSONField(default=list)  # of each function: its words, and whether it still is right
    administrators = models.PositiveSmallIntegerField()
    has_two_step = models.BooleanField(default=False)
    has_mailbox = models.BooleanField(default=False)
    evidence = models.CharField(max_length=500, blank=True)


class SecurityCheck(Owned):
    """What was found when one point of the checklist was looked at; the newest counts. Never changed. Law: SEC-2"""

    is_written_once: ClassVar[bool] = True  # the database refuses to change or remove a row

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    point = models.CharField(max_length=20)
    is_met = models.BooleanField()
    evidence = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    reviewed_on = models.DateField()
    again_on = models.DateField()


class SecurityIncident(Owned):
    """An account taken over, or something published there that was not ours to publish. Law: SEC-1, GDPR-3"""

    uid = models.UUIDField(unique=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=IncidentKind.choices, default=IncidentKind.TAKEN_OVER)
    found_at = models.DateTimeField(default=now)  # when somebody here understood it; the times are counted from it
    concerns_people = models.CharField(max_length=8, choices=Concerns.choices, default=Concerns.UNKNOWN)
    opened_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(default=now)
    closed_at = models.DateTimeField(null=True)
    lessons = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel"], condition=Q(closed_at=None), name="incident_open_once"
            )
        ]


class IncidentEntry(Owned):
    """One line of an incident's log: what was done, or who was told when. The database refuses to change it."""

    is_written_once: ClassVar[bool] = True  # the database refuses to change or remove a row

    incident = models.ForeignKey(SecurityIncident, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=EntryKind.choices)
    key = models.CharField(max_length=12, blank=True)  # of a first measure or a timer
    at = models.DateTimeField()  # when it happened
    noted_at = models.DateTimeField(default=now)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(max_length=120)
    to_whom = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)


class Vacancy(Owned):
    """A place in a channel that somebody left, moved from or has been away from for long, until it is filled."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="+")
    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    why = models.CharField(max_length=8)
    is_orphaned = models.BooleanField()  # nobody else answers for the channel
    found_at = models.DateTimeField(default=now)
    filled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "channel", "person"], condition=Q(filled_at=None), name="vacancy_open_once"
            )
        ]


class MonthlyLetter(Owned):
    """That somebody wants no letter each month about the channels of their units; who has no row gets it."""

    person = models.ForeignKey("core.Person", models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "person"], name="monthly_letter_declined_once")]


# --- What the account itself says -------------------------------------------------------------------------------------


class ChannelCheck(Owned):
    """
    What the account itself told when it was last looked at: what its presentation lacks, and what leads back to it.

    A due row with lease and fence; `checked_at` is None until the first look. Law: BBS-2, OD-6
    """

    channel = models.OneToOneField(Channel, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)
    by = models.ForeignKey(
        "core.Person", models.PROTECT, null=True, related_name="+", db_index=False
    )  # None: a machine
    is_by_hand = models.BooleanField(default=False)
    lacking = models.JSONField(default=list)  # keys of what the presentation does not say
    links_back = models.JSONField(default=list)  # {key, is_there} of each way in which others name the account
    met_by = models.CharField(max_length=12, blank=True)  # what says it: text, rules page, pinned post
    last_error = models.CharField(max_length=500, blank=True)
    next_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="channel_check_due")]


class CheckDemands(Owned):
    """What an authority wants each presentation to say, where it differs from what is usual. One row at most."""

    items = models.JSONField(default=list)
    page = models.CharField(max_length=500, blank=True)  # where the authority's own website lists its accounts
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority"], name="check_demands_once")]


# --- What the authority has found out about platforms -----------------------------------------------------------------


class PlatformAssessment(Owned):
    """
    What an authority says of a platform beside what ships, or instead of it; "" where it says nothing of its own.

    Terms and transfers change faster than a release: what is written here is shown at once. Law: GDPR-2, GDPR-10
    """

    platform = models.CharField(max_length=20)  # a key of `base.platforms`
    transfer = models.CharField(max_length=300, blank=True)
    terms = models.CharField(max_length=600, blank=True)
    joint_controller_url = models.URLField(max_length=500, blank=True)
    assessment = models.TextField(max_length=4000, blank=True)
    terms_read_on = models.DateField(null=True, blank=True)
    changed_by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(default=now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "platform"], name="platform_assessment_once")]
