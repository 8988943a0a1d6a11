"""A cron expression fires on the clock of its zone, and as documented where that clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from colonnade.work.cron import Cron

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia")
MINUTE = timedelta(minutes=1)


def turns(expression: str, zone: str, after: str, until: str) -> list[str]:
    """The turns in a time, UTC, as `MM-DD HH:MM`."""
    begin, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (after, until))
    found = Cron.parse(expression, zone).between(begin, end, 10_000)
    return [turn.strftime("%m-%d %H:%M") for turn in found]


@pytest.mark.parametrize(
    ("expression", "zone", "after", "until", "expected"),
    [
        # 02:00 becomes 03:00 at 01:00 UTC: half past two is taken at the change, and once.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28", "2026-03-31", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        ("*/20 2 * * *", "Europe/Berlin", "2026-03-29", "2026-03-29T23:00", ["03-29 01:00"]),
        ("30 2 * * *", "America/New_York", "2026-03-08", "2026-03-09", ["03-08 07:00"]),
        # Half an hour only, from 02:00 to 02:30, at 15:30 UTC.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00", "2026-10-04T12:00", ["10-03 15:30"]),
        # 03:00 becomes 02:00 at 01:00 UTC: half past two comes twice, and the first counts.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25", "2026-10-26", ["10-25 00:30"]),
        ("30 1 * * *", "America/New_York", "2026-11-01", "2026-11-02", ["11-01 05:30"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00", "2026-04-05T12:00", ["04-04 14:45"]),
        # Each hour that passes has its turn, no more and no fewer.
        ("30 * * * *", "Europe/Berlin", "2026-03-29", "2026-03-29T03:00", ["03-29 00:30", "03-29 01:30", "03-29 02:30"]),
        ("30 * * * *", "Europe/Berlin", "2026-10-25", "2026-10-25T03:00", ["10-25 00:30", "10-25 01:30", "10-25 02:30"]),
        (
            "*/30 * * * *",
            "Australia/Lord_Howe",
            "2026-04-04T14:00",
            "2026-04-04T16:00",
            ["04-04 14:30", "04-04 15:00", "04-04 15:30", "04-04 16:00"],
        ),
        ("30 */2 * * *", "Europe/Berlin", "2026-03-29", "2026-03-29T05:00", ["03-29 02:30", "03-29 04:30"]),
        ("30 */2 * * *", "Europe/Berlin", "2026-10-25", "2026-10-25T04:00", ["10-25 00:30", "10-25 01:30", "10-25 03:30"]),
        # From 02:30 to 02:00 on the clock: a look at half an hour that passes.
        ("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:30", "2026-10-25T01:00", ["10-25 01:00"]),
        # A day of the calendar that never was: Samoa went from the 29th to the 31st of December 2011.
        ("0 12 30 12 *", "Pacific/Apia", "2011-12-29", "2012-01-01", ["12-30 10:00"]),
    ],
)  # fmt: skip
def test_a_changed_clock_moves_turns_as_documented(
    expression: str, zone: str, after: str, until: str, expected: list[str]
) -> None:
    assert turns(expression, zone, after, until) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 0 13 * FRI", ["11-06 00:00", "11-13 00:00", "11-20 00:00", "11-27 00:00"]),
        ("0 0 1 * *", ["11-01 00:00"]),
        ("0 6 * nov 7", ["11-01 06:00", "11-08 06:00", "11-15 06:00", "11-22 06:00", "11-29 06:00"]),
        ("5/20 3 2-3 * *", ["11-02 03:05", "11-02 03:25", "11-02 03:45", "11-03 03:05", "11-03 03:25", "11-03 03:45"]),
    ],
)  # fmt: skip
def test_days_names_ranges_and_steps_mean_what_crontab_says(expression: str, expected: list[str]) -> None:
    assert turns(expression, "UTC", "2026-10-31T23:59", "2026-11-30T23:59") == expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("* * * *", "five fields"),
        ("60 * * * *", "0 to 59"),
        ("* * 0 * *", "1 to 31"),
        ("5-1 * * * *", "0 to 59"),
        ("*/0 * * * *", "0 to 59"),
        ("* * * FOO *", "not a number"),
        ("-1 * * * *", "not a number"),
        ("١ * * * *", "not a number"),
        ("0 0 30 2 *", "months do not have"),
        ("@daily", "five fields"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_reason(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Cron.parse(expression)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="no IANA time zone"):
        Cron.parse("* * * * *", zone)


def test_a_leap_day_is_found_over_a_century_without_one() -> None:
    after = datetime(2096, 3, 1, tzinfo=UTC)
    assert Cron.parse("0 0 29 2 *").next_after(after) == datetime(2104, 2, 29, tzinfo=UTC)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    """A field: `*`, a step, or a list of numbers and ranges."""
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda ends: f"{min(ends)}-{max(ends)}")
    listed = st.lists(st.one_of(number.map(str), span), min_size=1, max_size=2).map(",".join)
    return st.one_of(st.just("*"), st.integers(1, high).map(lambda step: f"*/{step}"), listed)


EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), st.just("*"), st.just("*"), field(0, 6)).map(" ".join)


def brute_force(cron: Cron, zone: ZoneInfo, after: datetime, until: datetime) -> list[datetime]:
    """Looks at each minute that passes, and where the clock jumps also at each that it leaves out."""

    def fits(wall: datetime) -> bool:
        weekday = wall.isoweekday() % 7
        return wall.minute in cron.minutes and wall.hour in cron.hours and weekday in cron.weekdays

    found: list[datetime] = []
    instant = after
    while (instant := instant + MINUTE) <= until:
        before = (instant - MINUTE).astimezone(zone).replace(tzinfo=None)
        now = instant.astimezone(zone)
        wall = now.replace(tzinfo=None)
        left_out = [before + n * MINUTE for n in range(1, int((wall - before) / MINUTE))]
        if (fits(wall) and (cron.each_hour or not now.fold)) or (
            not cron.each_hour and any(map(fits, left_out))
        ):
            found.append(instant)
    return found


CHANGES = (
    "2026-03-29T01:00", "2026-10-25T01:00", "2026-03-08T07:00", "2026-11-01T06:00", "2026-10-03T15:30",
    "2026-04-04T15:00", "2026-04-23T22:00", "2026-10-29T21:00", "2011-12-30T10:00",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    EXPRESSIONS, st.sampled_from(ZONES), st.sampled_from(CHANGES), st.integers(-400, 200), st.integers(1, 600)
)
@example("*/7 1-3 * * *", "Australia/Lord_Howe", "2026-10-03T15:30", -300, 600)
@example("0 0 * * *", "Africa/Cairo", "2026-04-23T22:00", -300, 600)
@example("0 23 * * *", "Africa/Cairo", "2026-10-29T21:00", -300, 600)
def test_turns_are_those_that_a_look_at_each_minute_finds(
    expression: str, zone: str, change: str, offset: int, minutes: int
) -> None:
    cron = Cron.parse(expression, zone)
    after = datetime.fromisoformat(change).replace(tzinfo=UTC) + offset * MINUTE
    until = after + minutes * MINUTE

    found = brute_force(cron, ZoneInfo(zone), after, until)
    assert cron.between(after, until, 10_000) == found
    assert cron.between(after, until, 3) == found[-3:]
    if found:
        assert cron.next_after(after) == found[0]


def test_the_last_turn_is_the_last_where_a_clock_was_put_back_over_midnight() -> None:
    """In Newfoundland 00:01 became 23:01 of the day before: its second 23:30 came after the first midnight."""
    half_hours = Cron.parse("0,30 * * * *", "America/St_Johns")
    evening = datetime(2010, 11, 7, 1, 45, tzinfo=UTC)
    turns = [evening + timedelta(minutes=minutes) for minutes in (15, 45, 75, 105)]

    assert half_hours.between(evening, turns[-1], 100) == turns
    assert half_hours.between(evening, turns[2], 1) == turns[2:3]
    assert [half_hours.next_after(turn) for turn in turns[:3]] == turns[1:]
