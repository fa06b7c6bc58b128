"""How policy answers are worded: quotes with their source, who is responsible, the original."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from bot.actions.policy_lookup import Stretch
from bot.messages import Button, Reply
from bot.responses import Quoted, Responses
from index.reader import Answer, Quote
from index.responsibility_finder import ResponsibilityAnswer, is_unit
from knowledge.document import Document, Responsibility, Status
from knowledge.excerpt import Excerpt, around

SHORT = 8
"""Characters below which a quotation does not stand alone."""

ORIGINAL_LIMIT = 1500
TASK_LENGTH = 70
QUOTE_LENGTH = 160
LABEL_LENGTH = 24
MARKS = re.compile(
    r"^(?:#{1,6}[ \t]+|\d{1,2}[.．、](?!\d)|[（(]?[一二三四五六七八九十]{1,3}[）)、]|[①-⑳])[ \t]*"
    r"|[ \t]*#{1,6}[ \t]*$",
    re.MULTILINE,
)
HEADING_MARKS = re.compile(r"^[ \t]*#{1,6}[ \t]+", re.MULTILINE)


@dataclass(frozen=True)
class PolicyReplies:
    """Words replies in one script; `region` is where people live, `today` decides what expired."""

    responses: Responses
    traditional: bool
    region: str
    today: date

    def answer(self, answer: Answer) -> str:
        """The quotes, their source, and what to be careful about."""
        first = answer.quotes[0]
        quotes = [self._quoted(readable(quote)) for quote in answer.quotes]
        citation = self.citation(first.document, first.path)
        text = self._text("policy.answer", quotes="\n\n".join(quotes), citation=citation)
        return "\n".join([text, *self.notes(first.document, answer.has_gap)])

    def units(self, found: ResponsibilityAnswer) -> str:
        """Who leads and who is responsible for each task, each document with its source."""
        parts = []
        stated = zip(found.items, found.quotes, strict=True)
        for document, group in groupby(stated, lambda pair: pair[1].document):
            pairs = list(group)
            lines = [line for item, _ in pairs for line in self._units_of(item)]
            citation = self.citation(document, pairs[0][1].path)
            text = self._text("policy.responsibility", lines="\n".join(lines), citation=citation)
            parts.append("\n".join([text, *self.notes(document)]))
        return "\n\n".join(parts)

    def tasks(self, found: ResponsibilityAnswer, first: int, count: int) -> str:
        """The tasks of a unit from the `first` (from 0), numbered, under the documents' names."""
        total = len(found.items)
        parts = [self._text("policy.tasks_head", unit=found.unit, count=total)] if not first else []
        shown = range(first, min(total, first + count))
        notes = {at: self.notes(found.quotes[at].document) for at in shown}
        alike = all(each == notes[first] for each in notes.values())
        for document, group in groupby(shown, lambda at: found.quotes[at].document):
            numbers = list(group)
            lines = [self._task_line(found.items[at], found.unit, at + 1) for at in numbers]
            of_this = [] if alike else notes[numbers[0]]
            parts.append("\n".join([self.citation(document), *lines, *of_this]))
        if alike and notes[first]:
            parts.append("\n".join(notes[first]))
        if left := total - (first + len(shown)):
            parts.append(self._text("policy.tasks_more", count=left))
        return "\n\n".join([*parts, self._text("policy.tasks_item")])

    def more(self, stretches: Sequence[Stretch], first: int) -> str:
        """Further passages, numbered from `first` (from 0), each with its source."""
        parts = [self._text("policy.more")]
        for number, stretch in enumerate(stretches, first + 1):
            quote = shortened(without_heading(stretch), QUOTE_LENGTH)
            citation = self.citation(stretch.document, stretch.path)
            parts.append(
                self._text("policy.more_item", number=number, quote=Quoted(quote), source=citation)
            )
        return "\n\n".join(parts)

    def original(self, stretch: Stretch) -> str:
        """The part of the document that a quote stands in, word for word."""
        excerpt = around(stretch.document, stretch.start, stretch.end, ORIGINAL_LIMIT)
        return self.excerpt("policy.original", stretch.document, excerpt)

    def excerpt(self, key: str, document: Document, excerpt: Excerpt) -> str:
        """A stretch of a document in full, with its source."""
        stretch = Stretch(document, excerpt.start, excerpt.end, excerpt.path)
        citation = self.citation(document, excerpt.path)
        text = self._text(key, text=Quoted(plain(stretch)), citation=citation)
        gaps = [gap for gap in document.gaps if excerpt.start <= gap.position <= excerpt.end]
        return "\n".join([text, *self.notes(document, bool(gaps))])

    def nearby(self, documents: Sequence[Document]) -> Reply:
        """The topics that are nearest to a question that nothing answers, as buttons."""
        labels = [shortened(document.title, LABEL_LENGTH) for document in documents]
        buttons = (Button(label, f"policy:near:{at}") for at, label in enumerate(labels))
        titles = [
            self._text("policy.nearby_line", number=number, title=Quoted(document.title))
            for number, document in enumerate(documents, 1)
        ]
        return Reply(self._text("policy.nearby", titles="\n".join(titles)), tuple(buttons))

    def say(self, key: str, **slots: object) -> Reply:
        """A reply that is one text."""
        return Reply(self._text(key, **slots))

    def buttons(self, question_id: int) -> tuple[Button, ...]:
        """What can be said to an answer."""
        ids = (
            ("helpful", f"policy:helpful:{question_id}"),
            ("unhelpful", f"policy:unhelpful:{question_id}"),
            ("original", "policy:original"),
            ("propose", "proposal:about_answer"),
        )
        return tuple(Button(self._text(f"policy.buttons.{name}"), id_) for name, id_ in ids)

    def citation(self, document: Document, path: Sequence[str] = ()) -> str:
        """Title, issuer, number, date and section of what is quoted."""
        issued = chinese_date(document.issued_on)
        known = [document.issuer, document.document_number, issued]
        details = "，".join(part for part in known if part)
        text = self._text(
            "policy.citation",
            title=Quoted(document.title),
            details=Quoted(f"（{details}）" if details else ""),
        )
        if path:
            text += self._text("policy.section", section=Quoted(" › ".join(path)))
        return text

    def notes(self, document: Document, has_gap: bool = False) -> list[str]:
        """What a reader has to know: expired, superseded, cut off, another place's rule."""
        notes = []
        status = document.status_on(self.today)
        if status is Status.EXPIRED and document.expires_on:
            until = chinese_date(document.expires_on)
            notes.append(self._text("policy.expired_on", date=until))
        elif status is Status.SUPERSEDED and document.superseded_by:
            name = Quoted(document.superseded_by.strip("《》"))
            notes.append(self._text("policy.superseded_by", title=name))
        elif status is not Status.IN_FORCE:
            notes.append(self._text(f"policy.{status.value}"))
        if has_gap:
            notes.append(self._text("policy.gap"))
        if document.region and document.region not in ("全国", self.region):
            notes.append(self._text("policy.elsewhere", region=document.region))
        return notes

    def _units_of(self, item: Responsibility) -> list[str]:
        task = MARKS.sub("", item.task.strip())
        lines = [self._text("policy.task", task=Quoted(task))]
        if item.lead:
            lines.append(self._text("policy.lead", units="、".join(item.lead)))
        if item.responsible:
            lines.append(self._text("policy.responsible", units="、".join(item.responsible)))
        if item.deadline:
            lines.append(self._text("policy.deadline", deadline=Quoted(item.deadline)))
        return lines

    def _task_line(self, item: Responsibility, unit: str, number: int) -> str:
        leads = any(is_unit(name, unit) for name in item.lead)
        task = shortened(MARKS.sub("", item.task.strip()), TASK_LENGTH)
        return self._text(
            "policy.task_line",
            number=number,
            task=Quoted(task),
            role=self._text("policy.role_lead" if leads else "policy.role_responsible"),
        )

    def _quoted(self, text: str) -> str:
        """A text in quotation marks, of another kind than those that stand in it."""
        key = "policy.quote_of_quotes" if "“" in text else "policy.quote"
        return self._text(key, quote=Quoted(text))

    def _text(self, key: str, **slots: object) -> str:
        return self.responses.text(key, self.traditional, **slots)


def readable(quote: Quote) -> str:
    """The whole sentences of a quote, without list numbers and heading marks."""
    return MARKS.sub("", quote.context.strip())


def standing_alone(quote: Quote) -> str:
    """The clause that answers; its whole sentence where a clause is too short to stand alone."""
    return quote.text if len(quote.text) >= SHORT else readable(quote)


def plain(stretch: Stretch) -> str:
    """The words of a stretch, without the marks of Markdown headings."""
    text = stretch.document.text[stretch.start : stretch.end]
    return HEADING_MARKS.sub("", text.strip())


def without_heading(stretch: Stretch) -> str:
    """The words of a stretch without the line that is its section's heading."""
    first, _, rest = plain(stretch).partition("\n")
    heading = stretch.path[-1] if stretch.path else ""
    return rest.strip() if rest.strip() and first.strip() == heading else plain(stretch)


def shortened(text: str, limit: int) -> str:
    """The text in one piece; cut behind a clause where one ends, with … where it goes on."""
    if len(text) <= limit:
        return text
    cut = max(text.rfind(mark, limit // 2, limit - 1) + 1 for mark in "。；，、 \n")
    return text[: cut or limit - 1].rstrip("。；，、 \n") + "…"


def chinese_date(iso: str) -> str:
    """2023-02-28 as 2023年2月28日; empty where there is none."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"
