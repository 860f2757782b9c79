"""
What runs inside an installation under test: a nursery that has loaded the product and forks its workers.

Loading takes longer than most lives here, so the nursery loads once and never touches the database; each
worker is a process of its own, in its own session, killed from outside or by itself at a named step. The
product holds no switch for dying: the step's function is wrapped here.

Each line on stdin is one errand as JSON, each line on stdout its answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import Any
from uuid import UUID

from tests.crash import inside_deeds

Json = dict[str, Any]

CONNECTOR = "narvaro.connectors.{platform}:{connector}"
MODERATION = "narvaro.moderation.actions"

# name: (module, what in it, when to die, a word that must be among what it is called with if not "").
# "before": before it is called; "during": a moment after; "after": when it gave something; "done": when it came back.
STEPS = {
    "capture.before_leaves": ("narvaro.records.bulk", "insert", "before", "core_leaf"),
    "capture.before_commit": ("narvaro.channels.actions", "advance_reading", "after", ""),
    "capture.after_commit": ("narvaro.records.actions", "capture", "after", ""),
    "triage.before_commit": ("narvaro.inbox.actions.feed", "tell_who_waits", "before", ""),
    "triage.after_commit": ("narvaro.inbox.actions", "triage", "after", ""),
    "sequencing.before_commit": ("narvaro.core.ledger", "_sign_head", "done", ""),
    "sequencing.after_commit": ("narvaro.core.ledger", "sequence", "after", ""),
    "publishing.after_claim": ("narvaro.publishing.actions", "claim_attempt", "after", ""),
    "publishing.during_call": (CONNECTOR, "publish", "during", ""),
    "publishing.after_call": (CONNECTOR, "publish", "after", ""),
    "publishing.before_commit": ("narvaro.core.waiting", "settle", "before", ""),
    "publishing.before_record": ("narvaro.publishing.actions.sending", "keep_delivered", "before", ""),
    "settling.after_claim": ("narvaro.publishing.actions", "claim_settling", "after", ""),
    "settling.after_call": (CONNECTOR, "settle", "after", ""),
    "settling.before_commit": ("narvaro.publishing.actions", "store_settling", "before", ""),
}
# What a person does about a comment, in the process that answers the browser.
DECIDING = {
    "deciding.after_seal": ("narvaro.records.actions", "seal_item", "done", ""),
    "deciding.after_note": ("narvaro.records.actions", "keep_evidence_note", "after", ""),
    "deciding.before_measure": (f"{MODERATION}.deciding", "_store", "before", ""),
    "deciding.before_notice": (f"{MODERATION}.deciding", "_tell_author", "before", ""),
    "deciding.before_commit": ("narvaro.core.audit", "note", "done", "inbox.moderate"),
    "deciding.after_commit": ("narvaro.core.forms", "perform", "done", ""),
}
TAKING_BACK = {
    "taking_back.before_commit": ("narvaro.core.audit", "note", "done", "moderation.undo_measure"),
    "taking_back.after_commit": ("narvaro.core.forms", "perform", "done", ""),
}
# What the sweep does about what is decided: {tell}, {read} and {untell} are what it asks of the connector.
CARRYING = {
    "carrying.after_claim": (MODERATION, "claim_carrying", "after", ""),
    "carrying.during_call": (CONNECTOR, "{tell}", "during", ""),
    "carrying.after_call": (CONNECTOR, "{tell}", "done", ""),
    "carrying.before_commit": ("narvaro.core.audit", "note", "done", "moderation.carry_out"),
    "carrying.after_commit": (MODERATION, "store_carried", "done", ""),
    "confirming.after_call": (CONNECTOR, "{read}", "after", ""),
    "confirming.before_commit": ("narvaro.core.audit", "note", "done", "moderation.confirm_measure"),
    "confirming.after_commit": (MODERATION, "store_confirmed", "done", ""),
}
UNDOING = {
    "undoing.after_claim": (MODERATION, "claim_carrying", "after", ""),
    "undoing.during_call": (CONNECTOR, "{untell}", "during", ""),
    "undoing.after_call": (CONNECTOR, "{untell}", "done", ""),
    "undoing.before_commit": ("narvaro.core.audit", "note", "done", "moderation.undo_measure"),
    "undoing.after_commit": (MODERATION, "store_undone", "done", ""),
}
_EVERY_STEP = {**STEPS, **DECIDING, **TAKING_BACK, **CARRYING, **UNDOING, **inside_deeds.DOING}
_CALLS = {
    "hide": {"tell": "hide", "read": "is_hidden", "untell": "show"},
    "remove": {"tell": "take_down", "read": "is_hidden", "untell": "show"},
    "block": {"tell": "block", "read": "is_blocked", "untell": "unblock"},
}
REASONS = "Kommentaren hotar en av dem som arbetar här."
_WORK = (
    "narvaro.records.tasks.read_due_channels",
    "narvaro.records.tasks.read_due_threads",
    "narvaro.core.tasks.sequence_ledgers",
    "narvaro.publishing.tasks.publish_due",
    "narvaro.publishing.tasks.publish_due_films",
    "narvaro.publishing.tasks.settle_unclear",
    "narvaro.publishing.tasks.keep_unkept",
    "narvaro.publishing.tasks.do_deeds",
    "narvaro.moderation.tasks.carry_out_due",
)
_PAST = timedelta(hours=1)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


# --- Workers --------------------------------------------------------------------------------------------------------


def work(
    *, die_at: str = "", time_of: int = 1, after_seconds: float = 0.0, platform: str = "mastodon", kind: str = "hide",
    person: Json | None = None,
) -> None:  # fmt: skip
    """
    Work as the product's worker does, only hungrier, until killed; or do one thing as a person and end.

    Args:
        kind: Which sort of measure the steps of moderation are about.
        person: The errand of a person (`decide` or `take_back`) with its values.
    """
    from narvaro.core.jobs import Worker

    if die_at:
        _die_at(
            die_at, time_of, after_seconds, {"platform": platform, "connector": platform.capitalize()} | _CALLS[kind]
        )
    if person is not None:
        ERRANDS[person["do"]](**person["with"])
        return
    Worker(threads=2, idle_seconds=0.02).start()
    while True:
        _hint()
        time.sleep(0.05)


def _hint() -> None:
    """Say "look now" for every kind of work, and let the channels be read without a pause."""
    from django.db import DatabaseError
    from django.utils.module_loading import import_string

    from narvaro.base.clock import now
    from narvaro.channels.models import ChannelReading

    for name in _jobs():
        try:
            import_string(name).enqueue()
        except DatabaseError:  # the other worker holds the lock: it hints too
            traceback.print_exc()
    ChannelReading.objects.everywhere("test").filter(lease_until=None).update(next_at=now())


def _jobs() -> list[str]:
    from narvaro.core import jobs

    return [*_WORK, *(name for name in jobs._schedules if name.startswith("narvaro.inbox.tasks."))]


def _die_at(step: str, time_of: int, after_seconds: float, names: dict[str, str]) -> None:
    place, called, when, word = _EVERY_STEP[step]
    module_name, _, owner_name = place.format(**names).partition(":")
    name = called.format(**names)
    module = import_module(module_name)
    owner = getattr(module, owner_name) if owner_name else module
    real: Callable[..., Any] = getattr(owner, name)
    left = [time_of]

    def counted() -> bool:
        left[0] -= 1
        return left[0] <= 0

    def wrapped(*args: Any, **values: Any) -> Any:
        if word and word not in args:
            return real(*args, **values)
        if when == "before" and counted():
            die()
        if when == "during" and counted():
            threading.Timer(after_seconds, die).start()
        found = real(*args, **values)
        if (when == "done" or (when == "after" and found is not None)) and counted():
            die()
        return found

    setattr(owner, name, wrapped)


# --- Errands --------------------------------------------------------------------------------------------------------


def prepare() -> Json:
    """Make the keys and the tables, as when Närvaro is started for the first time."""
    from narvaro.web import serving

    serving.prepare(with_files=False)
    return {}


def set_up(*, platform: str, base_url: str, handle: str, secrets: Json, options: Json) -> Json:
    """Set up an authority with a connected channel."""
    from narvaro.channels import actions as channels
    from narvaro.core.testing import a_unit, an_actor, an_authority, person_of
    from narvaro.core.types import Role

    authority = an_authority()
    unit = a_unit(authority)
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    responsible = an_actor(authority, role=Role.REPRESENTATIVE, unit=unit)
    channel = channels.add_channel(
        actor=lead, platform=platform, name="Kanalen", handle=handle, base_url=base_url, unit=unit,
        responsible=person_of(responsible), options=options,
    )  # fmt: skip
    channels.connect_channel(actor=lead, channel=channel, secrets=secrets)
    return {}


def answer(*, token: str, most: int, besides: list[str] | None = None) -> Json:
    """
    Let the responsible answer comments that have none, in the words `<token>-<n>`; returns the words used.

    Args:
        besides: What is left alone, by remote id.
    """
    from narvaro.publishing import actions
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item

    responsible = _responsible()
    answered = Publication.objects.of(responsible).exclude(answers=None).values("answers_id")
    items = Item.objects.of(responsible).filter(origin="received", gone_at=None).exclude(pk__in=answered)
    items = items.exclude(remote_id__in=besides or [])
    words = []
    for number, item in enumerate(items.select_related("channel").order_by("id")[:most]):
        words.append(f"Svar {token}-{number} till er som frågar.")
        made = actions.publish_answer(actor=responsible, item=item, text=words[-1])
        Publication.objects.of(responsible).filter(pk=made.pk).update(not_before=made.written_at)
    return {"words": words}


def post(*, token: str, single: int, parts: int) -> Json:
    """
    Let the responsible send messages of one post each, and a thread; returns the tokens `<token>-<n>` of all its parts.

    Args:
        single: How many of one post.
        parts: How long the thread is; 0 for none.
    """
    from django.db.models import F

    from narvaro.publishing import actions
    from narvaro.publishing.models import Publication

    responsible = _responsible()
    tokens = [f"{token}-{number}" for number in range(single + parts)]
    texts = [f"Svar {each} till er som frågar." for each in tokens]
    whole = [*texts[:single], *(["\n---\n".join(texts[single:])] if parts else [])]
    for text in whole:
        saved = actions.save_message(actor=responsible, text=text, channels={_channel(): ""})
        actions.send_message(actor=responsible, uid=saved.uid)
    Publication.objects.of(responsible).filter(state="queued", answers=None).update(not_before=F("written_at"))
    return {"words": tokens}


def decide(*, intent: str, remote_id: str, kind: str, words: str, ground: str = "BBS-5a", how: str = "") -> Json:
    """
    Let the responsible decide about a comment by a form with this intent, which may have been sent before.

    Args:
        words: What its author is told; "" tells nothing.
        how: "emergency" for what is not kept yet.
    """
    from django.db.models import F

    from narvaro.core import forms
    from narvaro.core.types import Replayed
    from narvaro.inbox import actions as inbox
    from narvaro.inbox.models import Incoming
    from narvaro.moderation import actions
    from narvaro.publishing.models import Publication

    responsible = _responsible()

    def act() -> None:
        if how == "emergency":
            actions.decide_emergency(
                actor=responsible, channel=_channel(), remote_id=remote_id, ground=ground, reasons=REASONS,
                note="Ett hot, sett i appen.",
            )  # fmt: skip
            return
        incoming = Incoming.objects.of(responsible).get(item__remote_id=remote_id)
        inbox.moderate(
            actor=responsible, uid=incoming.uid, kind=kind, ground=ground, reasons=REASONS, notice=words,
            waive_notice_why="" if words else "Ett automatiskt konto läser inga besked.",
            why_stricter="Inget annat skyddar den som hotas." if kind == "block" else "",
        )  # fmt: skip

    with suppress(Replayed):
        forms.perform(responsible, UUID(intent), act)
    told = Publication.objects.of(responsible).filter(answers__remote_id=remote_id, state="queued")
    told.update(not_before=F("written_at"))
    return {}


def take_back(*, intent: str, remote_id: str, kind: str) -> Json:
    """Let the responsible take a measure back by a form with this intent, which may have been sent before."""
    from narvaro.core import forms
    from narvaro.core.types import Replayed
    from narvaro.moderation import actions
    from narvaro.moderation.models import Measure

    responsible = _responsible()
    measure = Measure.objects.of(responsible).get(item__remote_id=remote_id, kind=kind)
    act = partial(actions.undo_measure, actor=responsible, uid=measure.uid, why="Det var ett citat.")
    with suppress(Replayed):
        forms.perform(responsible, UUID(intent), act)
    return {}


def decisions() -> Json:
    """Return every measure as plain values, and what is sealed."""
    from narvaro.core.models import AuditEntry
    from narvaro.core.types import Actor
    from narvaro.moderation.models import Measure
    from narvaro.records.models import Item

    actor = Actor.system(_authority(), "look")
    deeds = AuditEntry.objects.of(actor).filter(subject_kind="moderation.measure").values_list("subject_id", "verb")
    done: dict[int, list[str]] = {}
    for subject, verb in deeds.order_by("pk"):
        done.setdefault(subject, []).append(verb.removeprefix("moderation."))
    return {
        "measures": [
            {
                "id": m.pk, "remote_id": m.item.remote_id if m.item else m.remote_id, "kind": m.kind, "state": m.state,
                "ground": m.ground, "reasons": m.reasons, "record": m.item_id or m.evidence_item_id,
                "notice": m.notice_publication_id, "deeds": done.get(m.pk, []),
            }
            for m in Measure.objects.of(actor).select_related("item").order_by("pk")
        ],
        "sealed": list(Item.objects.of(actor).exclude(sealed_at=None).values_list("remote_id", flat=True)),
        "records": list(Item.objects.of(actor).filter(versions__gte=1).values_list("pk", flat=True)),
    }  # fmt: skip


def back_date() -> Json:
    """
    Let every lease have run out and everything that waits for its time be due, instead of waiting.

    Returns which publications somebody held in the middle of the attempt.
    """
    from django.db import transaction

    from narvaro.publishing.models import Publication

    in_hand = list(Publication.objects.everywhere("test").filter(state="attempting").values_list("pk", flat=True))
    with transaction.atomic():  # one for hundreds of tables, most of which have nothing
        _back_date_all()
    return {"in_hand": in_hand}


def _back_date_all() -> None:
    from django.apps import apps
    from django.db.models import DateTimeField

    from narvaro.base.clock import now
    from narvaro.core.jobs import real_now

    for model in apps.get_models():
        if not model.__module__.startswith("narvaro."):
            continue
        fields = {f.name for f in model._meta.get_fields() if isinstance(f, DateTimeField)}
        rows = model._base_manager.all() if not hasattr(model.objects, "everywhere") else model.objects.everywhere("t")
        if "lease_until" in fields:
            rows.filter(lease_until__isnull=False).update(lease_until=real_now() - _PAST)
        for name in fields & {"next_at", "settle_at", "run_after"}:
            rows.filter(**{f"{name}__gt": now()}).update(**{name: now() - _PAST})


def drain(*, later_seconds: int = 0) -> Json:
    """Do all that is due in this one process, as if it were `later_seconds` later."""
    from narvaro.base import clock
    from narvaro.core import jobs

    clock.shift(timedelta(seconds=later_seconds))
    back_date()
    _hint()
    return {"ran": jobs.run_until_idle()}


def states() -> Json:
    """Return how many publications are in each state."""
    from django.db.models import Count

    from narvaro.publishing.models import Publication

    rows = Publication.objects.everywhere("test").values_list("state").annotate(Count("pk"))
    return dict(rows.order_by("state"))


def look() -> Json:
    """Return all that the installation holds, as plain values."""
    from narvaro.core import ledger
    from narvaro.core.models import Job, Leaf, Waiting
    from narvaro.core.types import Actor
    from narvaro.inbox.models import Incoming
    from narvaro.publishing.models import Publication
    from narvaro.records.models import Item, Version
    from narvaro.records.verify import verify

    actor = Actor.system(_authority(), "look")
    while ledger.sequence(_authority()):
        pass
    verdict = verify(actor)
    texts = dict(Version.objects.of(actor).order_by("number").values_list("item_id", "text"))
    numbers = list(Version.objects.of(actor).values_list("item_id", "number"))
    return {
        "items": [
            {"id": i.pk, "remote_id": i.remote_id, "origin": i.origin, "text": texts[i.pk], "versions": i.versions}
            for i in Item.objects.of(actor)
        ],
        "versions": numbers,
        "leaves": Leaf.objects.of(actor).count(),
        "size": ledger.size(actor),
        "fault": verdict.fault,
        "publications": [
            {
                "id": p.pk, "state": p.state, "text": p.text, "remote_id": p.remote_id, "kept_item": p.kept_item_id,
                "reason": p.reason, "looked": p.settle_attempts, "follows": p.follows_id,
            }
            for p in Publication.objects.of(actor)
        ],
        "waiting": list(Waiting.objects.of(actor).filter(place="publications").values_list("subject_id", flat=True)),
        "errors": list(Job.objects.filter(name__in=_jobs()).exclude(last_error="").values_list("name", "last_error")),
        "incoming": list(Incoming.objects.of(actor).values_list("item_id", flat=True)),
        **decisions(),
    }  # fmt: skip


def _authority() -> Any:
    from narvaro.core import queries

    (authority,) = queries.all_authorities()
    return authority


def _channel() -> Any:
    from narvaro.channels import queries as channels
    from narvaro.core.types import Actor

    (channel,) = channels.channels(Actor.system(_authority(), "look"))
    return channel


def _responsible() -> Any:
    from narvaro.core import queries

    return queries.actor_for(_channel().responsible, _authority().pk)


# --- The nursery ----------------------------------------------------------------------------------------------------

ERRANDS: dict[str, Callable[..., Json]] = {
    "prepare": prepare,
    "set_up": set_up,
    "answer": answer,
    "post": post,
    "decide": decide,
    "take_back": take_back,
    "decisions": decisions,
    "back_date": back_date,
    "drain": drain,
    "look": look,
    "states": states,
    **inside_deeds.ERRANDS,
}


def main() -> None:
    # What anybody prints belongs in the log; the answers have a way of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import django

    django.setup()
    from narvaro.core import keys

    keys.public_signing_key()  # made once, here; the workers only read it
    for line in sys.stdin:
        errand = json.loads(line)
        name, values = errand["do"], errand["with"]
        if name == "work":
            said: Json = {"pid": _forked_worker(values)}
        elif name == "bury":
            said = {"status": os.waitpid(values["pid"], 0)[1]}
        else:
            said = _in_child(ERRANDS[name], values)
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _forked_worker(values: Json) -> int:
    pid = os.fork()
    if pid:
        return pid
    os.setsid()
    try:
        work(**values)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def _in_child(errand: Callable[..., Json], values: Json) -> Json:
    reads, writes = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(reads)
        try:
            said = errand(**values)
        except BaseException:
            said = {"error": traceback.format_exc()}
        with os.fdopen(writes, "w", encoding="utf-8") as out:
            json.dump(said, out)
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, encoding="utf-8") as came:
        text = came.read()
    os.waitpid(pid, 0)
    found: Json = json.loads(text) if text else {"error": "The errand's process ended without a word."}
    return found


if __name__ == "__main__":
    main()
