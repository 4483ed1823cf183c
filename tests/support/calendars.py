"""Calendars and instants for Hypothesis to choose from."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from laurel.model.period import Calendar

BERLIN = Calendar("Europe/Berlin")
ZONES = [
    "UTC",
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
]
calendars = st.builds(Calendar, st.sampled_from(ZONES), st.integers(1, 7))
instants = st.datetimes(datetime(1971, 1, 2), datetime(2199, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
