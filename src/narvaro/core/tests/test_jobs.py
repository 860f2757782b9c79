"""Work in the background: nothing lost, nothing done twice by those who were cut off, the given-up ones shown."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils.module_loading import import_string

from narvaro.core import jobs, ledger, letters, tasks
from narvaro.core.models import Heartbeat, Job, ScheduledRun
from narvaro.core.testing import an_actor, an_authority

pytestmark = pytest.mark.django_db

SWEEP = tasks.sequence_ledgers


def a_job(**values: object) -> Job:
    SWEEP.enqueue()
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(**values)
    job.refresh_from_db()
    return job


def run_out(held: jobs.Claim) -> None:
    """Let the lease of a claimed job lie in the past, as when its worker was killed."""
    Job.objects.filter(pk=held.job_id).update(lease_until=jobs.real_now() - timedelta(seconds=1))


def claimed(worker: str = "a") -> jobs.Claim:
    held = jobs.claim(worker)
    assert held is not None
    return held


def test_a_hint_that_waits_already_waits_once():
    for _time in range(3):
        SWEEP.enqueue()

    assert Job.objects.count() == 1


def test_a_hint_given_while_the_work_runs_waits_for_its_turn():
    SWEEP.enqueue()
    held = claimed()

    SWEEP.enqueue()
    jobs.finish(held)

    assert jobs.claim("b") is not None


def test_a_hint_is_part_of_the_transaction_that_gave_it():
    with transaction.atomic():
        SWEEP.enqueue()
        transaction.set_rollback(True)

    assert Job.objects.count() == 0


def test_a_claimed_job_is_nobody_elses_while_its_lease_runs():
    SWEEP.enqueue()
    claimed("a")

    assert jobs.claim("b") is None


def test_a_killed_workers_job_is_claimed_again_and_the_old_one_is_fenced_off():
    SWEEP.enqueue()
    old = claimed("a")
    run_out(old)
    new = claimed("b")

    assert new.job_id == old.job_id
    assert new.fence > old.fence
    assert not jobs.keep_alive(old)
    assert not jobs.finish(old)
    assert not jobs.fail(old, "för sent")
    assert jobs.finish(new)


def test_a_lease_kept_alive_is_not_taken():
    SWEEP.enqueue()
    held = claimed("a")
    run_out(held)

    assert jobs.keep_alive(held)
    assert jobs.claim("b") is None


def test_a_failed_job_waits_longer_each_time_and_ends_among_the_dead():
    SWEEP.enqueue()
    waits = []
    for _attempt in range(jobs.MAX_ATTEMPTS):
        held = claimed()
        jobs.fail(held, "Traceback\nOSError: borta")
        job = Job.objects.get()
        waits.append(job.run_after - jobs.real_now())
        Job.objects.filter(pk=job.pk, state=Job.State.READY).update(run_after=jobs.real_now())

    assert waits[:-1] == sorted(waits[:-1])
    assert [job.last_error for job in jobs.dead_jobs()] == ["Traceback\nOSError: borta"]
    assert jobs.claim("b") is None


def test_a_job_that_kills_its_worker_every_time_ends_among_the_dead():
    a_job(state=Job.State.RUNNING, attempts=jobs.MAX_ATTEMPTS, lease_until=jobs.real_now() - timedelta(seconds=1))

    assert jobs.claim("a") is None
    assert len(jobs.dead_jobs()) == 1


def test_a_dead_job_runs_again_from_its_first_attempt():
    job = a_job(state=Job.State.DEAD, attempts=jobs.MAX_ATTEMPTS, finished_at=jobs.real_now())

    assert jobs.retry_dead(str(job.uid))

    held = claimed()
    assert held.attempts == 1
    assert not jobs.retry_dead(str(job.uid))


def test_a_failed_job_whose_hint_waits_already_leaves_room_for_it():
    SWEEP.enqueue()
    held = claimed()
    SWEEP.enqueue()

    assert jobs.fail(held, "fel")

    assert sorted(Job.objects.values_list("state", flat=True)) == [Job.State.DONE, Job.State.READY]


def test_work_that_is_done_has_had_its_effect():
    authority = an_authority()
    actor = an_actor(authority)
    ledger.append(authority.pk, ledger.AUDIT, 1, b"salt and words")
    SWEEP.enqueue()

    assert jobs.run_until_idle() == 1

    assert ledger.size(actor) == 1
    assert Job.objects.get().state == Job.State.DONE


def test_a_fault_in_the_work_is_kept_and_tried_again():
    job = a_job(name="narvaro.core.tasks.no_such_work")

    assert not jobs.run_claim(claimed())

    job.refresh_from_db()
    assert job.state == Job.State.READY
    assert "ImportError" in job.last_error


def test_a_schedule_runs_once_for_each_due_moment(monkeypatch):
    monkeypatch.setattr(jobs.time, "time", lambda: 1_800_000_000.0)

    first, second = jobs.enqueue_due_schedules(), jobs.enqueue_due_schedules()

    seldom = [entry for entry in jobs._schedules.values() if entry.lane == jobs.Lane.QUEUE]
    assert (first, second) == (len(seldom), 0)
    assert ScheduledRun.objects.count() == first


def test_a_sweep_runs_once_for_each_due_moment_however_many_workers(monkeypatch):
    monkeypatch.setattr(jobs.time, "time", lambda: 1_800_000_000.0)

    first, second = jobs.run_lane(jobs.Lane.HOUSE), jobs.run_lane(jobs.Lane.HOUSE)

    assert first > 0
    assert second == 0


def test_letters_have_a_lane_of_their_own_so_that_a_silent_mail_server_holds_up_no_answer(mailoutbox):
    actor = an_actor(an_authority())
    letters.write(actor, [letters.Note("notice", "one", "Ett brev", "Hej", to_address="nagon@storkoping.example")])

    jobs.run_lane(jobs.Lane.SENDING)
    assert mailoutbox == []
    jobs.run_lane(jobs.Lane.LETTERS)
    assert len(mailoutbox) == 1


def test_every_schedule_names_work_that_exists():
    for name in jobs._schedules:
        assert callable(import_string(name).call)


def test_positional_arguments_are_refused_so_that_a_stored_job_can_be_read():
    with pytest.raises(TypeError, match="keyword"):
        SWEEP.enqueue(1)


def test_p05_only_a_fresh_heartbeat_counts_as_work():
    assert not jobs.is_working()
    Heartbeat.objects.create(worker="a", at=jobs.real_now() - timedelta(minutes=5))
    assert not jobs.is_working()
    Heartbeat.objects.create(worker="b", at=jobs.real_now())

    assert jobs.is_working()


@pytest.mark.django_db(transaction=True)
def test_many_workers_claim_each_job_once():
    for number in range(20):
        Job.objects.create(
            name=f"narvaro.test.work_{number}", run_after=jobs.real_now(), created_at=jobs.real_now()
        )  # fmt: skip
    claims: list[int] = []

    def work(name: str) -> None:
        try:
            while held := jobs.claim(name):
                claims.append(held.job_id)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    assert len(claims) == len(set(claims)) == 20
