"""Every key of every table, built and read with the same functions.

A key's parts are joined with ``#`` and escaped, so that no id from outside can reach into another partition.
"""

from __future__ import annotations

SEPARATOR = "#"
PROFILE = "profile"
ACCOUNT = "account"
SET_ASIDE = "set-aside"
REBUILT = "rebuilt"
CLAIM = "claim"
LINK_KEY = "link-key"
SIGNING = "signing-secret"
RESUMED = "resumed"
CLOSED = "closed"
ALL_AUDIENCES = "audience"
"""Partition of the list index of Workspace: every audience of every account."""
ERASURES = "erasures"
"""Partition of the list index of Workspace: every erasure and privacy request of every account that is not done."""
OUTBOX = "outbox"
"""Partition of the list index of Contacts: every message of every account that somebody has to look after."""


def _escape(part: str) -> str:
    return part.replace("%", "%25").replace(SEPARATOR, "%23")


def _unescape(part: str) -> str:
    return part.replace("%23", SEPARATOR).replace("%25", "%")


def join(*parts: str) -> str:
    """Escape and join the parts of a key."""
    return SEPARATOR.join(map(_escape, parts))


def split(key: str) -> list[str]:
    """The unescaped parts of a key."""
    return [_unescape(part) for part in key.split(SEPARATOR)]


def person(account_id: str, audience_id: str, contact: str) -> str:
    """Partition of a contact or customer, in Ledger and Contacts."""
    return join(account_id, audience_id, contact)


def order(store_id: str, order_id: str) -> str:
    """Sort key of an order in Ledger."""
    return join("order", store_id, order_id)


def orders(store_id: str) -> str:
    """Prefix of all orders of a customer in one store."""
    return join("order", store_id, "")


def activity(activity_id: str) -> str:
    """Sort key of an activity in Ledger."""
    return join("activity", activity_id)


def delivery(message: str) -> str:
    """Sort key of what is known of one message to a contact, in Ledger."""
    return join("delivery", message)


def correction(store_id: str, at: int, order_id: str, changes: int) -> str:
    """Sort key of what a change of an order did, in its customer's partition of Ledger; ``at`` in milliseconds."""
    return join("correction", store_id, f"{at:015d}", order_id, str(changes))


def corrections_from(store_id: str, at: int) -> str:
    """Where a customer's corrections in a store begin that are of a time or later."""
    return join("correction", store_id, f"{at:015d}")


def corrections(store_id: str) -> str:
    """Prefix of all corrections of a customer in one store."""
    return join("correction", store_id, "")


def store_orders(account_id: str, store_id: str) -> str:
    """Partition of a store's order locators, and of its unreadable deliveries, in Ledger."""
    return join(account_id, store_id)


def locator(order_id: str) -> str:
    """Sort key of the item that tells whose partition holds an order."""
    return join("locator", order_id)


def unreadable(delivery_id: str) -> str:
    """Sort key of a webhook delivery that could not be read, in its store's partition of Ledger."""
    return join("unreadable", delivery_id)


def board(account_id: str, store_id: str, period: str) -> str:
    """Partition of a store's ranking rows of one period."""
    return join(account_id, store_id, period)


def set_aside(reason: str, id_: str) -> str:
    """Sort key of what a store's boards leave out, and why."""
    return join(reason, id_)


def audience(audience_id: str) -> str:
    """Sort key of an audience in Workspace."""
    return join("audience", audience_id)


def store(store_id: str) -> str:
    """Sort key of a store in Workspace."""
    return join("store", store_id)


def privacy(store_id: str, request_id: str) -> str:
    """Sort key of a privacy request in Workspace."""
    return join("privacy", store_id, request_id)


def erasure(erasure_id: str) -> str:
    """Sort key of an erasure and its receipt in Workspace; with an empty id, the prefix of all."""
    return join("erasure", erasure_id)


def score_entry(subject_at: int, subject: str, cause: str, rule_id: str) -> str:
    """Sort key of an entry in a contact's score history; ``subject_at`` in epoch milliseconds."""
    return join("score", f"{subject_at:014d}", subject, cause, rule_id)


def score_entries_about(subject_at: int, subject: str) -> str:
    """Prefix of the entries that one fact caused."""
    return join("score", f"{subject_at:014d}", subject, "")


def score_entries() -> str:
    """Prefix of a contact's score history."""
    return join("score", "")


def message(message_id: str) -> str:
    """Sort key of a message to a contact; with an empty id, the prefix of all."""
    return join("message", message_id)


def message_content(message_id: str) -> str:
    """Sort key of what a message says, in its contact's partition."""
    return join("content", message_id)


def outbox(due_at: int, message_id: str) -> str:
    """Place in the outbox; ``due_at`` in epoch milliseconds. With an empty id, before all that are due then."""
    return join(f"{due_at:014d}", message_id)


def messages_of_month(month: str) -> str:
    """Sort key of the number of messages that an account has sent in a month such as 2026-11, in Workspace."""
    return join("messages", month)


def deliverability(day: str, share: int | None = None) -> str:
    """Sort key of one share of what became of a day's messages, in Workspace; without a share, before all of the day.

    With ``RESUMED``, which sorts behind all days, the key of when an operator let the account send again.
    """
    return join("deliverability", day) if share is None else join("deliverability", day, str(share))


def suppressed(address: str) -> str:
    """Sort key of an address that an account must not write to, by its contact id, in Workspace; empty for all."""
    return join("suppressed", address)


def contact_list(account_id: str, audience_id: str) -> str:
    """Partition of the list index of Contacts: everyone in an audience."""
    return join(account_id, audience_id)


def expiry_list(account_id: str, audience_id: str, day: str) -> str:
    """Partition of the list index of Contacts: entries whose points expire on a day."""
    return join(account_id, audience_id, "expiry", day)


def scoring_rule(audience_id: str, rule_id: str) -> str:
    """Sort key of a scoring rule in Workspace; with an empty rule id, the prefix of an audience's rules."""
    return join("rule", audience_id, rule_id)


def job(audience_id: str, job_id: str) -> str:
    """Sort key of a job in Workspace; with an empty job id, the prefix of an audience's jobs."""
    return join("job", audience_id, job_id)


def job_contacts(audience_id: str, job_id: str) -> str:
    """Sort key of the contacts a job is about."""
    return join("job-contacts", audience_id, job_id)


def import_(store_id: str, import_id: str) -> str:
    """Sort key of an import in Workspace; with an empty import id, the prefix of a store's imports."""
    return join("import", store_id, import_id)


def import_chunk(store_id: str, import_id: str, number: int) -> str:
    """Sort key of rows of an import that one worker takes on at a time."""
    return join("import-chunk", store_id, import_id, f"{number:08}")


def sender(sender_id: str) -> str:
    """Sort key of a sender in Workspace; with an empty id, the prefix of all."""
    return join("sender", sender_id)


def sender_claim(digest: str) -> str:
    """Partition of the item that tells which account holds a domain or address, by its SHA-256.

    The one partition that begins with no account: it is there to be found by every account.
    """
    return join("sender-claim", digest)


def api_key(key_id: str) -> str:
    """Sort key of an API key in Workspace; with an empty id, the prefix of all."""
    return join("api-key", key_id)


def user(user_id: str) -> str:
    """Sort key of a user of the account in Workspace; with an empty id, the prefix of all."""
    return join("user", user_id)


def alert(audience_id: str, alert_id: str) -> str:
    """Sort key of an alert on loss of loyalty in Workspace; with an empty id, the prefix of an audience's."""
    return join("alert", audience_id, alert_id)


def alert_list(account_id: str, audience_id: str, state: str) -> str:
    """Partition of the list index of Workspace: an audience's alerts of one state."""
    return join(account_id, audience_id, "alerts", state)


def alert_rules(audience_id: str) -> str:
    """Sort key of what is watched for in an audience, in Workspace."""
    return join("alert-rules", audience_id)


def alert_digest(audience_id: str) -> str:
    """Sort key of when an audience's team was last mailed what is new."""
    return join("alert-digest", audience_id)


def team_mail(digest: str, user_id: str) -> str:
    """Sort key of what tells that a user was sent a mail to the team, or may have been; ``digest`` is of its key."""
    return join("team-mail", digest, user_id)


def api_key_claim(fingerprint: str) -> str:
    """Partition of the item that tells whose API key has this SHA-256; begins with no account, as a sender's."""
    return join("api-key-claim", fingerprint)


def shop_customer(store_id: str, digest: str) -> str:
    """Sort key, in a person's partition of Ledger, of a customer as the shop's own client numbers them."""
    return join("shop-customer", store_id, digest)


def shop_customers(store_id: str) -> str:
    """Prefix of all customers of one store that a person is."""
    return join("shop-customer", store_id, "")


def shop_customer_locator(digest: str) -> str:
    """Sort key, in a store's partition of Ledger, of who such a customer is; empty, the prefix of all."""
    return join("shop-customer", digest)


def reconciliation(store_id: str, run_id: str) -> str:
    """Sort key of a reconciliation of a store in Workspace; with an empty run id, the prefix of the store's."""
    return join("reconciliation", store_id, run_id)


def reconciled(store_id: str) -> str:
    """Sort key of how far a store is reconciled."""
    return join("reconciled", store_id)


def rates(store_id: str) -> str:
    """Sort key of a store's rates of other currencies in Workspace."""
    return join("rates", store_id)


def shop_access(store_id: str) -> str:
    """Sort key of what a store's shop may be read with, less the secret, in Workspace."""
    return join("shop-access", store_id)


def board_snapshots(account_id: str, store_id: str) -> str:
    """Partition of a store's snapshots of its boards, in Workspace."""
    return join(account_id, store_id, "snapshots")


def listed_snapshots(account_id: str, store_id: str, *, closed: bool) -> str:
    """Partition of the list index of Workspace: a store's closing snapshots, or those of running periods."""
    return join(account_id, store_id, "snapshots", CLOSED if closed else "running")


def running_snapshot(period: str, hour: int) -> str:
    """Sort key of a running period's snapshot; ``hour`` in epoch milliseconds."""
    return join(period, f"{hour:014d}")


def closing_snapshot(period: str) -> str:
    """Sort key of the snapshot at a period's close; sorts behind those before."""
    return join(period, CLOSED)


def snapshot_part(snapshot: str, number: int) -> str:
    """Sort key of what does not fit into a snapshot's own item; ``snapshot`` is that one's sort key."""
    return join("part", *split(snapshot), f"{number:02d}")


def refreshed(store_id: str) -> str:
    """Sort key, in Workspace, of how far a store's snapshots are; with an empty id, the prefix of all."""
    return join("refreshed", store_id)


def score_snapshot(audience_id: str, day: str) -> str:
    """Sort key of a day's figures of an audience's scores; with an empty day, the prefix of all."""
    return join("scores", audience_id, day)


def template(template_id: str) -> str:
    """Sort key of a message template in Workspace; with an empty id, the prefix of all."""
    return join("template", template_id)


def template_version(template_id: str, version: int | None = None) -> str:
    """Sort key of what a version of a template says; without a version, the prefix of all its versions."""
    return join("template-version", template_id, "" if version is None else f"{version:08d}")


def score_board(account_id: str, audience_id: str, epoch: int) -> str:
    """Partition of the score index: one audience's scores of one epoch."""
    return join(account_id, audience_id, str(epoch))


def automation(audience_id: str, automation_id: str) -> str:
    """Sort key of an automation in Workspace; with an empty id, the prefix of an audience's automations."""
    return join("automation", audience_id, automation_id)


def automation_guard(audience_id: str, automation_id: str) -> str:
    """Sort key of when the guard last stopped a run of an automation; with an empty id, the prefix of an audience's."""
    return join("automation-guard", audience_id, automation_id)


def automation_state(automation_id: str) -> str:
    """Sort key of what an automation remembers of a contact, in the contact's partition; empty, the prefix of all."""
    return join("automation-state", automation_id)


def run(run_id: str) -> str:
    """Sort key of a run of an automation, in its contact's partition; with an empty id, the prefix of all."""
    return join("run", run_id)


def run_list(account_id: str, audience_id: str, automation_id: str) -> str:
    """Partition of the list index of Contacts: the runs of an automation."""
    return join(account_id, audience_id, "runs", automation_id)


def run_place(started_at: int, run_id: str = "", contact: str = "") -> str:
    """Place among the runs of an automation; ``started_at`` in epoch milliseconds. Alone, before all since then.

    Runs for several contacts may have the same id.
    """
    return join(f"{started_at:014d}", run_id, contact)


def held(run_id: str) -> str:
    """Sort key of the item that lists a run while its automation is paused, in its contact's partition."""
    return join("held", run_id)


def held_list(account_id: str, audience_id: str, automation_id: str) -> str:
    """Partition of the list index of Contacts: the runs that wait for an automation to be enabled again."""
    return join(account_id, audience_id, "held", automation_id)


def held_place(contact: str, run_id: str) -> str:
    """Place among the runs that wait for an automation to be enabled again."""
    return join(contact, run_id)


def pulse(kind: str) -> str:
    """Sort key of the day on which a contact last bought, opened or clicked something, in the contact's partition."""
    return join("pulse", kind)


def pulse_list(account_id: str, audience_id: str, kind: str, day: str) -> str:
    """Partition of the list index of Contacts: whose last such day this is."""
    return join(account_id, audience_id, "pulse", kind, day)


def signal(kind: str, *key: str) -> str:
    """Sort key, in the contact's partition, of what may set off an automation and is written nowhere else.

    With an empty kind, the prefix of all.
    """
    return join("signal", kind, *key)


def programme(audience_id: str, programme_id: str) -> str:
    """Sort key of a reward programme in Workspace; with an empty id, the prefix of an audience's."""
    return join("programme", audience_id, programme_id)


def coupons(account_id: str, programme_id: str) -> str:
    """Partition of a programme's coupon codes in Workspace."""
    return join(account_id, programme_id, "coupons")


def free_coupon(code: str) -> str:
    """Sort key of a code that is still to be given; empty, the prefix of all."""
    return join("free", code)


def given_coupon(code: str) -> str:
    """Sort key of a code that was given; empty, the prefix of all."""
    return join("given", code)


def tiers(audience_id: str) -> str:
    """Sort key of an audience's tiers in Workspace."""
    return join("tiers", audience_id)


def award(programme_id: str, occasion: str) -> str:
    """Sort key of an award in its contact's partition; with an empty occasion, the prefix of the programme's."""
    return join("reward", programme_id, occasion)


def awards_list(account_id: str, audience_id: str, programme_id: str) -> str:
    """Partition of the list index of Contacts: a programme's awards."""
    return join(account_id, audience_id, "rewards", programme_id)
