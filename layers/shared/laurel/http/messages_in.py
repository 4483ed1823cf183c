"""What clients send about messages. See ``laurel.http.schemas``, of which this is a part."""

from typing import Self

from pydantic import Field, model_validator

from laurel.http.schemas import Body
from laurel.http.senders_in import MailAddress
from laurel.http.templates_in import Coupon, HtmlPart, Reference, Subject, TextPart
from laurel.messaging.compose import MessageWish
from laurel.model.period import TimeFrame
from laurel.model.template import Content


class MessageIn(Body):
    """A message to one contact: a `template`, or a `subject` with `text`, `html` or both."""

    template: Reference | None = Field(default=None, description="Id of a message template; its latest version counts.")
    subject: Subject | None = None
    text: TextPart | None = None
    html: HtmlPart | None = None
    store: Reference | None = Field(
        default=None,
        description="Id of the store that the message is about; by default the audience's, if only one is connected.",
    )
    time_frame: TimeFrame | None = Field(
        default=None, description="Time frame of figures and ranks, `all_time` by default; needs a store."
    )
    coupon: Coupon | None = None
    sender: MailAddress | None = Field(
        default=None,
        alias="from",
        description=(
            "The address to write from, of a verified sender; by default the account's `sender_address`, else the "
            "verified address that was set up first."
        ),
    )

    @model_validator(mode="after")
    def _says_something_once(self) -> Self:
        if self.template is None:
            if self.subject is None:
                raise ValueError("must have a template or a subject")
        elif (self.subject, self.text, self.html) != (None, None, None):
            raise ValueError("must have either a template or what the message says")
        return self

    @property
    def wish(self) -> MessageWish:
        """What was sent."""
        said = self.template if self.template is not None else Content(self.subject or "", self.text, self.html)
        return MessageWish(said, self.store, self.time_frame, self.coupon, self.sender)
