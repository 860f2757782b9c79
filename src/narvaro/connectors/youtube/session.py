"""What a refusal of the Data API means, and how many units of the day's quota a call takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from narvaro.base import clock
from narvaro.connectors import attempts
from narvaro.connectors.client import Json, Reply, garbled, part, parts, problem, word
from narvaro.connectors.port import Misconfigured, PlatformError, ReconnectNeeded, Refused, Transient, Unknown

PACIFIC = ZoneInfo("America/Los_Angeles")  # the quota is counted anew at midnight there
DAY_UNITS = 10_000
READING_UNITS = 8_000  # what reading may take of a day: the rest is for answers and measures, 50 each
READ_COST, WRITE_COST = 1, 50

_SPENT = {"quotaExceeded", "dailyLimitExceeded"}
_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "backendError", "processingFailure"}
_KEY = {"authError", "insufficientPermissions", "authorizationRequired", "youtubeSignupRequired"}
GONE = {"commentNotFound", "videoNotFound", "commentThreadNotFound", "parentCommentNotFound", "channelNotFound"}


def reason_of(reply: Reply) -> str:
    """Return the platform's own word for what went wrong, "" where it says none."""
    error = error_of(reply)
    return next((word(each, "reason") for each in parts(error, "errors") if word(each, "reason")), "")


def error_of(reply: Reply) -> Json:
    """Return the error that an answer holds, {} when it holds none."""
    if reply.ok or reply.is_page:
        return {}
    try:
        return part(reply.document(), "error")
    except PlatformError:
        return {}


def meaning(reply: Reply) -> PlatformError | None:
    """Return what an answer means in the words of the port, or None for a success (P6)."""
    if reply.ok:
        return garbled(reply) if reply.is_page else None
    reason, told = reason_of(reply), " ".join(word(error_of(reply), "message").split())[:200]
    if reason in _SPENT:
        return Transient(
            "Dagens kvot hos YouTube är slut. Den fylls på vid midnatt i Kalifornien, klockan nio hos oss.",
            retry_after_seconds=(quota_ends_at() - clock.now()).total_seconds(),
        )
    if reason in _BUSY and reply.status in {400, 403, 500, 503}:
        return Transient(f"YouTube ber oss vänta. {told}".strip())
    if reason in _KEY or reply.status == 401:
        return ReconnectNeeded("YouTube godtar inte längre vår nyckel. Anslut kanalen på nytt.")
    if reason == "accessNotConfigured":
        return Misconfigured(
            "YouTube Data API är inte påslaget för myndighetens app. Slå på det i Google Cloud Console."
        )
    if reason:
        return Misconfigured(f"YouTube godtog inte anropet. {told}".strip())
    return problem(reply)


def attempted(call: Callable[[], Reply]) -> Reply | Refused | Unknown:
    """Make the one call that people see, once. Return the answer when YouTube did what was asked, else the outcome."""
    reply = attempts.attempted(call)
    refused = meaning(reply) if isinstance(reply, Reply) else None
    return reply if refused is None else Refused(f"Inget är publicerat. {refused}", refused)


def quota_ends_at() -> datetime:
    """Return when the day's quota is counted anew."""
    local = clock.now().astimezone(PACIFIC)
    return datetime.combine(local.date() + timedelta(days=1), time(), PACIFIC)


def quota_day() -> str:
    """Return the day that the quota counts, as people in California name it."""
    return clock.now().astimezone(PACIFIC).date().isoformat()
