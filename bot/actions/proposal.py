"""The proposal form in conversation: take what is there, ask what is missing, confirm, write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.actions import form
from bot.actions.action import Outcome, Turn
from bot.actions.casework import Casework
from bot.actions.form import Filled, Step
from bot.actions.summary import FormReplies
from bot.conversation import Conversation, ProposalForm, Slot
from bot.messages import Reply
from bot.proposals.communities import Communities
from bot.proposals.deadlines import Deadlines
from bot.proposals.ledger import Ledger
from bot.proposals.proposal import Draft, ProposalError
from bot.proposals.similar import Similar, SimilarFinder
from bot.responses import Responses
from bot.storage.attachments import AttachmentStore, Kept
from bot.storage.database import UnitOfWork
from bot.storage.errors import UnacceptableFile
from bot.storage.records import Proposal, Resident, Urgency
from index.encoder import Vectors
from intents.categories import CategoryClassifier
from intents.entities import read_slots

MAX_ATTACHMENTS = 20
BUTTON_STEPS = {
    "confirm": Step.SUBMIT,
    "no_contact": Step.CONTACT_REFUSED,
    "edit": Step.ASK_EDIT,
    "resume": Step.CONTINUE,
    "photo_location": Step.LOCATION_SHARED,
}


@dataclass(frozen=True)
class Prepared:
    """The form after this message, and what was found out about it outside the transaction."""

    filled: Filled
    similar: Sequence[Similar] = ()
    rejected: str = ""
    next_form: ProposalForm | None = None
    vector: Vectors | None = None


class ProposalAction:
    """Collects a proposal slot by slot and writes it when the resident confirms."""

    def __init__(
        self,
        responses: Responses,
        categories: CategoryClassifier,
        similar: SimilarFinder,
        files: AttachmentStore,
        deadlines: Deadlines,
        communities: Communities,
    ) -> None:
        self._responses = responses
        self._categories = categories
        self._similar = similar
        self._files = files
        self._deadlines = deadlines
        self._communities = communities

    def prepare(self, turn: Turn, state: Conversation) -> Prepared:
        """Fill the form, suggest a category, store files, look for the same matter."""
        filled = self._fill(turn, state)
        kept, rejected = self._keep_files(turn, state.traditional)
        draft = self._complete(filled.draft, turn, kept)
        if not turn.message.edited:
            draft = form.remember(draft, turn.message.id, turn.text)
        similar: Sequence[Similar] = ()
        if draft.missing is None and not draft.similar_offered and filled.step is Step.CONTINUE:
            found = self._similar.find(draft.description, draft.place, draft.community)
            similar = [each for each in found if _same_kind(each.proposal.category, draft.category)]
            draft = replace(draft, similar_offered=True)
        follows = None
        if filled.step is Step.SUBMIT and state.queued:
            follows = self._suggest(form.start(state.queued, read_slots(state.queued)), None)
        submits = filled.step is Step.SUBMIT and draft.missing is None
        vector = self._similar.encode(draft.description) if submits else None
        return Prepared(replace(filled, draft=draft), similar, rejected, follows, vector)

    def act(self, turn: Turn, prepared: Prepared, state: Conversation, work: UnitOfWork) -> Outcome:
        """Write the proposal, support another, or ask for what comes next."""
        words = FormReplies(self._responses, state.traditional)
        verb, _, value = turn.argument.partition(":")
        if verb == "support":
            return self._support(value, turn, state, work, words)
        if verb == "edited_late":
            return Outcome(state, (words.say("edited_late"),))
        if state.draft is None and verb in BUTTON_STEPS:
            return Outcome(state, (words.say("nothing_to_cancel"),))
        if prepared.filled.step is Step.SUBMIT:
            return self._submit(turn, prepared, state, work, words)
        return self._ask(turn, prepared, state, words)

    # -- filling, outside the transaction

    def _fill(self, turn: Turn, state: Conversation) -> Filled:
        draft, text = state.draft, turn.text
        verb, _, value = turn.argument.partition(":")
        if draft is None:
            return Filled(self._begin(turn, state, verb), Step.CONTINUE)
        if verb in BUTTON_STEPS:
            return Filled(form.press(draft, verb), BUTTON_STEPS[verb])
        if verb == "edit_slot":
            return Filled(draft, Step.EDIT_FIELD, Slot(value))
        if verb == "category":
            return Filled(self._with_category(draft, value), Step.UPDATED)
        if verb == "same":
            both = replace(draft, description=form.join(draft.description, state.queued))
            return Filled(both, Step.UPDATED)
        if verb == "attached" and not text:
            return Filled(draft, Step.CONTINUE)
        if verb == "edited":
            amended = form.amend(draft, turn.message.edited, text, turn.slots)
            return Filled(amended, Step.UPDATED)
        if state.expecting in (Slot.DESCRIPTION, Slot.PLACE):
            return Filled(form.answer(draft, state.expecting, text, turn.slots), Step.CONTINUE)
        if state.expecting is Slot.CATEGORY and (slug := self._category_named(text)):
            return Filled(self._with_category(draft, slug), Step.UPDATED)
        return form.review(draft, text, turn.slots, turn.parse)

    def _begin(self, turn: Turn, state: Conversation, verb: str) -> ProposalForm:
        if verb == "about_answer" and state.answer:
            return ProposalForm(reference=state.answer.question)
        if verb == "from_question":
            draft = form.start(state.question, read_slots(state.question))
            return form.absorb(draft, turn.slots)
        if turn.message.location:
            return ProposalForm()
        text = "" if turn.text.startswith("/start") else turn.text.removeprefix("/propose").strip()
        return form.start(text, turn.slots)

    def _keep_files(self, turn: Turn, traditional: bool) -> tuple[list[Kept], str]:
        kept: list[Kept] = []
        rejected = ""
        for attachment in turn.message.attachments:
            try:
                kept.append(self._files.keep(attachment))
            except UnacceptableFile as error:
                rejected = self._responses.text(f"file.{error.reason}", traditional, **error.slots)
        return kept, rejected

    def _complete(self, draft: ProposalForm, turn: Turn, kept: Sequence[Kept]) -> ProposalForm:
        """Add what came beside the words: files, a location, a phone card, a category."""
        message = turn.message
        files = (*draft.attachments, *(each.file for each in kept))
        taken_at = [each.location for each in kept if each.location]
        draft = replace(
            draft,
            attachments=files[:MAX_ATTACHMENTS],
            photo_location=draft.photo_location or next(iter(taken_at), None),
        )
        if message.location:
            latitude, longitude = message.location.latitude, message.location.longitude
            place = draft.place or turn.text[: form.MAX_PLACE]  # a place's name comes along
            draft = replace(draft, latitude=latitude, longitude=longitude, place=place)
        if draft.latitude is not None:  # a place on the map is known: the photo's is not needed
            draft = replace(draft, photo_location=None)
        if message.phone:
            draft = replace(draft, contact_phone=message.phone, contact_settled=True)
        fresh = draft.description == turn.text
        return self._suggest(draft, turn.vector if fresh else None)

    def _suggest(self, draft: ProposalForm, vector: Vectors | None) -> ProposalForm:
        if draft.category or not draft.description:
            return draft
        suggestion = self._categories.suggest(draft.description, vector)
        return replace(
            draft,
            category=suggestion.category,
            category_options=suggestion.alternatives,
            department=suggestion.department,
        )

    def _with_category(self, draft: ProposalForm, slug: str) -> ProposalForm:
        """The draft with the category that the resident chose, and with who handles that."""
        department = self._categories.department_of(slug) or draft.department
        return replace(draft, category=slug, category_options=(), department=department)

    def _category_named(self, text: str) -> str:
        prefix = "category."
        labels = {
            self._responses.text(key): key.removeprefix(prefix)
            for key in self._responses.all_keys()
            if key.startswith(prefix)
        }
        return next((slug for label, slug in labels.items() if text and text in label), "")

    # -- acting, inside the transaction

    def _ask(
        self, turn: Turn, prepared: Prepared, state: Conversation, words: FormReplies
    ) -> Outcome:
        filled, draft = prepared.filled, prepared.filled.draft
        if filled.step is Step.ANOTHER:
            kept = replace(state.with_draft(draft, Slot.CONFIRM), queued=turn.text)
            return Outcome(kept, words.another(draft))
        if turn.argument == "forwarded":
            waiting = state.with_draft(draft, draft.missing or Slot.CONFIRM)
            return Outcome(waiting, words.forwarded(prepared.rejected))
        lead = words.lead(filled, prepared.rejected) or words.received(turn.message, draft)
        if filled.step is Step.ASK_EDIT:
            return Outcome(state.with_draft(draft, Slot.EDIT), words.ask_edit())
        if filled.step is Step.EDIT_FIELD and filled.slot:
            return Outcome(state.with_draft(draft, filled.slot), words.ask_anew(filled.slot))
        expecting = draft.missing or Slot.CONFIRM
        state = state.with_draft(draft, expecting)
        replies = led(lead, words.ask(draft, expecting, prepared.similar))
        if turn.message.attachments or turn.message.location:  # which push a summary out of sight
            replies = tuple(replace(each, replaces="") for each in replies)
        return Outcome(state, replies)

    def _submit(
        self,
        turn: Turn,
        prepared: Prepared,
        state: Conversation,
        work: UnitOfWork,
        words: FormReplies,
    ) -> Outcome:
        draft = prepared.filled.draft
        if draft.missing:
            waiting = state.with_draft(draft, draft.missing)
            return Outcome(waiting, words.ask(draft, draft.missing))
        casework = Casework(work, self._deadlines, self._responses)
        proposal = self._write(draft, turn, casework.ledger, work)
        if prepared.vector is not None:
            name = self._similar.encoder_name
            work.proposals.keep_vector(proposal.code, name, prepared.vector)
        casework.tell_workers_of(proposal, self._communities)
        filed = tuple(message_id for message_id, _ in draft.told)
        done = replace(state.without_form(), queued="", filed=filed)
        replies: tuple[Reply, ...] = (
            words.created(proposal, self._deadlines.limits(proposal.urgency)),
        )
        if (follows := prepared.next_form) is not None:
            expecting = follows.missing or Slot.CONFIRM
            done = done.with_draft(follows, expecting)
            replies += words.ask(follows, expecting)
        return Outcome(done, replies)

    def _write(self, draft: ProposalForm, turn: Turn, ledger: Ledger, work: UnitOfWork) -> Proposal:
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        described = draft.description
        if draft.reference:
            reference = self._responses.text("proposal.reference", reference=draft.reference)
            described = f"{described}\n{reference}"
        proposal = ledger.create(
            Draft(
                title=form.title(draft),
                description=described,
                category=draft.category or "other",
                urgency=Urgency(draft.urgency),
                place=draft.place,
                community=self._community(draft, resident, work),
                building=draft.building,
                latitude=draft.latitude,
                longitude=draft.longitude,
                contact_name=draft.contact_name or None,
                contact_phone=draft.contact_phone or None,
                department=draft.department,
            ),
            resident,
            draft.attachments,
        )
        if draft.contact_phone:
            purpose = self._responses.text("proposal.ask_contact")
            work.people.give_consent(resident.id, purpose)
        return proposal

    def _community(self, draft: ProposalForm, resident: Resident, work: UnitOfWork) -> str:
        """The id of the place that was named, remembered for the resident; else where they live.

        A place that the tree does not know stays as it was written.
        """
        for text in (draft.place, draft.community, draft.description):
            if place := self._communities.resolve(text):
                if not resident.community:
                    work.people.set_community(resident.id, place.id)
                return place.id
        return resident.community or draft.community

    def _support(
        self, code: str, turn: Turn, state: Conversation, work: UnitOfWork, words: FormReplies
    ) -> Outcome:
        message = turn.message
        resident = work.people.meet(message.channel, message.sender_id, message.sender_name)
        ledger = Ledger(work, self._deadlines)
        try:
            added = ledger.support(code, resident)
            is_own = ledger.proposal(code).resident_id == resident.id
        except ProposalError as error:
            return Outcome(state, (Reply(str(error)), *resume(state, self._responses)))
        count = work.proposals.supporter_count(code)
        key = "supported" if added else "supported_own" if is_own else "supported_already"
        return Outcome(state.without_form(), (words.say(key, code=code, count=count),))


def _same_kind(one: str, other: str) -> bool:
    """Whether two matters may be one: a lamp and a lift at the same door are not."""
    return one == other or "other" in (one, other) or not (one and other)


def led(lead: str, replies: tuple[Reply, ...]) -> tuple[Reply, ...]:
    """The replies, the first of them with `lead` before it."""
    first, *rest = replies
    return (replace(first, text=f"{lead}\n\n{first.text}") if lead else first, *rest)


def resume(state: Conversation, responses: Responses) -> tuple[Reply, ...]:
    """What to say after a question was answered in the middle of the form."""
    words = FormReplies(responses, state.traditional)
    draft = state.draft
    if draft is None:
        return ()
    hint = responses.text("proposal.resume_hint", state.traditional)
    return led(hint, words.ask(draft, state.expecting or draft.missing or Slot.CONFIRM))


class CancelAction:
    """Drops the form, or the question that was asked; what was written stays nowhere."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def prepare(self, turn: Turn, state: Conversation) -> None:
        """Nothing to gather."""

    def act(self, turn: Turn, prepared: None, state: Conversation, work: UnitOfWork) -> Outcome:
        """Cancel what there is."""
        key = "cancelled" if state.draft else "nothing_to_cancel"
        reply = FormReplies(self._responses, state.traditional).say(key)
        return Outcome(replace(state.without_form(), queued=""), (reply,))
