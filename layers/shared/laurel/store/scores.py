"""Scores and their history, in each contact's own partition of Contacts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from laurel.model.order import epoch_ms
from laurel.model.scoring import EffectKind, ScoredContact, ScoreEntry, ScoreState
from laurel.scoring.apply import Applied, Outrun
from laurel.scoring.fold import Folded
from laurel.store import keys
from laurel.store.contacts import is_mark
from laurel.store.dynamodb import (
    Item,
    Value,
    attribute,
    attributes,
    get_all,
    is_cancelled,
    number,
    pages,
    plain,
    string,
    written_first,
)
from laurel.store.ledger_items import ERASED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_SCORE = "pk, email, score, score_epoch, score_seq, score_restarted, rule_uses, erased_at"


class Scores:
    """The scores in the Contacts table. ``epoch`` is the audience's as read; a newer one found on a profile wins."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def read(self, account_id: str, audience_id: str, epoch: int, contact: str) -> ScoredContact | None:
        """One contact's score, strongly consistent, or None if there is no such contact."""
        return next(iter(self.read_many(account_id, audience_id, epoch, [contact])), None)

    def read_many(
        self, account_id: str, audience_id: str, epoch: int, contacts: Sequence[str]
    ) -> Iterator[ScoredContact]:
        """Scores of many contacts, in no order, strongly consistent; who is no contact is left out."""
        wanted = [_profile(account_id, audience_id, contact) for contact in contacts]
        found = get_all(self._client, self._table, wanted, ConsistentRead=True, ProjectionExpression=_SCORE)
        return (_scored(account_id, audience_id, epoch, item) for item in found if not is_mark(item))

    def write(self, contact: ScoredContact, folded: Folded) -> None:
        """Write a score and its entries in one transaction. Raises ``Applied`` or ``Outrun``."""
        entries: Any = [{"Put": self._put(contact, entry)} for entry in folded.entries]
        try:
            self._client.transact_write_items(TransactItems=[{"Update": self._update(contact, folded.state)}, *entries])
        except ClientError as error:
            if not is_cancelled(error):
                raise
            response: Mapping[str, Any] = error.response
            reasons = response.get("CancellationReasons", [])[1:]
            known = [
                entry
                for entry, reason in zip(folded.entries, reasons, strict=False)
                if reason.get("Code") == "ConditionalCheckFailed"
            ]
            raise (Applied(known) if known else Outrun()) from None

    def entries_about(self, contact: ScoredContact, subject: str, subject_at: datetime) -> list[ScoreEntry]:
        """Entries that one fact caused, strongly consistent."""
        prefix = keys.score_entries_about(epoch_ms(subject_at), subject)
        return [
            decode_entry(item)
            for item in self._history(contact.account_id, contact.audience_id, contact.contact, prefix)
        ]

    def entries_of(
        self,
        account_id: str,
        audience_id: str,
        contact: str,
        *,
        before: str | None = None,
        first_page: int | None = None,
    ) -> Iterator[tuple[str, ScoreEntry]]:
        """A contact's entries with their sort keys, latest causes first, strongly consistent.

        ``before`` is the sort key after which to go on; ``first_page`` keeps what is read at first small.
        """
        prefix = keys.score_entries()
        for item in self._history(account_id, audience_id, contact, prefix, before=before, first_page=first_page):
            yield item["sk"]["S"], decode_entry(item)

    def repair(self, contact: ScoredContact, state: ScoreState) -> bool:
        """Put a score back to what its entries say; False if another writer was faster."""
        return written_first(self._client.update_item, **self._update(contact, state))

    def _history(
        self,
        account_id: str,
        audience_id: str,
        contact: str,
        prefix: str,
        *,
        before: str | None = None,
        first_page: int | None = None,
    ) -> Iterator[Item]:
        pk = keys.person(account_id, audience_id, contact)
        start: dict[str, Any] = {"ExclusiveStartKey": attributes({"pk": pk, "sk": before})} if before else {}
        return pages(
            self._client,
            first_page,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": pk, ":prefix": prefix}),
            ScanIndexForward=False,
            ConsistentRead=True,
            **start,
        )

    def _update(self, contact: ScoredContact, state: ScoreState) -> Any:
        board = keys.score_board(contact.account_id, contact.audience_id, state.epoch)
        values: dict[str, Any] = {
            "score": state.points,
            "score_epoch": state.epoch,
            "score_pk": None if state.points is None else board,
            "score_seq": state.seq,
            "score_restarted": state.restarted or None,
            "rule_uses": {rule: dict(windows) for rule, windows in state.uses.items()} or None,
        }
        present = attributes({f":{name}": value for name, value in values.items()})
        removed = ", ".join(name for name, value in values.items() if value is None)
        sets = ", ".join(f"{name[1:]} = {name}" for name in present)
        seen = contact.state.seq
        erased = "attribute_not_exists(erased_at)"
        if contact.erased_at:
            present[":erased_at"] = attribute(epoch_ms(contact.erased_at))
            erased = "erased_at = :erased_at"
        if seen:
            present[":seen"] = attribute(seen)
        return {
            "TableName": self._table,
            "Key": _profile(contact.account_id, contact.audience_id, contact.contact),
            "UpdateExpression": f"SET {sets}" + (f" REMOVE {removed}" if removed else ""),
            # A score that was read before its contact was erased, and has come back, is of somebody else.
            "ConditionExpression": f"score_seq = :seen AND {erased}"
            if seen
            else f"attribute_exists(email) AND attribute_not_exists(score_seq) AND {erased}",
            "ExpressionAttributeValues": present,
        }

    def _put(self, contact: ScoredContact, entry: ScoreEntry) -> Any:
        at, subject_at = epoch_ms(entry.at), epoch_ms(entry.subject_at)
        expiry = None
        if entry.expires_on:
            # The list of a day is gone through when the day begins: what is written too late for its own is due next.
            due = max(entry.expires_on, datetime.now(UTC).date() + timedelta(days=1))
            expiry = keys.expiry_list(contact.account_id, contact.audience_id, due.isoformat())
        values: dict[str, Value] = {
            "pk": keys.person(contact.account_id, contact.audience_id, contact.contact),
            "sk": keys.score_entry(subject_at, entry.subject, entry.cause, entry.rule_id),
            "at": at,
            "activity": entry.activity,
            "effect": entry.kind.value,
            "asked": entry.asked,
            "given": entry.given,
            "before": entry.before,
            "after": entry.after,
            "seq": entry.seq,
            "epoch": entry.epoch,
            "corrects": entry.corrects or None,
            "unit_points": entry.unit_points,
            "expires_on": entry.expires_on.isoformat() if entry.expires_on else None,
            "list_pk": expiry,
            "list_sk": contact.contact if expiry else None,
            "by": entry.by,
            "reason": entry.reason,
        }
        return {
            "TableName": self._table,
            "Item": attributes(values),
            "ConditionExpression": "attribute_not_exists(pk)",
        }


def decode_entry(item: Item) -> ScoreEntry:
    """An entry of a score's history."""
    _, subject_at, subject, cause, rule_id = keys.split(item["sk"]["S"])
    expires_on = string(item, "expires_on")
    return ScoreEntry(
        subject=subject,
        cause=cause,
        rule_id=rule_id,
        subject_at=_instant(int(subject_at)),
        at=_instant(int(item["at"]["N"])),
        activity=item["activity"]["S"],
        kind=EffectKind(item["effect"]["S"]),
        asked=int(item["asked"]["N"]),
        given=int(item["given"]["N"]),
        before=number(item, "before"),
        after=number(item, "after"),
        seq=int(item["seq"]["N"]),
        epoch=int(item["epoch"]["N"]),
        corrects="corrects" in item,
        unit_points=number(item, "unit_points"),
        expires_on=date.fromisoformat(expires_on) if expires_on else None,
        by=string(item, "by"),
        reason=string(item, "reason"),
    )


def _profile(account_id: str, audience_id: str, contact: str) -> Item:
    return attributes({"pk": keys.person(account_id, audience_id, contact), "sk": keys.PROFILE})


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _scored(account_id: str, audience_id: str, epoch: int, item: Item) -> ScoredContact:
    kept = number(item, "score_epoch") or 0
    seq = number(item, "score_seq") or 0
    state = ScoreState(epoch=max(epoch, kept), seq=seq)
    if kept >= epoch:
        uses = plain(item["rule_uses"]) if "rule_uses" in item else {}
        state = ScoreState(number(item, "score"), uses, number(item, "score_restarted") or 0, seq, kept)
    erased_at = number(item, ERASED)
    return ScoredContact(
        account_id,
        audience_id,
        keys.split(item["pk"]["S"])[2],
        state,
        None if erased_at is None else _instant(erased_at),
    )
