from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import AnswerShown, Choice, Conversation, ProposalForm, Slot
from bot.storage.records import StoredFile


def test_state_survives_storage() -> None:
    state = Conversation(
        draft=ProposalForm(
            description="路灯坏了",
            attachments=(StoredFile("attachments/a.jpg", "0", "image/jpeg", 3),),
        ),
        expecting=Slot.PLACE,
        choice=Choice("漏水", ("submit_proposal", "lookup_service")),
        answer=AnswerShown("装电梯要多少户同意", 3, "lift", 10, 20),
        traditional=True,
    )
    assert Conversation.from_json(state.to_json()) == state


def test_a_new_conversation_is_small() -> None:
    assert Conversation().to_json() == "{}"


@given(st.text())
def test_unreadable_state_starts_afresh(stored: str) -> None:
    assert isinstance(Conversation.from_json(stored), Conversation)


def test_missing_slots_in_order() -> None:
    assert ProposalForm().missing is Slot.DESCRIPTION
    assert ProposalForm(description="井盖没了").missing is Slot.PLACE
    assert ProposalForm(description="井盖没了", latitude=30.0).missing is None
