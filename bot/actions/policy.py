"""Policy questions: quote, cite, say what is uncertain; say so when nothing answers."""

import re
from dataclasses import replace
from typing import TypeGuard

from bot.actions.action import Outcome, Turn
from bot.actions.knowledge import Knowledge
from bot.actions.policy_lookup import Looked, follow, look_up, nearest
from bot.actions.policy_replies import PolicyReplies, standing_alone
from bot.clock import local
from bot.conversation import AnswerShown, Conversation, Place
from bot.follow_up import Ask, FollowUp
from bot.messages import Reply
from bot.responses import Quoted, Responses
from bot.storage.database import UnitOfWork
from index.reader import Answer, Quote
from index.responsibility_finder import ResponsibilityAnswer
from knowledge.excerpt import Excerpt

NEARBY = 3
NEARBY_LEAST = 2.5
"""A topic is offered from this many standard deviations above chance on (see `Signals.nearest`):
what only happens to be the nearest would look as if the question had not been read."""
MORE_PASSAGES = 3
TASKS_AT_ONCE = 8
TIME = re.compile(
    r"[\d一二三四五六七八九十两半几](?:个)?(?:年|月|日|天|周|星期|小时|分钟|点|季度|工作日)|当[天日]|年[内底]|长期"
)
FEEDBACK = ("helpful", "unhelpful")


class PolicyAction:
    """Answers from the knowledge base, and follows up on the last answer."""

    def __init__(
        self, responses: Responses, knowledge: Knowledge, hotline: str, region: str = ""
    ) -> None:
        self._responses = responses
        self._knowledge = knowledge
        self._hotline = hotline
        self._region = region

    def prepare(self, turn: Turn, state: Conversation) -> Looked | None:
        """Retrieve and read, unless the message is feedback on an answer."""
        verb, _, value = turn.argument.partition(":")
        if verb in FEEDBACK:
            return None
        asks = follow_up_of(turn)
        if asks is None and verb != "near":
            question = turn.text.removeprefix("/policy").strip()
            return look_up(self._knowledge.reading(), question, turn) if question else None
        if state.answer is None:
            return None
        number = int(value) if verb == "near" else asks.number - 1 if asks else 0
        if verb == "near" or (asks and asks.ask is Ask.ITEM and state.answer.nearby):
            return nearest(self._knowledge.reading(), state.answer, number)
        return follow(self._knowledge.reading(), state.answer, asks, turn) if asks else None

    def act(
        self, turn: Turn, prepared: Looked | None, state: Conversation, work: UnitOfWork
    ) -> Outcome:
        """Reply with quotes and their source, the original, or what is nearest."""
        verb, _, value = turn.argument.partition(":")
        today = local(work.now, work.time_zone).date()
        words = PolicyReplies(self._responses, state.traditional, self._region, today)
        if verb in FEEDBACK:
            work.questions.give_feedback(int(value or 0), verb)
            return Outcome(state, (words.say(f"policy.{verb}"),))
        asks = follow_up_of(turn)
        if verb == "near" or (asks is not None and asks.ask is not Ask.CASE):
            return self._followed(turn, asks, prepared, state, words)
        if prepared is None:
            return Outcome(state, (words.say("unknown.empty"),))
        if prepared.responsibility is not None:
            outcome = self._responsible(turn, prepared.responsibility, state, words)
        else:
            outcome = self._answer(turn, prepared, state, words)
        in_full = f"{state.answer.question} {turn.text}" if asks and state.answer else ""
        return replace(outcome, question=in_full)

    # -- replies

    def _answer(
        self, turn: Turn, looked: Looked, state: Conversation, words: PolicyReplies
    ) -> Outcome:
        answer = looked.answer
        if answer is None or not answer.found:
            return self._unknown(turn, looked, state, words)
        first = answer.quotes[0]
        shown = shown_now(turn, first, state)
        text = "\n".join(standing_alone(quote) for quote in answer.quotes)
        state = replace(state, answer=shown, question=turn.text)
        reply = Reply(words.answer(answer), words.buttons(turn.question_id))
        return Outcome(state, (reply,), True, first.document.id, text)

    def _responsible(
        self, turn: Turn, found: ResponsibilityAnswer, state: Conversation, words: PolicyReplies
    ) -> Outcome:
        first = found.quotes[0]
        shown = shown_now(turn, first, state)
        text = words.tasks(found, 0, TASKS_AT_ONCE) if found.unit else words.units(found)
        if found.unit or len(found.quotes) > 1:
            places = tuple(Place(q.document.id, q.start, q.end) for q in found.quotes)
            count = TASKS_AT_ONCE if found.unit else len(places)
            shown = replace(shown, listed=places, shown=count, unit=found.unit)
        reply = Reply(text, words.buttons(turn.question_id))
        state = replace(state, answer=shown, question=turn.text)
        return Outcome(state, (reply,), True, first.document.id, text)

    def _unknown(
        self, turn: Turn, looked: Looked, state: Conversation, words: PolicyReplies
    ) -> Outcome:
        replies = [words.say("policy.unknown", hotline=self._hotline)]
        offered = (one for one in looked.passages if one.signals.nearest >= NEARBY_LEAST)
        near = {passage.document.id: passage.document for passage in offered}
        documents = list(near.values())[:NEARBY]
        if documents:
            replies.append(words.nearby(documents))
        ids = tuple(document.id for document in documents)
        shown = AnswerShown(turn.text, turn.question_id, nearby=ids)
        return Outcome(replace(state, answer=shown), tuple(replies), found=False)

    def _followed(
        self,
        turn: Turn,
        asks: FollowUp | None,
        looked: Looked | None,
        state: Conversation,
        words: PolicyReplies,
    ) -> Outcome:
        """What is said of the last answer: about a stretch of a document, or that there is none."""
        shown = state.answer
        if shown is None or looked is None or not looked.stretches:
            key = "policy.no_item" if asks and asks.ask is Ask.ITEM else "policy.original_none"
            key = "policy.more_none" if asks and asks.ask is Ask.MORE and shown else key
            return Outcome(state, (words.say(key),), True)
        in_full = f"{shown.question} {turn.text}".strip()
        if asks and asks.ask is Ask.MORE:
            return replace(self._more(looked, shown, state, words), question=in_full)
        stretch = looked.stretches[0]
        if asks and asks.ask is Ask.ORIGINAL:
            reply = Reply(words.original(stretch))
            return Outcome(state, (reply,), True, stretch.document.id, question=in_full)
        if asks is None or shown.nearby:
            excerpt = Excerpt(stretch.start, stretch.end, stretch.path)
            text = words.excerpt("policy.near", stretch.document, excerpt)
        elif looked.responsibility is not None:
            text = words.units(looked.responsibility)
        elif looked.item is not None:
            text = words.excerpt("policy.item", stretch.document, looked.item)
        elif asks.ask is Ask.DUE and tells_time(looked.answer):
            text = words.answer(looked.answer)
        else:
            key = "policy.no_due" if asks.ask is Ask.DUE else "policy.no_units"
            title = Quoted(stretch.document.title)
            reply = words.say(key, title=title, hotline=self._hotline)
            return Outcome(state, (reply,), False, question=in_full)
        document_id = stretch.document.id
        moved = replace(
            shown, document_id=document_id, start=stretch.start, end=stretch.end, nearby=()
        )
        question_id = turn.question_id or shown.question_id
        reply = Reply(text, words.buttons(question_id))
        state = replace(state, answer=moved)
        return Outcome(state, (reply,), True, document_id, text, question=in_full)

    def _more(
        self, looked: Looked, shown: AnswerShown, state: Conversation, words: PolicyReplies
    ) -> Outcome:
        """The next of a list; after an answer, a list of what else is near."""
        first = shown.shown if shown.listed else 0
        count = TASKS_AT_ONCE if shown.unit else MORE_PASSAGES
        fresh = looked.stretches[first : first + count]
        if not fresh:
            return Outcome(state, (words.say("policy.more_none"),), True)
        if looked.responsibility is not None:
            text = words.tasks(looked.responsibility, first, count)
        else:
            text = words.more(fresh, first)
        places = tuple(stretch.place for stretch in looked.stretches)
        moved = replace(shown, listed=places, shown=first + len(fresh))
        return Outcome(replace(state, answer=moved), (Reply(text),), True, shown.document_id, text)


def shown_now(turn: Turn, first: Quote, state: Conversation) -> AnswerShown:
    """The answer for later turns to refer to; a follow-up leaves the question what it was."""
    follows = state.answer if follow_up_of(turn) else None
    question = follows.question if follows else turn.text
    return AnswerShown(question, turn.question_id, first.document.id, first.start, first.end)


def tells_time(answer: Answer | None) -> TypeGuard[Answer]:
    """Whether an answer was found that names a day or a period."""
    return answer is not None and answer.found and bool(TIME.search(answer.text))


def follow_up_of(turn: Turn) -> FollowUp | None:
    """The follow-up that a route names: `follow:item:2`, or the button `original`."""
    verb, _, value = turn.argument.partition(":")
    if verb == "original":
        return FollowUp(Ask.ORIGINAL)
    if verb != "follow":
        return None
    ask, _, number = value.partition(":")
    return FollowUp(Ask(ask), int(number or 0))
