"""Calendar periods: every instant is in one week, month, quarter and year of the store's time zone."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from laurel.model.errors import InvalidInput
from laurel.model.period import Calendar, Period, PeriodKind, time_zone
from tests.support.calendars import BERLIN, calendars, instants
from tests.support.samples import at

MOMENT = timedelta(microseconds=1)
days = st.dates(date(1971, 1, 8), date(2199, 12, 20))


# ---- The periods of an instant ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instant", "periods"),
    [
        ("2026-11-22T12:00:00+01:00", ("2026-W47", "2026-11", "2026-Q4", "2026", "all")),
        ("2026-01-01T00:00:00+01:00", ("2026-W01", "2026-01", "2026-Q1", "2026", "all")),
        ("2025-12-31T23:59:59.999999+01:00", ("2026-W01", "2025-12", "2025-Q4", "2025", "all")),
        ("2025-12-31T22:59:59+00:00", ("2026-W01", "2025-12", "2025-Q4", "2025", "all")),
        ("2025-12-31T23:00:00+00:00", ("2026-W01", "2026-01", "2026-Q1", "2026", "all")),
        ("2021-01-03T12:00:00+01:00", ("2020-W53", "2021-01", "2021-Q1", "2021", "all")),
        ("2024-12-30T12:00:00+01:00", ("2025-W01", "2024-12", "2024-Q4", "2024", "all")),
        ("2026-03-31T22:00:00+00:00", ("2026-W14", "2026-04", "2026-Q2", "2026", "all")),
        ("2026-06-30T22:00:00+00:00", ("2026-W27", "2026-07", "2026-Q3", "2026", "all")),
    ],
)
def test_an_instant_is_in_one_period_of_each_kind(instant: str, periods: tuple[str, ...]) -> None:
    assert BERLIN.periods_of(at(instant)) == periods


def test_the_stores_time_zone_decides() -> None:
    instant = at("2026-12-31T23:30:00+00:00")

    assert Calendar("Pacific/Kiritimati").periods_of(instant)[3] == "2027"
    assert Calendar("America/New_York").periods_of(instant)[3] == "2026"


@given(day=days)
def test_weeks_from_monday_are_iso_8601s(day: date) -> None:
    week = day.isocalendar()

    assert Calendar("UTC", 1).periods_of(_noon(day))[0] == f"{week.year}-W{week.week:02}"


@given(day=days, first_day=st.integers(1, 7))
@example(day=date(2025, 12, 31), first_day=7)
def test_a_week_belongs_to_the_year_that_has_most_of_its_days(day: date, first_day: int) -> None:
    # Given the seven days of a week that begins with any day
    first = next(
        day - timedelta(days=back) for back in range(7) if (day - timedelta(days=back)).isoweekday() == first_day
    )
    ((year, held),) = Counter((first + timedelta(days=number)).year for number in range(7)).most_common(1)
    assert held >= 4

    # When the weeks before it are counted back to the last one of the year before
    number = 0
    while Counter((first + timedelta(days=it)).year for it in range(7)).most_common(1)[0][0] == year:
        number, first = number + 1, first - timedelta(days=7)

    # Then that is its number
    assert Calendar("UTC", first_day).periods_of(_noon(day))[0] == f"{year}-W{number:02}"


@pytest.mark.parametrize(
    ("first_day", "week"),
    [
        (1, "2026-W01"),
        (2, "2026-W01"),
        (3, "2026-W01"),
        (4, "2026-W01"),
        (5, "2025-W52"),
        (6, "2025-W52"),
        (7, "2025-W53"),
    ],
)
def test_new_years_day_of_2026_by_the_first_day_of_the_week(first_day: int, week: str) -> None:
    assert Calendar("UTC", first_day).periods_of(at("2026-01-01T12:00:00"))[0] == week


# ---- The bounds of a period ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id_", "kind", "start", "end"),
    [
        ("2026-W47", PeriodKind.WEEK, "2026-11-16T00:00:00+01:00", "2026-11-23T00:00:00+01:00"),
        ("2026-W01", PeriodKind.WEEK, "2025-12-29T00:00:00+01:00", "2026-01-05T00:00:00+01:00"),
        ("2020-W53", PeriodKind.WEEK, "2020-12-28T00:00:00+01:00", "2021-01-04T00:00:00+01:00"),
        ("2026-03", PeriodKind.MONTH, "2026-03-01T00:00:00+01:00", "2026-04-01T00:00:00+02:00"),
        ("2026-12", PeriodKind.MONTH, "2026-12-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
        ("2024-02", PeriodKind.MONTH, "2024-02-01T00:00:00+01:00", "2024-03-01T00:00:00+01:00"),
        ("2026-Q4", PeriodKind.QUARTER, "2026-10-01T00:00:00+02:00", "2027-01-01T00:00:00+01:00"),
        ("2026", PeriodKind.YEAR, "2026-01-01T00:00:00+01:00", "2027-01-01T00:00:00+01:00"),
    ],
)
def test_a_period_has_its_first_instant_and_the_first_after_it(
    id_: str, kind: PeriodKind, start: str, end: str
) -> None:
    period = BERLIN.period(id_)

    assert (period.id, period.kind) == (id_, kind)
    assert period.start
    assert period.end
    assert (period.start.isoformat(), period.end.isoformat()) == (start, end)


def test_all_time_has_no_bounds() -> None:
    assert BERLIN.period("all") == Period("all", PeriodKind.ALL, None, None)


@given(instant=instants, calendar=calendars)
@example(instant=at("2011-12-30T09:59:59"), calendar=Calendar("Pacific/Apia", 5))
@example(instant=at("2011-12-30T10:00:00"), calendar=Calendar("Pacific/Apia", 5))
@example(instant=at("2018-11-04T02:59:59"), calendar=Calendar("America/Sao_Paulo", 7))
@example(instant=at("2018-11-04T03:00:00"), calendar=Calendar("America/Sao_Paulo", 7))
@example(instant=at("2026-04-23T22:00:00"), calendar=Calendar("Africa/Cairo", 5))
@example(instant=at("2026-03-28T22:00:00"), calendar=Calendar("Asia/Beirut", 7))
def test_bounds_hold_exactly_the_instants_of_the_period(instant: datetime, calendar: Calendar) -> None:
    for position, id_ in enumerate(calendar.periods_of(instant)[:4]):
        period = calendar.period(id_)

        assert period.id == id_
        assert period.start
        assert period.end
        start, end = period.start.astimezone(UTC), period.end.astimezone(UTC)
        assert start <= instant < end
        held = [calendar.periods_of(it)[position] == id_ for it in (start, end - MOMENT)]
        beyond = [calendar.periods_of(it)[position] == id_ for it in (start - MOMENT, end)]
        assert (held, beyond) == ([True, True], [False, False])


@pytest.mark.parametrize(
    ("zone", "id_", "start"),
    [
        ("America/Sao_Paulo", "2018-W45", "2018-11-05T00:00:00-02:00"),
        ("Africa/Cairo", "2026-W17", "2026-04-20T00:00:00+02:00"),
        ("Pacific/Apia", "2012", "2012-01-01T00:00:00+14:00"),
    ],
)
def test_a_period_starts_at_the_zones_own_midnight(zone: str, id_: str, start: str) -> None:
    period = Calendar(zone).period(id_)

    assert period.start
    assert period.start.isoformat() == start


@pytest.mark.parametrize(
    ("calendar", "id_", "start"),
    [
        (Calendar("America/Sao_Paulo", 7), "2018-W45", "2018-11-04T01:00:00-02:00"),
        (Calendar("Africa/Cairo", 5), "2026-W17", "2026-04-24T01:00:00+03:00"),
        (Calendar("Asia/Beirut", 7), "2026-W13", "2026-03-29T01:00:00+03:00"),
        (Calendar("Pacific/Apia", 5), "2012-W01", "2011-12-31T00:00:00+14:00"),
    ],
    ids=["Sao Paulo", "Cairo", "Beirut", "Apia"],
)
def test_where_a_clock_change_skips_midnight_a_week_starts_with_the_first_instant_after_it(
    calendar: Calendar, id_: str, start: str
) -> None:
    period = calendar.period(id_)

    assert period.start
    assert period.start.isoformat() == start


def test_weeks_in_which_clocks_change_are_an_hour_shorter_or_longer() -> None:
    lengths = {}
    for id_ in ("2026-W12", "2026-W13", "2026-W43"):
        period = BERLIN.period(id_)
        assert period.start
        assert period.end
        lengths[id_] = (period.end.astimezone(UTC) - period.start.astimezone(UTC)) / timedelta(hours=1)

    assert lengths == {"2026-W12": 168, "2026-W13": 167, "2026-W43": 169}


def test_an_hour_that_came_twice_over_midnight_is_counted_by_its_date() -> None:
    # Given the night in which clocks in Newfoundland went back from 00:01 to 23:01 on the day before
    calendar = Calendar("America/St_Johns")
    november = calendar.period("2009-11")
    assert november.start
    assert november.start.astimezone(UTC) == at("2009-11-01T02:30:00")

    # Then 23:15 of the second time is in October, though November had begun; no zone does so any more
    assert calendar.periods_of(at("2009-11-01T02:45:00"))[1] == "2009-10"


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-W00",
        "2026-W54",
        "2026-W1",
        "2025-W53",
        "2026-Q0",
        "2026-Q5",
        "26",
        "02026",
        "2026-11-01",
        "2026-w47",
        "ALL",
        " 2026",
        "2026 ",
        "2026\n",
        "0000",
        "0000-W01",
        "0001",
        "0001-Q1",
        "9999",
        "9999-12",
        "9999-Q4",
        "2026-W47-1",
        "month_to_date",
    ],
)
def test_what_is_no_period_is_refused(id_: str) -> None:
    with pytest.raises(InvalidInput, match="is not a period"):
        BERLIN.period(id_)


def test_a_week_53_exists_only_in_years_that_have_one() -> None:
    assert BERLIN.period("2026-W53").id == "2026-W53"
    assert Calendar("Europe/Berlin", 7).period("2025-W53").id == "2025-W53"
    with pytest.raises(InvalidInput):
        Calendar("Europe/Berlin", 7).period("2026-W53")


@given(text=st.text(max_size=12) | st.from_regex(r"\d{4}-?[WQ]?\d{0,2}"), calendar=calendars)
@example(text="0001", calendar=Calendar("UTC"))
def test_whatever_is_asked_for_is_a_period_or_invalid(text: str, calendar: Calendar) -> None:
    try:
        period = calendar.period(text)
    except InvalidInput:
        return
    assert calendar.period(period.id) == period
    assert period.start is None or calendar.previous(period).end == period.start


# ---- The period before -----------------------------------------------------------------------------------------------


@given(instant=instants, zone=st.sampled_from(sorted(available_timezones())), first_day=st.integers(1, 7))
@example(instant=at("2011-12-31T12:00:00"), zone="Pacific/Apia", first_day=5)
@example(instant=at("1995-01-02T12:00:00"), zone="Pacific/Kiritimati", first_day=6)
@example(instant=at("2026-04-25T12:00:00"), zone="Africa/Cairo", first_day=5)
@example(instant=at("2009-11-03T12:00:00"), zone="America/St_Johns", first_day=7)
def test_the_period_before_ends_where_a_period_starts(instant: datetime, zone: str, first_day: int) -> None:
    calendar = Calendar(zone, first_day)
    for kind in (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
        period = calendar.running(kind, instant)
        before = calendar.previous(period)

        assert (before.kind, before.end) == (kind, period.start)
        assert before == calendar.period(before.id)
        assert before.bounds[0] < before.bounds[1]


def test_where_a_day_was_skipped_the_week_before_is_another() -> None:
    # Given Samoa, where Thursday the 29th of December 2011 was followed by Saturday the 31st
    fridays = Calendar("Pacific/Apia", 5)

    assert fridays.previous(fridays.period("2012-W01")) == fridays.period("2011-W52")


def test_there_is_nothing_before_all_time() -> None:
    with pytest.raises(ValueError, match="all time has no bounds"):
        BERLIN.previous(BERLIN.period("all"))


# ---- Time zones ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+12"])
def test_an_iana_zone_is_taken_as_it_is(zone: str) -> None:
    assert time_zone(zone) == zone


@pytest.mark.parametrize(
    "zone", ["", "Berlin", "Europe/Atlantis", "../etc/passwd", "/etc/localtime", "Europe", "Europe/Berlin\0", "a" * 300]
)
def test_what_is_no_iana_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInput, match="is not an IANA time zone"):
        time_zone(zone)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def test_months_end_with_the_one_of_the_moment_as_the_store_sees_it() -> None:
    calendar = Calendar("America/New_York")
    instant = datetime.fromisoformat("2026-03-01T04:59:59+00:00")

    assert calendar.months_until(instant, 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert calendar.months_until(instant, 0) == []
