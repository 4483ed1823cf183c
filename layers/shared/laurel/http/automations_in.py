"""What clients send about automations. See ``laurel.http.schemas``, of which this is a part.

What it takes an audience to judge, such as whether there is such a template, is judged by
``laurel.automation.references``.
"""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, StringConstraints, WithJsonSchema, model_validator

from laurel.http.schemas import Body, Locale, Name, line, written
from laurel.http.scoring_in import ActivityName, ChangeKind, Points
from laurel.http.templates_in import Reference
from laurel.model.alert import AlertKind
from laurel.model.automation import MOST_STEPS, DelayUnit, Repeat
from laurel.model.contact import ConsentStatus
from laurel.model.period import TimeFrame
from laurel.model.ranking import Metric
from laurel.model.signal import Pulse
from laurel.model.snapshot import FIRST

_LARGEST_FIGURE = r"^[0-9]{1,13}(\.[0-9]{1,4})?$"
_KIND = Field(discriminator="kind")

MOST_CONDITIONS = 10

Tag = Annotated[str, BeforeValidator(line), StringConstraints(min_length=1, max_length=50)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Url = Annotated[
    str,
    StringConstraints(
        max_length=500, pattern=r"^(https://[^\s/?#@]+|http://127\.0\.0\.1(:[0-9]{1,5})?)([/?][^\s#]*)?$"
    ),
    Field(
        description="A public address, by `https`; this machine's own where that is allowed.",
        examples=["https://example.com/laurel"],
    ),
]
First = Annotated[StrictInt, Field(ge=1, le=FIRST)]
Days = Annotated[StrictInt, Field(ge=1, le=365)]
Figure = Annotated[
    str,
    BeforeValidator(written),
    StringConstraints(pattern=_LARGEST_FIGURE),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _LARGEST_FIGURE}, {"type": "integer", "minimum": 0}]}),
    Field(description="A number of purchases, or an amount in major units.", examples=["59.90"]),
]


class ScoreReachesIn(Body):
    """The score rises to so many points or more."""

    kind: Literal["score_reaches"]
    points: Points


class ScoreFallsUnderIn(Body):
    """The score falls under so many points, or is removed."""

    kind: Literal["score_falls_under"]
    points: Points


class ScoreEntersIn(Body):
    """The score comes to lie between two numbers, both included."""

    kind: Literal["score_enters"]
    least: Points
    most: Points


class RankEntersIn(Body):
    """The customer comes to be among the first so many of a board."""

    kind: Literal["rank_enters"]
    store: Reference
    rank_by: Metric
    time_frame: TimeFrame
    first: First


class RankLeavesIn(Body):
    """The customer is no longer among the first so many of a board."""

    kind: Literal["rank_leaves"]
    store: Reference
    rank_by: Metric
    time_frame: TimeFrame
    first: First


class TagAddedIn(Body):
    """The contact is given a tag."""

    kind: Literal["tag_added"]
    tag: Tag


class SilentIn(Body):
    """So many days (UTC) have gone by since the last purchase, open or click."""

    kind: Literal["silent"]
    of: Pulse
    days: Days


class FirstPurchaseIn(Body):
    """The contact buys for the first time, in any store of the audience."""

    kind: Literal["first_purchase"]


class SlippingIn(Body):
    """An alert on loss of loyalty is opened for the contact."""

    kind: Literal["slipping"]
    alerts: list[AlertKind] = Field(
        default=[], max_length=len(AlertKind), description="Of these kinds; of any if empty."
    )


type TriggerIn = Annotated[
    ScoreReachesIn
    | ScoreFallsUnderIn
    | ScoreEntersIn
    | RankEntersIn
    | RankLeavesIn
    | TagAddedIn
    | SilentIn
    | FirstPurchaseIn
    | SlippingIn,
    _KIND,
]


class ConsentConditionIn(Body):
    """The contact's consent status is one of these."""

    kind: Literal["consent"]
    statuses: Annotated[list[ConsentStatus], Field(min_length=1, max_length=len(ConsentStatus))]


class TagConditionIn(Body):
    """The contact has a tag, or has it not."""

    kind: Literal["tag"]
    tag: Tag
    has: StrictBool = True


class LocaleConditionIn(Body):
    """The contact's language is one of these; `pt` stands for `pt-BR`, too."""

    kind: Literal["locale"]
    locales: Annotated[list[Locale], Field(min_length=1, max_length=20)]


class ScoreConditionIn(Body):
    """The score is within bounds; no score is under every number."""

    kind: Literal["score"]
    least: Points | None = None
    most: Points | None = None


class MetricConditionIn(Body):
    """The customer's figure in a store and time frame is within bounds; who bought nothing there has 0."""

    kind: Literal["metric"]
    store: Reference
    rank_by: Metric
    time_frame: TimeFrame
    least: Figure | None = None
    most: Figure | None = None


type AutomationConditionIn = Annotated[
    ConsentConditionIn | TagConditionIn | LocaleConditionIn | ScoreConditionIn | MetricConditionIn, _KIND
]


class DelayIn(Body):
    """How long to wait before a step; a day has 24 hours."""

    amount: Annotated[StrictInt, Field(ge=1, le=60_000)]
    unit: DelayUnit


class _StepIn(Body):
    delay: DelayIn | None = Field(default=None, description="Counted from the step before, or from the beginning.")


class SendTemplateIn(_StepIn):
    """Send a message template, if the contact may be written to."""

    kind: Literal["send_template"]
    template: Reference
    store: Reference | None = Field(
        default=None, description="The store that the message is about; by default the audience's, if it has only one."
    )


class AddTagIn(_StepIn):
    """Give the contact a tag."""

    kind: Literal["add_tag"]
    tag: Tag


class RemoveTagIn(_StepIn):
    """Take a tag from the contact."""

    kind: Literal["remove_tag"]
    tag: Tag


class StepScoreIn(_StepIn):
    """Change the contact's score."""

    kind: Literal["change_score"]
    effect: ChangeKind
    points: Points | None = Field(default=None, description="Not with `remove`; of anything but `set` at least 1.")


class GiveRewardIn(_StepIn):
    """Give the contact a reward; its coupon goes into the templates that are sent later."""

    kind: Literal["give_reward"]
    programme: Reference


class NotifyTeamIn(_StepIn):
    """Send the team a mail."""

    kind: Literal["notify_team"]
    note: Note


class CallWebhookIn(_StepIn):
    """Call a webhook that is signed with the account's secret."""

    kind: Literal["call_webhook"]
    url: Url


class PutEventIn(_StepIn):
    """Put an event on the installation's EventBridge bus."""

    kind: Literal["put_event"]
    name: ActivityName


type StepIn = Annotated[
    SendTemplateIn | AddTagIn | RemoveTagIn | StepScoreIn | GiveRewardIn | NotifyTeamIn | CallWebhookIn | PutEventIn,
    _KIND,
]
Steps = Annotated[list[StepIn], Field(min_length=1, max_length=MOST_STEPS)]
Hysteresis = Annotated[
    StrictInt,
    Field(
        ge=0,
        le=1_000_000,
        description=(
            "Points or ranks by which the value has to go back before the same crossing counts again; of triggers on "
            "scores and ranks only."
        ),
    ),
]
CountsHistory = Annotated[
    StrictBool,
    Field(description="Whether facts that are older than 7 days when they are told of start something, too."),
]


class AutomationIn(Body):
    """When this happens to a contact, if all conditions hold: do this, step by step."""

    name: Name
    enabled: StrictBool = True
    trigger: TriggerIn
    conditions: list[AutomationConditionIn] = Field(default=[], max_length=MOST_CONDITIONS)
    steps: Steps
    repeat: Repeat = Repeat.ONCE
    hysteresis: Hysteresis = 0
    include_existing: StrictBool = Field(
        default=False, description="Includes those who meet the trigger already; only when it is enabled."
    )
    counts_history: CountsHistory = False


class AutomationChange(Body):
    """Fields to change; the rest stays. `enabled` pauses it, and lets it go on."""

    name: Name | None = None
    enabled: StrictBool | None = None
    trigger: TriggerIn | None = None
    conditions: Annotated[list[AutomationConditionIn], Field(max_length=MOST_CONDITIONS)] | None = None
    steps: Steps | None = None
    repeat: Repeat | None = None
    hysteresis: Hysteresis | None = None
    include_existing: StrictBool | None = Field(
        default=None,
        description="Includes those who meet the trigger now. Enabling it again without this includes nobody.",
    )
    counts_history: CountsHistory | None = None


class DryRunNew(Body):
    """What to try: an automation as it is kept, or a draft of one."""

    automation: Reference | None = None
    draft: AutomationIn | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.automation is None) == (self.draft is None):
            raise ValueError("must have either automation or draft")
        return self
