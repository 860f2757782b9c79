"""
Work in the background: Django's tasks API over a small lease table.

A job is a hint ("look now"); the truth stands in the capabilities' tables, and a schedule finds whatever
was missed. Enqueueing is part of the caller's transaction. A worker claims jobs under a lease that it
keeps alive; a killed worker's lease runs out and the job is claimed again, with a higher fence, so that
what a slow old worker writes about it no longer counts.

Leases use real time, never the movable clock.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import IntegrityError, close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus

from narvaro.core.gathering import Part
from narvaro.core.models import Heartbeat, Job, ScheduledRun
from narvaro.core.remembered import forget_past

__all__ = ["Lane", "LeaseBackend", "Worker", "dead_jobs", "retry_dead", "schedule", "task"]

LEASE_SECONDS = 30.0
TEND_SECONDS = 10.0
MAX_ATTEMPTS = 8
SILENT_AFTER = timedelta(minutes=2)
KEEP_DONE = timedelta(days=2)
_DELAYS_SECONDS = (5, 15, 60, 300, 900, 1800, 3600)

log = logging.getLogger("narvaro.jobs")


def real_now() -> datetime:
    return datetime.now(UTC)


class LeaseBackend(BaseTaskBackend):
    """Puts a task in the lease table, in the caller's transaction. The same hint waits once, not twice."""

    supports_defer = True
    supports_priority = True

    def enqueue(self, task: Task[Any, Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        self.validate_task(task)
        if args:
            raise TypeError("Jobs take keyword arguments only, so that a stored job can be read.")
        job = Job(
            name=task.module_path,
            arguments=dict(sorted(kwargs.items())),
            priority=task.priority,
            run_after=task.run_after or real_now(),
            created_at=real_now(),
        )
        Job.objects.bulk_create([job], ignore_conflicts=True)
        return TaskResult(
            task=task, id=str(job.uid), status=TaskResultStatus.READY, enqueued_at=job.created_at, started_at=None,
            last_attempted_at=None, finished_at=None, args=[], kwargs=kwargs, backend=self.alias, errors=[],
            worker_ids=[],
        )  # fmt: skip


class Lane(StrEnum):
    """Sweeps of one lane wait for each other only: a platform that answers slowly holds up no answer of ours."""

    READING = "reading"  # asks platforms what is new
    SENDING = "sending"  # answers and measures
    FILMS = "films"  # takes as long as it takes, and holds up no text
    LOOKING = "looking"  # reads what we have sent: never holds up what is due
    LETTERS = "letters"  # a mail server that is silent holds up letters, not answers
    HOUSE = "house"  # our own tables only
    QUEUE = "queue"  # seldom: enqueued as a job


SWEPT = (Lane.SENDING, Lane.SENDING, Lane.FILMS, Lane.LOOKING, Lane.LETTERS, Lane.HOUSE)
"""The lanes of a worker, a thread for each time: while one that sends waits for an answer, the other goes on."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A task without arguments that runs at every whole multiple of `every_seconds` since 1970 (UTC)."""

    name: str
    task: Task[Any, Any]
    every_seconds: int
    lane: Lane


_schedules: dict[str, Schedule] = {}


def schedule(every_seconds: int, lane: Lane = Lane.QUEUE) -> Callable[[Task[Any, Any]], Task[Any, Any]]:
    """
    Run a task without arguments at every whole multiple of `every_seconds`, once however many workers there are.

    A sweep in a lane runs at once in that lane's thread, without a job: it is cheap when nothing is due, and
    the next moment makes good for one that was killed. Without a lane each moment becomes a job.
    """

    def register(scheduled: Task[Any, Any]) -> Task[Any, Any]:
        _schedules[scheduled.module_path] = Schedule(scheduled.module_path, scheduled, every_seconds, lane)
        return scheduled

    return register


def enqueue_due_schedules() -> int:
    """Enqueue each seldom schedule whose latest due moment nobody has taken yet; returns how many."""
    return sum(_take(entry, also=entry.task.enqueue) for entry in _schedules.values() if entry.lane == Lane.QUEUE)


def run_lane(lane: Lane, taken: dict[str, datetime] | None = None) -> int:
    """
    Run each sweep of a lane whose latest due moment nobody has taken yet, in this thread; returns how many.

    Args:
        taken: What the caller already knows to be taken, kept between calls; spares the database a question.
    """
    count = 0
    for entry in list(_schedules.values()):
        if entry.lane == lane and _take(entry, known={} if taken is None else taken):
            try:
                entry.task.call()
            except Exception:  # the next moment tries again; one sweep must not end the lane
                log.exception("Svepningen %s misslyckades", entry.name)
            count += 1
    return count


def _take(entry: Schedule, *, also: Callable[[], Any] = lambda: None, known: dict[str, datetime] | None = None) -> bool:
    seconds = int(time.time()) // entry.every_seconds * entry.every_seconds
    due = datetime.fromtimestamp(seconds, UTC)
    known = {} if known is None else known
    if known.get(entry.name) == due or ScheduledRun.objects.filter(name=entry.name, due_at=due).exists():
        return False
    try:
        with transaction.atomic():
            ScheduledRun.objects.create(name=entry.name, due_at=due, created_at=real_now())
            also()
    except IntegrityError:
        return False
    finally:
        known[entry.name] = due
    return True


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in our hands: valid while the stored fence is still ours."""

    job_id: int
    fence: int
    name: str
    arguments: dict[str, Any]
    attempts: int


def claim(worker: str, *, lease_seconds: float = LEASE_SECONDS) -> Claim | None:
    """Claim the next job that is due, or whose worker has gone silent. None when there is nothing."""
    moment = real_now()
    due = Q(state=Job.State.READY, run_after__lte=moment) | Q(state=Job.State.RUNNING, lease_until__lt=moment)
    with transaction.atomic():
        jobs = Job.objects.filter(due).order_by("-priority", "run_after", "id")
        if connection.features.has_select_for_update_skip_locked:
            jobs = jobs.select_for_update(skip_locked=True)
        job = jobs.first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:  # it kills its worker every time
            Job.objects.filter(pk=job.pk).update(state=Job.State.DEAD, finished_at=moment)
            return None
        job.fence += 1
        job.attempts += 1
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.RUNNING, fence=job.fence, attempts=job.attempts, worker=worker,
            lease_until=moment + timedelta(seconds=lease_seconds),
        )  # fmt: skip
    return Claim(job.pk, job.fence, job.name, job.arguments, job.attempts)


def keep_alive(held: Claim, *, lease_seconds: float = LEASE_SECONDS) -> bool:
    """Lengthen the lease; False when the job is no longer ours."""
    until = real_now() + timedelta(seconds=lease_seconds)
    return _ours(held).update(lease_until=until) == 1


def finish(held: Claim) -> bool:
    """Mark the job done; False when another worker has it now."""
    return _ours(held).update(state=Job.State.DONE, finished_at=real_now(), last_error="") == 1


def fail(held: Claim, error: str) -> bool:
    """Put the job back for a later try, or with the dead ones when it has failed too often."""
    if held.attempts >= MAX_ATTEMPTS:
        return _ours(held).update(state=Job.State.DEAD, finished_at=real_now(), last_error=error[-4000:]) == 1
    delay = _DELAYS_SECONDS[min(held.attempts, len(_DELAYS_SECONDS)) - 1]
    try:
        with transaction.atomic():
            again = real_now() + timedelta(seconds=delay)
            return _ours(held).update(state=Job.State.READY, run_after=again, last_error=error[-4000:]) == 1
    except IntegrityError:  # the same hint waits already; this one has said what it had to say
        return _ours(held).update(state=Job.State.DONE, finished_at=real_now(), last_error=error[-4000:]) == 1


def _ours(held: Claim) -> QuerySet[Job]:
    return Job.objects.filter(pk=held.job_id, fence=held.fence, state=Job.State.RUNNING)


def dead_jobs() -> list[Job]:
    """Return the jobs that were given up, newest first, for the administrator."""
    return list(Job.objects.filter(state=Job.State.DEAD).order_by("-finished_at")[:200])


def dead_part() -> Part:
    """Return what to gather, together with other things, to know whether any job was given up: one row, or none."""
    one = Job.objects.filter(state=Job.State.DEAD).values("pk")[:1]
    return Part(Job.objects.filter(pk__in=one), without=("arguments", "last_error"))


def retry_dead(job_uid: str) -> bool:
    """Let a given-up job run again from its first attempt; False when it is not among the dead."""
    try:
        with transaction.atomic():
            return (
                Job.objects.filter(uid=job_uid, state=Job.State.DEAD).update(
                    state=Job.State.READY, attempts=0, run_after=real_now(), fence=F("fence") + 1
                )
                == 1
            )
    except IntegrityError:
        return True


def run_claim(held: Claim) -> bool:
    """Run one claimed job in this thread, keeping its lease alive. Returns whether it succeeded."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_alive_until, args=(held, stop), daemon=True)
    keeper.start()
    try:
        import_string(held.name).call(**held.arguments)
    except Exception:
        log.exception("Jobbet %s misslyckades (försök %s)", held.name, held.attempts)
        fail(held, traceback.format_exc())
        return False
    finally:
        stop.set()
        keeper.join(timeout=5)
    return finish(held)


def _keep_alive_until(held: Claim, stop: threading.Event) -> None:
    try:
        while not stop.wait(LEASE_SECONDS / 3):
            if not keep_alive(held):
                return
    finally:
        connection.close()


def run_until_idle(*, limit: int = 1000) -> int:
    """Run due jobs in this thread until none is left; returns how many. For tests and the command line."""
    count = 0
    while count < limit and (held := claim("idle")):
        run_claim(held)
        count += 1
    return count


class Worker:
    """
    Threads that work in the background: some claim jobs, each lane of sweeps has its own, one keeps the heartbeat.

    What is sent is claimed row by row, so that two threads, or two workers, never take the same.

    Args:
        threads: How many read platforms, and how many claim jobs.
    """

    def __init__(self, *, threads: int = 2, idle_seconds: float = 0.5) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}"
        self._idle_seconds = idle_seconds
        self._stop = threading.Event()
        steps = [("schedule", self._tend)]
        steps += [(f"{lane}-{n}", self._lane(lane)) for n, lane in enumerate(SWEPT)]
        steps += [(f"jobs-{n}", self._work) for n in range(threads)]
        steps += [(f"reading-{n}", self._lane(Lane.READING)) for n in range(threads)]
        self._threads = [
            threading.Thread(target=self._run, args=(step,), name=f"narvaro-{name}", daemon=True)
            for name, step in steps
        ]

    def start(self) -> None:
        """Start working."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what runs now (at most 20 s in all) and stop."""
        self._stop.set()
        until = time.monotonic() + 20
        for thread in self._threads:
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def _run(self, step: Callable[[], float]) -> None:
        while not self._stop.is_set():
            close_old_connections()
            try:
                pause = step()
            except Exception:  # a database that is away must not end the thread
                log.exception("Arbetaren fick ett fel och försöker igen")
                connection.close()
                pause = 2.0
            self._stop.wait(pause)
        connection.close()

    def _work(self) -> float:
        held = claim(self.name)
        if held is None:
            return self._idle_seconds
        run_claim(held)
        return 0.0

    def _lane(self, lane: Lane) -> Callable[[], float]:
        taken: dict[str, datetime] = {}

        def step() -> float:
            run_lane(lane, taken)
            return self._idle_seconds

        return step

    def _tend(self) -> float:
        moment = real_now()
        Heartbeat.objects.update_or_create(worker=self.name, defaults={"at": moment})
        enqueue_due_schedules()
        return TEND_SECONDS


def tidy() -> None:
    """Throw away finished jobs, past moments of schedules, workers that are gone and what need not be remembered."""
    moment = real_now()
    Job.objects.filter(state=Job.State.DONE, finished_at__lt=moment - KEEP_DONE).delete()
    ScheduledRun.objects.filter(due_at__lt=moment - timedelta(days=2)).delete()
    Heartbeat.objects.filter(at__lt=moment - timedelta(days=1)).delete()
    forget_past()


def last_heartbeat() -> datetime | None:
    """Return when any worker was last heard of; None when none ever was (P5)."""
    return Heartbeat.objects.order_by("-at").values_list("at", flat=True).first()


def heartbeat_part() -> Part:
    """Return what to gather, together with other things, to know `last_heartbeat`: one row, or none."""
    newest = Heartbeat.objects.order_by("-at").values("pk")[:1]
    return Part(Heartbeat.objects.filter(pk__in=newest))


def is_working() -> bool:
    """Whether a worker has been heard of lately (P5)."""
    heartbeat = last_heartbeat()
    return heartbeat is not None and real_now() - heartbeat < SILENT_AFTER
