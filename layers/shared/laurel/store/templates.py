"""Message templates in Workspace: an item for each template, and one for what each of its versions says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from laurel.model.order import epoch_ms
from laurel.model.template import Content, MessageTemplate, TemplateHead
from laurel.store import keys
from laurel.store.dynamodb import (
    Item,
    Value,
    attributes,
    instant,
    pages,
    string,
    unchanged_since,
    written_first,
    written_together,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_HEAD: Any = {
    "ProjectionExpression": "sk, #name, subject, version, created_at, updated_at",
    "ExpressionAttributeNames": {"#name": "name"},
}


class Templates:
    """The message templates of an account. Reads are strongly consistent."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def heads(self, account_id: str) -> list[TemplateHead]:
        """All templates in the order of their creation, without what they say."""
        query = pages(
            self._client,
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.template("")}),
            ConsistentRead=True,
        )
        return sorted(map(_decode_head, query), key=lambda head: (head.created_at, head.id))

    def template(self, account_id: str, template_id: str) -> MessageTemplate | None:
        """A template as its latest version says, or None."""
        item = self._get(account_id, keys.template(template_id))
        return None if item is None else self.version(account_id, template_id, int(item["version"]["N"]))

    def version(self, account_id: str, template_id: str, version: int) -> MessageTemplate | None:
        """A template as one version said, or None; the versions of a deleted template stay."""
        item = self._get(account_id, keys.template_version(template_id, version))
        return None if item is None else _decode(item)

    def versions(
        self, account_id: str, template_id: str, limit: int, after: int | None = None
    ) -> tuple[list[TemplateHead], int | None]:
        """Versions, latest first, without what they say; and the one after which to go on, if any."""
        start: dict[str, Any] = {}
        if after is not None:
            start["ExclusiveStartKey"] = _key(account_id, keys.template_version(template_id, after))
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=attributes({":pk": account_id, ":prefix": keys.template_version(template_id)}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **_HEAD,
            **start,
        )
        last = answer.get("LastEvaluatedKey")
        return list(map(_decode_head, answer["Items"])), int(keys.split(last["sk"]["S"])[2]) if last else None

    def save(self, account_id: str, template: MessageTemplate) -> bool:
        """Write the next version of a template, if nobody else did since it was read; False if somebody did.

        ``template.version`` is the version that was read, 0 for a new template.
        """
        version, content = template.version + 1, template.content
        head: dict[str, Value] = {
            "name": template.name,
            "subject": content.subject,
            "version": version,
            "created_at": epoch_ms(template.created_at),
            "updated_at": epoch_ms(template.updated_at),
        }
        said = {**head, "text": content.text, "html": content.html}
        current = {
            "TableName": self._table,
            "Item": _key(account_id, keys.template(template.id)) | attributes(head),
            **unchanged_since(template.version),
        }
        kept = {
            "TableName": self._table,
            "Item": _key(account_id, keys.template_version(template.id, version)) | attributes(said),
            **unchanged_since(0),
        }
        writes: Any = [{"Put": current}, {"Put": kept}]
        return written_together(self._client, writes)

    def delete(self, account_id: str, template_id: str, version: int) -> bool:
        """Delete a template if it still has this version; False if not. What its versions said stays."""
        return written_first(
            self._client.delete_item,
            TableName=self._table,
            Key=_key(account_id, keys.template(template_id)),
            **unchanged_since(version),
        )

    def _get(self, account_id: str, sort_key: str) -> Item | None:
        answer = self._client.get_item(TableName=self._table, Key=_key(account_id, sort_key), ConsistentRead=True)
        return answer.get("Item")


def _key(account_id: str, sort_key: str) -> Item:
    return attributes({"pk": account_id, "sk": sort_key})


def _decode_head(item: Item) -> TemplateHead:
    return TemplateHead(
        id=keys.split(item["sk"]["S"])[1],
        name=item["name"]["S"],
        subject=item["subject"]["S"],
        version=int(item["version"]["N"]),
        created_at=instant(item, "created_at"),
        updated_at=instant(item, "updated_at"),
    )


def _decode(item: Item) -> MessageTemplate:
    head = _decode_head(item)
    return MessageTemplate(
        id=head.id,
        name=head.name,
        content=Content(head.subject, string(item, "text"), string(item, "html")),
        created_at=head.created_at,
        updated_at=head.updated_at,
        version=head.version,
    )
