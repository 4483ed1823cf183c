"""Programmes of rewards, their coupons and awards, what they do, and tiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from laurel.http import rewards_out
from laurel.http.app import App, lambda_handler
from laurel.http.cursor import Pages
from laurel.http.exchange import Response, json_response
from laurel.http.parameters import number_parameter
from laurel.http.tables import csv_and_limit, csv_response
from laurel.http.versions import etag, require_match
from laurel.model.account import Audience, Store
from laurel.model.contact import Contact, ContactRef
from laurel.model.errors import Conflict, InvalidInput, NotFound, VersionMismatch
from laurel.model.identity import new_id
from laurel.model.job import JobKind
from laurel.model.reward import (
    MOST_PROGRAMMES,
    Award,
    AwardState,
    Benefit,
    BenefitKind,
    ByHand,
    CouponSource,
    InTier,
    Programme,
    ProgrammeState,
    Tiers,
)
from laurel.rewards.settings import check_change, check_references
from laurel.settings import settings
from laurel.store.awards import Awards
from laurel.store.contacts import Contacts
from laurel.store.coupons import CouponPools
from laurel.store.process import dynamodb
from laurel.store.templates import Templates
from laurel.store.tiers import TierBook
from laurel.store.workspace import Workspace

_DAYS, _MOST_DAYS = 30, 365
_CLEARED_BY_NULL = frozenset({"store", "currency", "valid_days", "template"})
_PROGRAMME = "/audiences/{audience}/programmes/{programme}"

app = App(dynamodb)
_workspace = Workspace(dynamodb(), settings().workspace_table)
_contacts = Contacts(dynamodb(), settings().contacts_table)
_awards = Awards(dynamodb(), settings().workspace_table, settings().contacts_table)
_pools = CouponPools(dynamodb(), settings().workspace_table)
_tiers = TierBook(dynamodb(), settings().workspace_table)
_templates = Templates(dynamodb(), settings().workspace_table)


@app.get("/audiences/{audience}/programmes")
def list_programmes(audience: str) -> dict[str, Any]:
    within = _audience(audience)
    return rewards_out.programmes(_awards.programmes(within.account_id, within.id))


@app.post("/audiences/{audience}/programmes")
def create_programme(audience: str) -> Response:
    from laurel.http.rewards_in import ProgrammeIn  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    body = read(ProgrammeIn, app.json_body())
    within, now = _audience(audience), datetime.now(UTC)
    nothing = Benefit(BenefitKind.EARLY_ACCESS)
    known = Programme(within.account_id, within.id, new_id(), body.name, ByHand(), nothing, now, now)
    known = _checked(within, body, known, now)
    going = [it for it in _awards.programmes(within.account_id, within.id) if it.state is not ProgrammeState.ENDED]
    if len(going) >= MOST_PROGRAMMES:
        raise Conflict(f"This audience has {MOST_PROGRAMMES} programmes, which is as many as it may have. End one.")
    return _saved(known, status=201)


@app.get(_PROGRAMME)
def get_programme(audience: str, programme: str) -> Response:
    return _versioned(_programme(_audience(audience), programme))


@app.patch(_PROGRAMME)
def change_programme(audience: str, programme: str) -> Response:
    from laurel.http.rewards_in import ProgrammeChange, ProgrammeIn  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    sent = read(ProgrammeChange, app.json_body()).model_dump(mode="json", exclude_unset=True)
    within = _audience(audience)
    known = _programme(within, programme)
    require_match(app, known.version)
    changes = {name: value for name, value in sent.items() if value is not None or name in _CLEARED_BY_NULL}
    if "store" in changes:
        changes = {"currency": None, **changes}
    body = read(ProgrammeIn, rewards_out.programme_body(known) | changes)
    wanted = _checked(within, body, known, datetime.now(UTC))
    check_change(known, wanted)
    return _saved(wanted)


@app.post(f"{_PROGRAMME}/coupons")
def add_coupons(audience: str, programme: str) -> dict[str, Any]:
    from laurel.http.rewards_in import asked_codes  # noqa: PLC0415, reads need no pydantic
    from laurel.rewards.coupons import generated  # noqa: PLC0415, few requests add coupons

    asked = asked_codes(app.request)
    within = _audience(audience)
    found = _programme(within, programme)
    source = found.coupons.source
    if not source.is_pool:
        raise Conflict("This programme has no pool of coupons.")
    if asked.generate is not None and source is not CouponSource.GENERATED:
        raise Conflict("The codes of this programme are uploaded.")
    codes = asked.codes if asked.codes is not None else generated(found.coupons.prefix, asked.generate or 0)
    added = _pools.add(found, codes)
    left = _programme(within, programme).tally.coupons
    return {"added": added, "known": len(codes) - added, "left": left}


@app.get(f"{_PROGRAMME}/coupons")
def list_coupons(audience: str, programme: str) -> dict[str, Any] | Response:
    found = _programme(_audience(audience), programme)
    as_csv, limit = csv_and_limit(app)
    pages = _pages(f"coupons of {found.id}")
    codes, last = _pools.codes(found, limit, pages.position(app.query("cursor")))
    following = pages.cursor(last)
    if not as_csv:
        return rewards_out.codes(codes, found, following)
    rows = (rewards_out.code_row(code, given=given) for code, given in codes)
    return csv_response("coupons", rewards_out.CODES_HEADER, rows, _next_page(limit, following))


@app.post(f"{_PROGRAMME}/awards")
def give_awards(audience: str, programme: str) -> dict[str, Any]:
    from laurel.http import jobs_out  # noqa: PLC0415, few requests give awards
    from laurel.http.jobs_in import ids_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.rewards_in import AwardsIn  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above
    from laurel.leaderboard.board import board_store, resolve_period  # noqa: PLC0415, few requests give awards
    from laurel.rewards.closing import board_of, occasion_of  # noqa: PLC0415, few requests give awards
    from laurel.scoring.jobs import start  # noqa: PLC0415, as above
    from laurel.store.jobs import Jobs  # noqa: PLC0415, as above
    from laurel.store.queue import JobQueue, sqs  # noqa: PLC0415, as above

    body = read(AwardsIn, app.json_body())
    if (body.board is None) == (body.contacts is None):
        raise InvalidInput.at("/board", "Give either a board or contacts.")
    within, now = _audience(audience), datetime.now(UTC)
    found = _programme(within, programme)
    if found.state is not ProgrammeState.ACTIVE:
        raise Conflict(f"This programme is {found.state.value}.")
    asked: dict[str, Any] = {"programme": found.id, "occasion": body.occasion or now.date().isoformat()}
    contacts = None
    if body.board is not None:
        if body.board.period is not None and body.board.time_frame is not None:
            raise InvalidInput.at("/board/period", "Give either time_frame or period, not both.")
        store = board_store(_workspace, app.caller.account_id, body.board.store)
        if store.audience_id != within.id:
            raise InvalidInput.at("/board/store", "This store belongs to another audience.")
        period = resolve_period(store, body.board.time_frame, body.board.period, now)
        board = board_of(store, period, body.board.rank_by, body.board.view)
        asked |= {"board": board, "first": body.board.first, "occasion": body.occasion or occasion_of(board)}
    else:
        contacts = ids_of(body.contacts or ())
    jobs, queue = Jobs(dynamodb(), settings().workspace_table), JobQueue(sqs(), settings().jobs_queue_url)
    by = app.request.claims.get("email")
    return jobs_out.job(start(jobs, queue, within, JobKind.AWARD, asked, now, by, contacts))


@app.get(f"{_PROGRAMME}/awards")
def list_awards(audience: str, programme: str) -> dict[str, Any] | Response:
    found = _programme(_audience(audience), programme)
    as_csv, limit = csv_and_limit(app)
    pages = _pages(f"awards of {found.id}")
    listed, last = _awards.awards(found, limit, pages.position(app.query("cursor")))
    following = pages.cursor(last)
    people = _people(found.audience_id, listed)
    if not as_csv:
        shown = [rewards_out.award(it, people.get(it.ref.contact), found) for it in listed]
        return {"awards": shown, "next_cursor": following}
    rows = (rewards_out.award_row(it, people.get(it.ref.contact)) for it in listed)
    return csv_response("awards", rewards_out.CSV_HEADER, rows, _next_page(limit, following))


@app.delete(f"{_PROGRAMME}/awards/{{contact}}/{{occasion}}")
def revoke_award(audience: str, programme: str, contact: str, occasion: str) -> dict[str, Any]:
    found = _programme(_audience(audience), programme)
    ref = ContactRef(app.caller.account_id, audience, contact)
    kept = _awards.award(ref, found.id, occasion)
    if kept is None:
        raise NotFound("award", occasion)
    if kept.state is AwardState.HELD_OUT:
        raise Conflict("This contact was held out: there is nothing to revoke.")
    if kept.state is AwardState.GIVEN:
        # Of two who revoke at once, both find it revoked.
        _awards.revoke(found, kept, datetime.now(UTC))
        kept = _awards.award(ref, found.id, occasion) or kept
    return rewards_out.award(kept, _contacts.contact(ref.account_id, audience, contact), found)


@app.get(f"{_PROGRAMME}/lift")
def get_lift(audience: str, programme: str) -> dict[str, Any]:
    from laurel.rewards.lift import measure  # noqa: PLC0415, few requests measure
    from laurel.scoring.work import at_once  # noqa: PLC0415, as above
    from laurel.store.ledger import Ledger  # noqa: PLC0415, as above

    within = _audience(audience)
    found = _programme(within, programme)
    days = number_parameter(app, "days", _DAYS, 1, _MOST_DAYS)
    ledger = Ledger(dynamodb(), settings().ledger_table)
    stores = _workspace.stores(within.account_id)
    return rewards_out.lift(measure(_awards, ledger, found, stores, days, datetime.now(UTC), at_once))


@app.get("/audiences/{audience}/contacts/{contact}/awards")
def list_contact_awards(audience: str, contact: str) -> dict[str, Any]:
    within = _audience(audience)
    known = _contacts.contact(within.account_id, within.id, contact)
    if known is None:
        raise NotFound("contact", contact)
    found = _awards.awards_of(ContactRef(within.account_id, within.id, contact))
    programmes = {it.id: it for it in _awards.programmes(within.account_id, within.id)} if found else {}
    return {"awards": [rewards_out.award(it, known, programmes.get(it.programme_id)) for it in found]}


@app.get("/audiences/{audience}/tiers")
def get_tiers(audience: str) -> Response:
    within = _audience(audience)
    return _with_tiers(_tiers.tiers(within.account_id, within.id, settled=True), _stores(within))


@app.put("/audiences/{audience}/tiers")
def replace_tiers(audience: str) -> Response:
    from laurel.http.rewards_in import TiersIn, tiers_of  # noqa: PLC0415, reads need no pydantic
    from laurel.http.schemas import read  # noqa: PLC0415, as above

    body = read(TiersIn, app.json_body())
    within = _audience(audience)
    stores = _stores(within)
    known = _tiers.tiers(within.account_id, within.id, settled=True)
    require_match(app, known.version)
    wanted = tiers_of(body, known, {it.id: it.currency for it in stores})
    kept = {it.id for it in wanted}
    for programme in _awards.programmes(within.account_id, within.id):
        if programme.state is not ProgrammeState.ENDED and isinstance(programme.who, InTier):
            gone = programme.who.tier_id not in kept and any(it.id == programme.who.tier_id for it in known.tiers)
            if gone:
                raise Conflict(f"The programme {programme.name!r} is for a tier that would be gone. End it first.")
    saved = _tiers.save(within.account_id, within.id, replace(known, tiers=wanted))
    if saved is None:
        raise VersionMismatch
    return _with_tiers(saved, stores)


def _audience(audience_id: str) -> Audience:
    return _workspace.existing_audience(app.caller.account_id, audience_id)


def _programme(audience: Audience, programme_id: str) -> Programme:
    programme = _awards.programme(audience.account_id, audience.id, programme_id)
    if programme is None:
        raise NotFound("programme", programme_id)
    return programme


def _stores(audience: Audience) -> list[Store]:
    return audience.shown(_workspace.stores(audience.account_id))


def _checked(audience: Audience, body: Any, known: Programme, now: datetime) -> Programme:
    """``known`` as the body wants it. Raises ``InvalidInput``, also for what it names and is not there."""
    from laurel.http.rewards_in import programme_of  # noqa: PLC0415, reads need no pydantic

    currencies = {it.id: it.currency for it in _stores(audience)}
    if known.store_id and known.currency:
        # What it has, it keeps, even if that is gone.
        currencies[known.store_id] = known.currency
    if body.store is not None and body.store not in currencies:
        raise InvalidInput.at("/store", "There is no such store in this audience.")
    wanted = programme_of(body, known, currencies.get(body.store or ""), now)
    tiers = _tiers.tiers(audience.account_id, audience.id, settled=True)
    has_template = wanted.template_id in (None, known.template_id) or bool(
        _templates.template(audience.account_id, wanted.template_id or "")
    )
    check_references(wanted, tiers, has_template=has_template)
    return wanted


def _saved(programme: Programme, status: int = 200) -> Response:
    saved = _awards.save(programme)
    if saved is None:
        raise VersionMismatch
    return _versioned(saved, status)


def _versioned(programme: Programme, status: int = 200) -> Response:
    return json_response(status, rewards_out.programme(programme), headers=etag(programme.version))


def _with_tiers(tiers: Tiers, stores: Sequence[Store]) -> Response:
    currencies = {it.id: it.currency for it in stores}
    return json_response(200, rewards_out.tiers(tiers, currencies), headers=etag(tiers.version))


def _people(audience_id: str, awards: Sequence[Award]) -> dict[str, Contact]:
    return _contacts.contacts(app.caller.account_id, audience_id, [it.ref.contact for it in awards])


def _pages(name: str) -> Pages:
    return Pages(_workspace.cursor_key(app.caller.account_id), name)


def _next_page(limit: int, cursor: str | None) -> dict[str, object] | None:
    return {"limit": limit, "cursor": cursor} if cursor else None


handler = lambda_handler(app)
