"""Policy questions: quote, cite, say what is uncertain; say so when nothing answers."""

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.actions.action import Outcome, Turn
from bot.actions.knowledge import Knowledge
from bot.conversation import AnswerShown, Conversation
from bot.messages import Button, Reply
from bot.responses import Quoted, Responses
from bot.storage.database import UnitOfWork
from index.reader import Answer, Quote
from index.responsibility_finder import ResponsibilityAnswer
from index.retriever import Passage
from knowledge.document import Document, Status

NEARBY = 3
SHORT = 8
"""Characters below which a quotation does not stand alone."""

ORIGINAL_LIMIT = 1500
MORE_PASSAGES = 3
MARKS = re.compile(
    r"^(?:#{1,6}\s|\d{1,2}[.．、]|[（(]?[一二三四五六七八九十]{1,3}[）)、]|[①-⑳])\s*|\s*#{1,6}\s*$"
)
FEEDBACK = ("helpful", "unhelpful")
ASKS_ORIGINAL = re.compile(r"原文|全文")
ASKS_MORE = re.compile(r"还有|其他|别的")
ASKS_WHO = re.compile(r"责任单位|牵头|负责|谁管|时限|期限|什么时候")


@dataclass(frozen=True)
class Looked:
    """What retrieval gave for one question; `document` is the one last cited, for follow-ups."""

    passages: list[Passage]
    answer: Answer | None = None
    responsibility: ResponsibilityAnswer | None = None
    document: Document | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is something to quote."""
        return self.responsibility is not None or (self.answer is not None and self.answer.found)


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
        topic = turn.argument.split(":", 1)[0]
        if topic in FEEDBACK or not (turn.text or state.answer):
            return None
        if topic in ("follow", "original", "near"):
            return self._follow(turn, state)
        question = turn.text.removeprefix("/policy").strip()
        return self._look_up(question, turn) if question else None

    def act(
        self, turn: Turn, prepared: Looked | None, state: Conversation, work: UnitOfWork
    ) -> Outcome:
        """Reply with quotes and their source, the original, or what is nearest."""
        topic, _, number = turn.argument.partition(":")
        if topic in FEEDBACK:
            work.questions.give_feedback(int(number or 0), topic)
            return Outcome(state, (self._say(f"policy.{topic}", state),))
        if prepared is None:
            key = "policy.original_none" if topic == "original" else "unknown.empty"
            return Outcome(state, (self._say(key, state),))
        if topic == "original" or (topic == "follow" and ASKS_ORIGINAL.search(turn.text)):
            return Outcome(state, (self._original(prepared.document, state),), found=True)
        if topic == "follow" and ASKS_MORE.search(turn.text):
            return self._more(prepared, state)
        return self._answer(turn, prepared, state)

    def _look_up(self, question: str, turn: Turn) -> Looked:
        reading = self._knowledge.reading()
        responsibility = (
            None if turn.scope.only else reading.responsibilities.find(question, turn.vector)
        )
        scope = turn.scope
        passages = reading.retriever.search(
            question, limit=scope.limit, vector=turn.vector, only=scope.only or None
        )
        answer = reading.reader.read(question, passages, turn.vector)
        return Looked(passages, answer, responsibility)

    def _follow(self, turn: Turn, state: Conversation) -> Looked | None:
        shown = state.answer
        if shown is None:
            return None
        reading = self._knowledge.reading()
        document = reading.documents.get(shown.document_id)
        if turn.argument.startswith("near:"):
            return self._look_up(turn.argument.removeprefix("near:"), turn)
        if document is None or turn.argument == "original" or ASKS_ORIGINAL.search(turn.text):
            return Looked([], document=document)
        if ASKS_WHO.search(turn.text):
            at = reading.responsibilities.at(document, shown.start, shown.end)
            if at is not None:
                return Looked([], responsibility=at, document=document)
        if ASKS_MORE.search(turn.text):
            return Looked(reading.retriever.search(shown.question, limit=10), document=document)
        whole = f"{shown.question} {turn.text}"  # 那一楼的住户呢 says only what is different
        return self._look_up(whole, replace(turn, vector=None))

    def _answer(self, turn: Turn, looked: Looked, state: Conversation) -> Outcome:
        if looked.responsibility is not None:
            return self._responsibility(turn, looked.responsibility, state)
        answer = looked.answer
        if answer is None or not answer.found:
            return self._unknown(looked, state)
        first = answer.quotes[0]
        quoted = [
            self._responses.text("policy.quote", state.traditional, quote=Quoted(readable(quote)))
            for quote in answer.quotes
        ]
        text = self._responses.text(
            "policy.answer",
            state.traditional,
            quotes="\n\n".join(quoted),
            citation=self._citation(first, state),
        )
        notes = self._notes(first.document, answer.has_gap, state)
        shown = shown_now(turn, first, state)
        reply = Reply("\n".join([text, *notes]), self._buttons(turn, state))
        plain = "\n".join(standing_alone(quote) for quote in answer.quotes)
        state = replace(state, answer=shown, question=turn.text)
        return Outcome(state, (reply,), True, first.document.id, plain)

    def _responsibility(
        self, turn: Turn, found: ResponsibilityAnswer, state: Conversation
    ) -> Outcome:
        responses, traditional = self._responses, state.traditional
        first = found.quotes[0]
        if found.unit:
            lines = [responses.text("policy.tasks_head", traditional, unit=found.unit)]
            lines += [
                responses.text(
                    "policy.task_line",
                    traditional,
                    number=number,
                    task=Quoted(item.task),
                    role=responses.text(
                        "policy.role_lead" if found.unit in item.lead else "policy.role_responsible"
                    ),
                )
                for number, item in enumerate(found.items, 1)
            ]
        else:
            lines = self._units(found, traditional)
        citation = self._citation(first, state)
        text = responses.text(
            "policy.responsibility", traditional, lines="\n".join(lines), citation=citation
        )
        shown = shown_now(turn, first, state)
        notes = self._notes(first.document, False, state)
        reply = Reply("\n".join([text, *notes]), self._buttons(turn, state))
        document_id = first.document.id
        return Outcome(replace(state, answer=shown), (reply,), True, document_id, "\n".join(lines))

    def _units(self, found: ResponsibilityAnswer, traditional: bool) -> list[str]:
        text, lines = self._responses.text, []
        for item in found.items:
            lines.append(text("policy.task", traditional, task=Quoted(item.task)))
            if item.lead:
                lines.append(text("policy.lead", traditional, units="、".join(item.lead)))
            if item.responsible:
                units = "、".join(item.responsible)
                lines.append(text("policy.responsible", traditional, units=units))
            if item.deadline:
                lines.append(text("policy.deadline", traditional, deadline=item.deadline))
        return lines

    def _unknown(self, looked: Looked, state: Conversation) -> Outcome:
        replies = [self._say("policy.unknown", state, hotline=self._hotline)]
        titles = list(dict.fromkeys(passage.document.title for passage in looked.passages))
        if titles:
            buttons = tuple(
                Button(title if len(title) <= 24 else title[:23] + "…", f"policy:near:{number}")
                for number, title in enumerate(titles[:NEARBY])
            )
            replies.append(Reply(self._responses.text("policy.nearby", state.traditional), buttons))
        return Outcome(state, tuple(replies), found=False)

    def _more(self, looked: Looked, state: Conversation) -> Outcome:
        shown = state.answer or AnswerShown("")
        fresh = [p for p in looked.passages if p.chunk.start != shown.start][shown.shown :]
        fresh = fresh[:MORE_PASSAGES]
        if not fresh:
            return Outcome(state, (self._say("policy.more_none", state),), found=False)
        parts = [self._responses.text("policy.more", state.traditional)]
        for passage in fresh:
            text = passage.chunk.text.strip()
            quote = text if len(text) <= 160 else text[:159] + "…"
            title = self._responses.text(
                "policy.citation",
                state.traditional,
                title=Quoted(passage.document.title),
                details="",
            )
            parts.append(f"{title}\n{quote}")
        state = replace(state, answer=replace(shown, shown=shown.shown + len(fresh)))
        return Outcome(state, (Reply("\n\n".join(parts)),), found=True)

    def _original(self, document: Document | None, state: Conversation) -> Reply:
        shown = state.answer
        if document is None or shown is None:
            return self._say("policy.original_none", state)
        around = [s for s in document.sections if s.start <= shown.start and shown.end <= s.end]
        section = min(around, key=lambda s: s.end - s.start, default=None)
        start = max(shown.start - 200, 0) if section is None else section.start
        end = min(len(document.text), start + ORIGINAL_LIMIT)
        end = end if section is None else min(section.end, max(end, shown.end))
        return self._say(
            "policy.original",
            state,
            title=Quoted(document.title),
            section=f"（{section.path[-1]}）" if section and section.path else "",
            text=Quoted(document.text[start:end].strip()),
        )

    def _citation(self, quote: Quote, state: Conversation) -> str:
        document = quote.document
        issued = chinese_date(document.issued_on)
        known = [document.issuer, document.document_number, issued]
        section = " › ".join(quote.path)
        details = "，".join(part for part in known if part)
        text = self._responses.text(
            "policy.citation",
            state.traditional,
            title=Quoted(document.title),
            details=Quoted(f"（{details}）" if details else ""),
        )
        if section:
            text += self._responses.text("policy.section", state.traditional, section=section)
        return text

    def _notes(self, document: Document, has_gap: bool, state: Conversation) -> list[str]:
        keys = []
        if document.status is not Status.IN_FORCE:
            keys.append(f"policy.{document.status.value}")
        if has_gap:
            keys.append("policy.gap")
        notes = [self._responses.text(key, state.traditional) for key in keys]
        if document.region and document.region not in ("全国", self._region):
            notes.append(
                self._responses.text("policy.elsewhere", state.traditional, region=document.region)
            )
        return notes

    def _buttons(self, turn: Turn, state: Conversation) -> tuple[Button, ...]:
        ids = (
            ("helpful", f"policy:helpful:{turn.question_id}"),
            ("unhelpful", f"policy:unhelpful:{turn.question_id}"),
            ("original", "policy:original"),
            ("propose", "proposal:about_answer"),
        )
        return tuple(
            Button(self._responses.text(f"policy.buttons.{name}", state.traditional), button_id)
            for name, button_id in ids
        )

    def _say(self, key: str, state: Conversation, **slots: object) -> Reply:
        return Reply(self._responses.text(key, state.traditional, **slots))


def shown_now(turn: Turn, first: Quote, state: Conversation) -> AnswerShown:
    """The answer for later turns to refer to; a follow-up leaves the question what it was."""
    follows = state.answer if turn.argument == "follow" else None
    question = follows.question if follows else turn.text
    return AnswerShown(question, turn.question_id, first.document.id, first.start, first.end)


def readable(quote: Quote) -> str:
    """The whole sentences of a quote, without list number and heading marks around them."""
    return MARKS.sub("", quote.context.strip())


def standing_alone(quote: Quote) -> str:
    """The clause that answers; its whole sentence where a clause is too short to stand alone."""
    return quote.text if len(quote.text) >= SHORT else readable(quote)


def chinese_date(iso: str) -> str:
    """2023-02-28 as 2023年2月28日; empty where there is none."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"
