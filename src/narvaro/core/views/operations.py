"""How the work in the background goes: what was given up, which letters are stuck, whether anybody works (P5)."""

from __future__ import annotations

import platform
from uuid import UUID

import django
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from narvaro import __version__
from narvaro.core import actions, jobs, letters, rules
from narvaro.core.access import MemberRequest, access
from narvaro.core.models import Job
from narvaro.core.types import Role
from narvaro.core.views.acting import button, once


@access("member", Role.ADMINISTRATOR, Role.AUDITOR)
@require_GET
def operations(request: MemberRequest) -> HttpResponse:
    """The state of the installation, for whoever looks after it."""
    heartbeat = jobs.last_heartbeat()
    page = {
        "heartbeat": heartbeat, "is_working": jobs.is_working(),
        "dead": [{"job": job, "name": job.name.rpartition(".")[2], "fault": _fault(job)} for job in jobs.dead_jobs()],
        "letters": letters.stuck_for(request.actor), "has_mail": bool(settings.OPTIONS.smtp_host),
        "may_administer": rules.may_administer(request.actor), "button": button(),
        "versions": [
            (_("Närvaro"), __version__), ("Python", platform.python_version()), ("Django", django.get_version()),
            (_("Databas"), _database()),
        ],
    }  # fmt: skip
    return render(request, "core/settings/operations.html", page)


@access("member", Role.ADMINISTRATOR)
@require_POST
def retry_job(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let work that was given up run again."""
    once(request, lambda: actions.retry_job(actor=request.actor, job_uid=uid))
    messages.success(request, _("Arbetet är startat på nytt."))
    return redirect("core:operations")


@access("member", Role.ADMINISTRATOR)
@require_POST
def send_letter_again(request: MemberRequest, uid: UUID) -> HttpResponse:
    """Let a stuck letter be tried again now."""
    once(request, lambda: actions.send_letter_again(actor=request.actor, letter_uid=uid))
    messages.success(request, _("Brevet skickas inom en halv minut."))
    return redirect("core:operations")


def _fault(job: Job) -> str:
    """The kind of fault alone: jobs are the installation's, and their words may be another authority's."""
    last = job.last_error.strip().splitlines()[-1:] or [""]
    return last[0].partition(":")[0].rpartition(".")[2][:80]


def _database() -> str:
    if connection.vendor == "sqlite":
        import sqlite3  # noqa: PLC0415 - only where it is the database

        return f"SQLite {sqlite3.sqlite_version}"
    version = getattr(connection, "pg_version", 0)
    return f"PostgreSQL {version // 10000}.{version % 10000}"
