"""Domains and addresses that an account writes from: set up, looked at, given up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from laurel.http import senders_out
from laurel.http.app import App, lambda_handler
from laurel.messaging.senders import MailTenants, NoTenants, dns_records, give_up, look_at, set_up
from laurel.model.sender import Identity, Sender
from laurel.settings import settings
from laurel.store.mail_identities import SESIdentities, ses
from laurel.store.mail_tenants import SESTenants
from laurel.store.process import dynamodb
from laurel.store.senders import Senders

app = App(dynamodb)
_senders = Senders(dynamodb(), settings().workspace_table)
_identities = SESIdentities(ses())
_tenants: MailTenants = NoTenants()
if settings().mail_tenants:
    _tenants = SESTenants(ses(), settings().ses_arn, settings().mail_configuration_set)


@app.get("/senders")
def list_senders() -> dict[str, Any]:
    return senders_out.senders(_senders.senders(app.caller.account_id), sandbox=_identities.in_sandbox())


@app.post("/senders")
def create_sender() -> dict[str, Any]:
    from laurel.http.schemas import read  # noqa: PLC0415, reads need no pydantic
    from laurel.http.senders_in import SenderNew  # noqa: PLC0415, reads need no pydantic

    kind, identity = read(SenderNew, app.json_body()).wanted
    found = set_up(_senders, _identities, _tenants, app.caller.account_id, kind, identity, datetime.now(UTC))
    return _shown(*found)


@app.get("/senders/{sender}")
def get_sender(sender: str) -> dict[str, Any]:
    return _shown(*look_at(_senders, _identities, app.caller.account_id, sender, datetime.now(UTC)))


@app.delete("/senders/{sender}")
def delete_sender(sender: str) -> dict[str, Any]:
    return senders_out.summary(give_up(_senders, _identities, _tenants, app.caller.account_id, sender))


def _shown(sender: Sender, identity: Identity) -> dict[str, Any]:
    records = dns_records(sender, identity, settings().region)
    return senders_out.sender(sender, records, sandbox=_identities.in_sandbox())


handler = lambda_handler(app)
