"""What the proposal form says: questions, the summary to confirm, the receipt."""

from collections.abc import Sequence

from bot.actions.form import Filled, Step
from bot.conversation import ProposalForm, Slot
from bot.messages import Button, Message, Reply, Request
from bot.proposals.deadlines import Limits, Span
from bot.proposals.privacy import as_people_write, mask_contacts
from bot.proposals.similar import Similar
from bot.responses import Responses
from bot.storage.records import Proposal

SUMMARY_KEY = "proposal-summary"
EDITABLE = (Slot.DESCRIPTION, Slot.PLACE, Slot.CATEGORY, Slot.CONTACT)
LEADS = {
    Step.UPDATED: "updated",
    Step.CONTACT_REFUSED: "contact_refused",
    Step.CONTACT_SAVED: "contact_saved",
    Step.CONTACT_BAD: "contact_bad",
    Step.LOCATION_SHARED: "location_shared",
}


def is_voice(draft: ProposalForm) -> bool:
    """Whether the last thing that came is a recording."""
    return bool(draft.attachments) and draft.attachments[-1].mime.startswith("audio/")


class FormReplies:
    """The form's words in the resident's script."""

    def __init__(self, responses: Responses, traditional: bool) -> None:
        self._responses = responses
        self._traditional = traditional

    def say(self, key: str, **slots: object) -> Reply:
        """One text of the form, without buttons."""
        return Reply(self._text(key, **slots))

    def lead(self, filled: Filled, rejected: str) -> str:
        """What to say first about this message: what was changed, a file that was refused."""
        if rejected:
            return self._text("file_rejected", reason=rejected)
        return self._text(LEADS[filled.step]) if filled.step in LEADS else ""

    def ask(
        self, draft: ProposalForm, slot: Slot, similar: Sequence[Similar] = ()
    ) -> tuple[Reply, ...]:
        """The question for a slot; for the last one the summary to confirm.

        Before the summary stand open proposals that look the same, to support instead.
        """
        cancel = self._button("cancel", "cancel:form")
        share, buttons = self._photo_location(draft)
        if slot is Slot.DESCRIPTION:
            key = "photo_kept" if draft.attachments else "ask_description"
            key = "voice_kept" if is_voice(draft) else key
            key = "location_kept" if draft.latitude is not None else key
            if draft.place and not draft.attachments:
                key = "place_kept"
            text = self._text(key, place=mask_contacts(draft.place)) + share
            return (Reply(text, (*buttons, cancel)),)
        if slot is Slot.PLACE:
            key = "ask_place_again" if draft.place_asked_again else "ask_place"
            text = self._text(key) + share
            return (Reply(text, (*buttons, cancel), request=Request.LOCATION),)
        if slot is Slot.EDIT:
            return self.ask_edit()
        if slot in (Slot.CATEGORY, Slot.CONTACT):
            return self.ask_anew(slot)
        return (self._summary(draft, similar),)

    def forwarded(self, rejected: str) -> tuple[Reply, ...]:
        """Whether what somebody else wrote shall be raised."""
        lead = self._text("file_rejected", reason=rejected) + "\n\n" if rejected else ""
        buttons = (
            self._button("forward_yes", "proposal:resume"),
            self._button("forward_no", "cancel:form"),
        )
        return (Reply(lead + self._text("forwarded"), buttons),)

    def received(self, message: Message, draft: ProposalForm) -> str:
        """What to say first about files that came by themselves to a draft with words."""
        if message.text or not message.attachments or not draft.description:
            return ""
        return self._text("voice_kept" if is_voice(draft) else "photo_added")

    def ask_edit(self) -> tuple[Reply, ...]:
        """Which part is to be changed."""
        buttons = tuple(
            self._button(slot.value, f"proposal:edit_slot:{slot.value}") for slot in EDITABLE
        )
        return (Reply(self._text("ask_edit"), buttons),)

    def ask_anew(self, slot: Slot) -> tuple[Reply, ...]:
        """The question for one part, to replace it."""
        if slot is not Slot.CATEGORY:
            request = {Slot.PLACE: Request.LOCATION, Slot.CONTACT: Request.PHONE}.get(slot)
            return (Reply(self._text(f"ask_new_{slot.value}"), request=request),)
        slugs = [key for key in self._responses.all_keys() if key.startswith("category.")]
        buttons = tuple(
            Button(
                self._responses.text(key, self._traditional), f"proposal:{key.replace('.', ':')}"
            )
            for key in slugs
        )
        return (Reply(self._text("ask_category"), buttons),)

    def another(self, draft: ProposalForm) -> tuple[Reply, ...]:
        """A second matter before the first was confirmed: finish this one first."""
        hint = Reply(self._text("another_matter"), (self._button("same", "proposal:same"),))
        return (hint, self._summary(draft))

    def created(self, proposal: Proposal, limits: Limits) -> Reply:
        """The receipt, with the code and when to expect something."""
        deadline = self._text(
            f"deadline_{proposal.urgency.value}",
            response=self._span(limits.response),
            resolution=self._span(limits.resolution),
        )
        text = self._text("created", code=proposal.code, deadline=deadline)
        label = self._responses.text("status.buttons.show", self._traditional, code=proposal.code)
        return Reply(text, (Button(label, f"status:{proposal.code}"),))

    def _similar(self, found: Sequence[Similar]) -> tuple[str, list[Button]]:
        lines, buttons = [self._text("similar")], []
        for number, each in enumerate(found, 1):
            proposal = each.proposal
            stage = self._responses.text(f"stage.{proposal.stage.value}", self._traditional)
            lines.append(
                self._text(
                    "similar_line",
                    number=number,
                    title=mask_contacts(proposal.title),
                    place=mask_contacts(proposal.place),
                    stage=stage,
                )
            )
            label = self._text("buttons.support", number=number)
            buttons.append(Button(label, f"proposal:support:{proposal.code}"))
        lines.append(self._text("similar_else"))
        return "\n".join(lines), buttons

    def _photo_location(self, draft: ProposalForm) -> tuple[str, tuple[Button, ...]]:
        """The offer to share where a photo was taken: a line to add, and the button."""
        if draft.photo_location is None:
            return "", ()
        button = self._button("photo_location", "proposal:photo_location")
        return "\n" + self._text("photo_location"), (button,)

    def _place(self, draft: ProposalForm) -> str:
        if draft.latitude is None:
            return draft.place
        if not draft.place:
            return f"{draft.latitude:.5f}, {draft.longitude:.5f}"
        return self._text("place_on_map", place=draft.place)

    def _summary(self, draft: ProposalForm, similar: Sequence[Similar] = ()) -> Reply:
        count = len(draft.attachments)
        text = self._text(
            "summary",
            description=draft.description,
            place=self._place(draft),
            category=self._category(draft),
            contact=as_people_write(draft.contact_phone) or self._text("contact_none"),
            photos=self._text("photos", count=count) if count else "",
        )
        share, share_buttons = self._photo_location(draft)
        asks_contact = not draft.contact_settled
        parts = [text + share, self._text("ask_contact")] if asks_contact else [text + share]
        parts.append(self._text("ask_confirm"))
        alike, buttons = self._similar(similar) if similar else ("", [])
        buttons.append(self._button("confirm", "proposal:confirm"))
        buttons += [
            Button(self._label(slug), f"proposal:category:{slug}")
            for slug in draft.category_options
        ]
        if asks_contact:
            buttons.append(self._button("no_contact", "proposal:no_contact"))
        buttons += [
            *share_buttons,
            self._button("edit", "proposal:edit"),
            self._button("cancel", "cancel:form"),
        ]
        request = Request.PHONE if asks_contact else None
        return Reply(
            "\n\n".join(part for part in (alike, parts[0], "\n".join(parts[1:])) if part),
            tuple(buttons),
            replaces=SUMMARY_KEY,
            key=SUMMARY_KEY,
            request=request,
        )

    def _category(self, draft: ProposalForm) -> str:
        label = self._label(draft.category or "other")
        return self._text("category_unsure", category=label) if draft.category_options else label

    def _label(self, slug: str) -> str:
        return self._responses.text(f"category.{slug}", self._traditional)

    def _span(self, span: Span) -> str:
        return self._text(f"span.{span.unit}", amount=span.amount)

    def _button(self, name: str, button_id: str) -> Button:
        return Button(self._text(f"buttons.{name}"), button_id)

    def _text(self, key: str, **slots: object) -> str:
        return self._responses.text(f"proposal.{key}", self._traditional, **slots)
