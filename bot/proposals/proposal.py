"""What a proposal is, the stages it goes through, and which moves make sense.

The stages are the five-step method 提 商 决 办 评 (raise, discuss, decide, do, judge), with three
ends outside it:

    raised ──► discussed ──► decided ──► executed ──► evaluated
       │                        ▲  ▲         │            │
       ├────────────────────────┘  └─────────┴────────────┘  "not solved": back to work
       └───────────────────────────────────► executed        settled on the spot

- A matter that needs no meeting (a broken lamp) may skip discussion; one that a worker settles on
  the spot may go straight to `executed`. What was put to discussion is decided before it is done,
  so that nobody discusses in vain; a decision may be put back to discussion.
- `evaluated` is only reached from `executed`: what was not done cannot be judged.
- `declined` needs a reason and may be taken up again; `merged` needs the proposal that it goes
  into; `withdrawn` and `merged` are final.
- A resident may withdraw their own open proposal, and judge it once it is executed; all other
  moves are a worker's.
"""

from dataclasses import dataclass

from bot.responses import Responses
from bot.storage.records import Person, PersonKind, Stage, Urgency
from bot.storage.records import Proposal as Proposal

# From each stage the stages that may follow, in the order in which they are offered.
MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.RAISED: (
        Stage.DISCUSSED, Stage.DECIDED, Stage.EXECUTED,
        Stage.DECLINED, Stage.MERGED, Stage.WITHDRAWN,
    ),
    Stage.DISCUSSED: (Stage.DECIDED, Stage.DECLINED, Stage.MERGED, Stage.WITHDRAWN),
    Stage.DECIDED: (
        Stage.EXECUTED, Stage.DISCUSSED, Stage.DECLINED, Stage.MERGED, Stage.WITHDRAWN,
    ),
    Stage.EXECUTED: (Stage.EVALUATED, Stage.DECIDED),
    Stage.EVALUATED: (Stage.DECIDED,),
    Stage.DECLINED: (Stage.RAISED,),
    Stage.MERGED: (),
    Stage.WITHDRAWN: (),
}  # fmt: skip

# What residents may do with what they raised: take it back, judge it, and say that it came back.
_RESIDENT_MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.RAISED: (Stage.WITHDRAWN,),
    Stage.DISCUSSED: (Stage.WITHDRAWN,),
    Stage.DECIDED: (Stage.WITHDRAWN,),
    Stage.EXECUTED: (Stage.EVALUATED, Stage.DECIDED),
    Stage.EVALUATED: (Stage.DECIDED,),
}

# The moves that need words: why it is declined, why it comes back.
_NEEDS_NOTE = (Stage.DECLINED, Stage.RAISED)


class ProposalError(Exception):
    """Something about a proposal cannot be done; the message says what, in Chinese."""


class UnknownProposal(ProposalError):
    """There is no proposal with this code."""


class NotYours(ProposalError):
    """A resident wants to change what somebody else raised."""


class InvalidMove(ProposalError):
    """A move that makes no sense from this stage; `allowed` are those that do."""

    def __init__(self, message: str, allowed: tuple[Stage, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Draft:
    """What a resident has told us: everything that a proposal needs besides code and dates.

    `latitude`, `longitude` in degrees (WGS 84). Contact details are None when refused.
    """

    description: str
    place: str
    title: str = ""
    category: str = ""
    urgency: Urgency = Urgency.GENERAL
    community: str = ""
    building: str = ""
    latitude: float | None = None
    longitude: float | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    department: str = ""


def allowed_moves(stage: Stage, kind: PersonKind = PersonKind.WORKER) -> tuple[Stage, ...]:
    """The stages to which such a person may move a proposal that stands at `stage`."""
    return _RESIDENT_MOVES.get(stage, ()) if kind is PersonKind.RESIDENT else MOVES[stage]


def check_move(stage: Stage, to: Stage, by: Person, note: str = "", target: str = "") -> None:
    """Raise InvalidMove, naming what is allowed, unless `by` may move from `stage` to `to`.

    `note` is the reason, `target` the code of the proposal to merge into.
    """
    allowed = allowed_moves(stage, by.kind)
    if to not in allowed:
        names = "、".join(map(stage_label, allowed))
        hint = say("allowed_moves", stages=names) if names else say("no_moves")
        refusal = say("invalid_move", stage=stage_label(stage), to=stage_label(to))
        raise InvalidMove(refusal + hint, allowed)
    if to in _NEEDS_NOTE and not note.strip():
        raise InvalidMove(say(f"needs_note.{to.value}"), allowed)
    if (to is Stage.MERGED) != bool(target):
        raise InvalidMove(say("needs_target"), allowed)


def say(key: str, **slots: object) -> str:
    """A text of the group `ledger`."""
    return Responses.load().text(f"ledger.{key}", **slots)


def stage_label(stage: Stage) -> str:
    """A stage as people call it."""
    return Responses.load().text(f"stage.{stage.value}")
