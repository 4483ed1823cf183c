"""What the steps of automations do to a contact: messages, tags, points and rewards.

Each may be done twice, when a worker was killed before it could write down that it was done, and then does no more
than it did the first time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from laurel.automation.outward import Outward
from laurel.automation.task import Did, Outcome, Task
from laurel.model.account import Audience
from laurel.model.automation import StepKind, run_subject
from laurel.model.contact import MOST_TAGS, Contact, ContactRef
from laurel.model.errors import Busy, LaurelError, code_of
from laurel.model.message import Message
from laurel.model.reward import Award, Refused
from laurel.model.scoring import AUTOMATION, Change, Effect, EffectKind
from laurel.rewards.award import AwardBook, award
from laurel.scoring.apply import ScoreBook, apply

_TRIES = 5


class Profiles(Protocol):
    """Keeps contacts; ``save`` returns False if somebody else was faster."""

    def contact(self, account_id: str, audience_id: str, contact: str) -> Contact | None: ...
    def save(self, account_id: str, audience_id: str, contact: Contact, *, tagged_by: str | None = None) -> bool: ...


class Audiences(Protocol):
    """Finds audiences."""

    def existing_audience(self, account_id: str, audience_id: str) -> Audience: ...


class Mailer(Protocol):
    """Sends messages by templates; the same key is the same message. Raises as ``laurel.messaging.compose.send``."""

    def send(
        self, ref: ContactRef, template_id: str, store_id: str | None, coupon: str | None, key: str, now: datetime
    ) -> Message: ...


@dataclass(frozen=True, slots=True)
class Steps:
    """Does steps."""

    profiles: Profiles
    audiences: Audiences
    scores: ScoreBook
    mailer: Mailer
    awards: AwardBook
    outward: Outward

    def do(self, task: Task) -> Did:
        """Do a step of a run. Raises what lies in the way and may pass, as ``Busy``."""
        doing: dict[StepKind, Callable[[Task], Did]] = {
            StepKind.SEND_TEMPLATE: self._send_template,
            StepKind.ADD_TAG: self._add_tag,
            StepKind.REMOVE_TAG: self._remove_tag,
            StepKind.CHANGE_SCORE: self._change_score,
            StepKind.GIVE_REWARD: self._give_reward,
            StepKind.NOTIFY_TEAM: self.outward.notify_team,
            StepKind.CALL_WEBHOOK: self.outward.call_webhook,
            StepKind.PUT_EVENT: self.outward.put_event,
        }
        return doing[task.step.kind](task)

    def _send_template(self, task: Task) -> Did:
        """A gate that is closed is no reason to end the run: the next step may be to tell the team."""
        settings = task.step.settings
        template, store = settings["template"], settings.get("store")
        try:
            message = self.mailer.send(task.run.ref, template, store, self._coupon(task), task.key, task.now)
        except Busy:
            raise
        except LaurelError as refusal:
            return Did(Outcome.REFUSED, {"problem": code_of(refusal)})
        return Did(Outcome.DONE, {"message": message.id})

    def _coupon(self, task: Task) -> str | None:
        """The code of the reward that the run gave last, if it gave any."""
        run = task.run
        for step in range(run.step - 1, -1, -1):
            if run.steps[step].kind is StepKind.GIVE_REWARD:
                programme = run.steps[step].settings["programme"]
                given = self.awards.award(run.ref, programme, run_subject(run.id, step))
                return given.coupon if given else None
        return None

    def _add_tag(self, task: Task) -> Did:
        return self._tagged(task, lambda tags, tag: tuple(sorted({*tags, tag})))

    def _remove_tag(self, task: Task) -> Did:
        return self._tagged(task, lambda tags, tag: tuple(it for it in tags if it != tag))

    def _tagged(self, task: Task, change: Callable[[tuple[str, ...], str], tuple[str, ...]]) -> Did:
        """A tag is there or not, so doing this again changes nothing."""
        tag, ref = task.step.settings["tag"], task.run.ref
        contact: Contact | None = task.contact
        for _ in range(_TRIES):
            if contact is None:
                return Did(Outcome.REFUSED, {"problem": "contact-gone"})
            tags = change(contact.tags, tag)
            if tags == contact.tags:
                return Did(Outcome.UNCHANGED)
            if len(tags) > MOST_TAGS:
                return Did(Outcome.REFUSED, {"problem": "too-many-tags"})
            changed = replace(contact, tags=tags, version=contact.version + 1)
            if self.profiles.save(ref.account_id, ref.audience_id, changed, tagged_by=task.run.id):
                return Did(Outcome.DONE)
            contact = self.profiles.contact(ref.account_id, ref.audience_id, ref.contact)
        raise Busy(f"Contact {ref.contact!r}")

    def _change_score(self, task: Task) -> Did:
        """The entry's key is made of the step and of when it was begun first, so there is one."""
        settings, ref = task.step.settings, task.run.ref
        audience = self.audiences.existing_audience(ref.account_id, ref.audience_id)
        scored = self.scores.read(ref.account_id, ref.audience_id, audience.score_epoch, ref.contact)
        if scored is None:
            return Did(Outcome.REFUSED, {"problem": "contact-gone"})
        effect = Effect(EffectKind(settings["effect"]), settings.get("points") or 0)
        change = Change(task.subject, task.begun_at, effect, activity=AUTOMATION, reason=task.run.automation_name)
        entries = apply(self.scores, scored, [change], ())
        if not entries:
            entries = tuple(self.scores.entries_about(scored, task.subject, task.begun_at))
        if not entries:
            return Did(Outcome.REFUSED, {"problem": "contact-gone"})
        return Did(Outcome.DONE, {"before": entries[-1].before, "after": entries[-1].after})

    def _give_reward(self, task: Task) -> Did:
        ref, programme_id = task.run.ref, task.step.settings["programme"]
        programme = self.awards.programme(ref.account_id, ref.audience_id, programme_id)
        if programme is None:
            return Did(Outcome.REFUSED, {"programme": programme_id, "problem": "no-programme"})
        given: Award | Refused = award(self.awards, programme, ref, task.subject, task.now, subject=task.subject)
        if isinstance(given, Refused):
            return Did(Outcome.REFUSED, {"programme": programme_id, "problem": given.reason.value.replace("_", "-")})
        return Did(Outcome.DONE, {"programme": programme_id})
