"""What has to be computed again before a store's boards are complete."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Rebuild:
    """A rebuild that is due or under way: id of its job, and which rows may still be what they were before.

    ``everything`` are all rows, ``rates`` those of customers with orders in other currencies, ``minimums`` those with
    purchases from the lowest to below the highest of the least numbers of purchases that were set meanwhile.
    """

    job: str
    everything: bool = False
    rates: bool = False
    minimums: tuple[int, int] | None = None

    def joined(self, before: Rebuild | None) -> Rebuild:
        """This one, which also does what an unfinished one before it has left."""
        if before is None:
            return self
        bounds = [bound for pair in (self.minimums, before.minimums) if pair for bound in pair]
        return replace(
            self,
            everything=self.everything or before.everything,
            rates=self.rates or before.rates,
            minimums=(min(bounds), max(bounds)) if bounds else None,
        )

    def concerns(self, purchases: int) -> bool:
        """True if a row of so many purchases may be on another board than before."""
        return self.everything or (self.minimums is not None and self.minimums[0] <= purchases < self.minimums[1])
