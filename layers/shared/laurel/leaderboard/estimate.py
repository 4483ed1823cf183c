"""Ranks of who is too far down to be counted, estimated from how a metric was spread in a snapshot."""

from __future__ import annotations

from bisect import bisect_right

from laurel.model.ranking import Metric
from laurel.model.snapshot import QUANTILES, Snapshot

RANKS_COUNTED = 10_000
"""Ranks up to here are counted."""
_HIGHEST = QUANTILES - 1


def estimated_rank(snapshot: Snapshot, metric: Metric, value: int) -> int:
    """About which rank a value has on a board of more than ``RANKS_COUNTED`` customers.

    Between two of the snapshot's values customers are taken to be spread evenly.
    """
    values = snapshot.quantiles[metric]
    at = bisect_right(values, value) - 1
    if at < 0:
        share = 0.0
    elif at == _HIGHEST or values[at] == value:
        share = at / _HIGHEST
    else:
        share = (at + (value - values[at]) / (values[at + 1] - values[at])) / _HIGHEST
    return max(RANKS_COUNTED + 1, 1 + round((1 - share) * (snapshot.size(metric) - 1)))
