"""Moments as people write them, in each language."""

from datetime import UTC, datetime, time

import pytest
from django.utils import translation

from narvaro.base.clock import frozen
from narvaro.core import moments

AT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)  # 15.30 in Sweden


@pytest.mark.parametrize(
    ("language", "clock", "whole", "evening"),
    [
        ("sv", "15.30", "24 november 2026 kl. 15.30", "15.30–24.00"),
        ("en", "15:30", "24 November 2026 at 15:30", "15:30–24:00"),
    ],
)
def test_a_moment_is_written_as_its_language_writes_it(language, clock, whole, evening):
    with translation.override(language):
        assert moments.clock_time(AT) == clock
        assert moments.clock_time(time(15, 30)) == clock
        assert moments.full_time(AT) == whole
        assert moments.hours(AT, datetime(2026, 11, 24, 23, tzinfo=UTC)) == evening


def test_a_moment_of_today_needs_no_date():
    with frozen(datetime(2026, 11, 24, 6, tzinfo=UTC)):
        assert moments.near_time(AT) == "15.30"
    with frozen(datetime(2026, 11, 24, 23, 5, tzinfo=UTC)):  # the 25th in Sweden
        assert moments.near_time(AT) == "24 november 2026 kl. 15.30"


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="aware"):
        moments.clock_time(datetime(2026, 11, 24, 15, 30))  # noqa: DTZ001
