"""Programmes of rewards, and an audience of contacts to give them to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from laurel.model.account import Audience
from laurel.model.contact import ContactRef
from laurel.model.reward import Benefit, BenefitKind, ByHand, Coupons, CouponSource, Programme
from laurel.store.awards import Awards
from laurel.store.contacts import Contacts
from laurel.store.coupons import CouponPools
from laurel.store.workspace import Workspace
from tests.support.samples import ACCOUNT, AUDIENCE, NOW, a_contact

if TYPE_CHECKING:
    from tests.support.tables import Database

POOL = Coupons(CouponSource.POOL)


def a_programme(**changes: Any) -> Programme:
    """Ten percent off for those who are named, without coupons."""
    programme = Programme(
        account_id=ACCOUNT,
        audience_id=AUDIENCE,
        id="programmeaaa",
        name="Regulars",
        who=ByHand(),
        benefit=Benefit(BenefitKind.PERCENT_OFF, percent=10),
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(programme, **changes)


def a_person(number: int) -> str:
    """The id of a contact."""
    return f"{number:032x}"


class Shelf:
    """Programmes, pools and awards of an account in some tables, and contacts."""

    def __init__(self, database: Database, account_id: str = ACCOUNT) -> None:
        client, tables = database
        self.database = database
        self.account_id = account_id
        self.awards = Awards(client, tables.workspace, tables.contacts)
        self.pools = CouponPools(client, tables.workspace)
        self.contacts = Contacts(client, tables.contacts)
        self.audience = Audience(account_id, AUDIENCE, "Customers", 1, NOW)
        self.workspace = Workspace(client, tables.workspace)
        self.workspace.save_audience(self.audience)

    def ref(self, number: int) -> ContactRef:
        return ContactRef(self.account_id, AUDIENCE, a_person(number))

    def people(self, count: int) -> list[ContactRef]:
        """So many contacts."""
        refs = [self.ref(number) for number in range(count)]
        for it in refs:
            contact = a_contact(id=it.contact, email=f"{int(it.contact, 16)}@example.com")
            assert self.contacts.save(self.account_id, AUDIENCE, contact)
        return refs

    def programme(self, codes: int = 0, **changes: Any) -> Programme:
        """A programme that is kept, with so many coupons in its pool."""
        if codes:
            changes = {"coupons": POOL, **changes}
        saved = self.awards.save(a_programme(account_id=self.account_id, **changes))
        assert saved
        if codes:
            assert self.pools.add(saved, [f"CODE-{number}" for number in range(codes)]) == codes
        return self.again(saved)

    def again(self, programme: Programme) -> Programme:
        """A programme as it is now."""
        found = self.awards.programme(programme.account_id, programme.audience_id, programme.id)
        assert found
        return found

    def codes(self, programme: Programme) -> dict[str, bool]:
        """All codes of a programme, and whether they were given."""
        found, _ = self.pools.codes(programme, 1000)
        return dict(found)
