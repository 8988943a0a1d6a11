"""Cron expressions on the clock of a time zone, and what they do when that clock is changed.

    minute hour day-of-month month day-of-week        30 2 * * *    */15 8-17 * * MON-FRI    0 0 1,15 JAN-JUN *

Numbers, `*`, ranges, lists and steps; months and days of the week also by their English names of three letters;
Sunday is 0 or 7. Where both days are given, one that fits is enough, as crontab(5) has it.

When clocks are changed, these do as Debian's cron(8) does. Where the hour is given, a time that does not exist is
taken at the moment at which the clocks go forward, all such times as one; and a time that comes twice is taken the
first time. Where the hour begins with `*`, turns follow the hours that really pass: what does not exist is left out,
and what comes twice is taken twice.

The parser is our own since no library is both small and exact here: the widely used ones differ between releases in
just these two cases, and a dependency of the SDK is one of every plugin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTH_NAMES: Final = {name: number for number, name in enumerate(_MONTHS, 1)}
_DAY_NAMES: Final = {name: number for number, name in enumerate(_DAYS)}
_LONGEST_MONTH: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_FAR: Final = 8 * 366 + 2
"""Days in which a 29 February comes, whatever the century."""


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression, read. `each_hour`: whether its turns follow the hours that pass."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    each_hour: bool
    zone: ZoneInfo

    @classmethod
    def parse(cls, expression: str, time_zone: str = "UTC") -> Self:
        """The expression on the clock of an IANA time zone. Raises ValueError that says what is wrong with it."""
        fields = expression.upper().split()
        if len(fields) != 5:
            raise ValueError(
                f"a cron expression has five fields (minute hour day month weekday), not {len(fields)}: "
                f"{expression!r}"
            )
        minute, hour, day, month, weekday = fields
        read = cls(
            minutes=tuple(sorted(_field(minute, 0, 59))),
            hours=tuple(sorted(_field(hour, 0, 23))),
            days=_field(day, 1, 31),
            months=_field(month, 1, 12, _MONTH_NAMES),
            weekdays=frozenset(number % 7 for number in _field(weekday, 0, 7, _DAY_NAMES)),
            either_day=not day.startswith("*") and not weekday.startswith("*"),
            each_hour=hour.startswith("*"),
            zone=_zone(time_zone),
        )
        if not read.either_day and all(min(read.days) > _LONGEST_MONTH[month - 1] for month in read.months):
            raise ValueError(f"{expression!r} names a day that its months do not have")
        return read

    def next_after(self, instant: datetime) -> datetime | None:
        """The first turn after `instant`, UTC; None where none comes within eight years."""
        if soon := self.between(instant, instant + _HOUR, 60):
            return soon[0]
        start = instant.astimezone(self.zone).date() - _DAY
        for number in range(_FAR):
            day = start + number * _DAY
            # Where a clock is put back over midnight, turns of the next day come before the last ones of this.
            near = (*self._on(day), *self._on(day + _DAY)) if self._fits(day) else ()
            if later := [turn for turn in near if turn > instant]:
                return min(later)
        return None

    def between(self, after: datetime, until: datetime, most: int) -> list[datetime]:
        """The last `most` turns after `after` up to and with `until`, in order, UTC."""
        ends = [edge.astimezone(self.zone) for edge in (after - 2 * _DAY, after, until, until + 2 * _DAY)]
        offsets = [end.utcoffset() or timedelta(0) for end in ends]
        slack = max(offsets) - min(offsets) + timedelta(minutes=1)
        low, high = ends[1].replace(tzinfo=None) - slack, ends[2].replace(tzinfo=None) + slack
        found: set[datetime] = set()
        day, enough_on = high.date(), None
        while day >= low.date() and (enough_on is None or day >= enough_on - _DAY):
            found |= {turn for turn in self._on(day, low, high) if after < turn <= until}
            if enough_on is None and len(found) >= most:
                enough_on = day  # and the day before, for clocks that are put back over midnight
            day -= _DAY
        return sorted(found)[-most:]

    def _on(
        self, day: date, low: datetime = datetime.min, high: datetime = datetime.max
    ) -> Iterator[datetime]:
        """The turns of a day of the calendar whose time on the clock is from `low` to `high`; UTC, in no order."""
        if not self._fits(day):
            return
        for hour in self.hours:
            begins = datetime.combine(day, time(hour))
            if begins > high or begins + _HOUR < low:
                continue
            for minute in self.minutes:
                wall = begins.replace(minute=minute)
                if low <= wall <= high:
                    yield from self._instants(wall)

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        by_date, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_date or by_weekday if self.either_day else by_date and by_weekday

    def _instants(self, wall: datetime) -> Iterator[datetime]:
        """When a clock of the zone shows `wall`, or when a turn of that time is taken instead."""
        first = wall.replace(tzinfo=self.zone).astimezone(UTC)
        second = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        if first.astimezone(self.zone).replace(tzinfo=None) == wall:
            yield first
            if self.each_hour and second != first:
                yield second
        elif not self.each_hour:
            yield self._change(second, first)

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The moment between these two at which the clocks go forward."""
        old = before.astimezone(self.zone).utcoffset()
        low, high = int(before.timestamp()), int(after.timestamp())
        while high - low > 1:
            middle = (low + high) // 2
            if datetime.fromtimestamp(middle, self.zone).utcoffset() == old:
                low = middle
            else:
                high = middle
        return datetime.fromtimestamp(high, UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone, as in Europe/Berlin") from error


def _field(field: str, low: int, high: int, names: Mapping[str, int] | None = None) -> frozenset[int]:
    """The numbers that a field means."""
    found: set[int] = set()
    for part in field.split(","):
        span, slash, step = part.partition("/")
        begin, dash, end = span.partition("-")
        if span == "*":
            first, last = low, high
        else:
            first = _number(begin, names, field)
            last = _number(end, names, field) if dash else high if slash else first
        width = _number(step, None, field) if slash else 1
        if not low <= first <= last <= high or width < 1:
            raise ValueError(f"{part!r} is no part of a field from {low} to {high}")
        found.update(range(first, last + 1, width))
    return frozenset(found)


def _number(text: str, names: Mapping[str, int] | None, field: str) -> int:
    if names is not None and text in names:
        return names[text]
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise ValueError(f"{field!r} is no field of a cron expression: {text!r} is not a number of it")
    return int(text)
