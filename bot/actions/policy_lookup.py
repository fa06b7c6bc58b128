"""What a policy question or a follow-up finds, outside of any transaction."""

from dataclasses import dataclass, replace

from bot.actions.action import Turn
from bot.actions.knowledge import Reading
from bot.conversation import AnswerShown, Place
from bot.follow_up import Ask, FollowUp
from index.confidence import content_words
from index.lexical import normalise
from index.reader import Answer
from index.responsibility_finder import ResponsibilityAnswer
from index.retriever import Passage
from knowledge.document import Document
from knowledge.excerpt import Excerpt, numbered

MORE_LIMIT = 12


@dataclass(frozen=True)
class Stretch:
    """A stretch of a document, under a heading path."""

    document: Document
    start: int
    end: int
    path: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """The same as a conversation remembers it."""
        return Place(self.document.id, self.start, self.end)

    @classmethod
    def of(cls, passage: Passage) -> "Stretch":
        """The passage itself."""
        chunk = passage.chunk
        return cls(passage.document, chunk.start, chunk.end, chunk.path)


@dataclass(frozen=True)
class Looked:
    """What was found for one message.

    `stretches` are the parts of documents that a follow-up is about: those of a list, the item
    that was named, or the last quote; `item` is the item to be shown in full.
    """

    passages: list[Passage]
    answer: Answer | None = None
    responsibility: ResponsibilityAnswer | None = None
    stretches: tuple[Stretch, ...] = ()
    item: Excerpt | None = None

    @property
    def is_answered(self) -> bool:
        """Whether there is something to quote."""
        return self.responsibility is not None or (self.answer is not None and self.answer.found)


NOTHING = Looked([])


def look_up(reading: Reading, question: str, turn: Turn) -> Looked:
    """Passages, the answer in them, and who is responsible where that is asked."""
    scope = turn.scope
    responsibility = None if scope.only else reading.responsibilities.find(question, turn.vector)
    passages = reading.retriever.search(
        question, limit=scope.limit, vector=turn.vector, only=scope.only or None
    )
    return Looked(passages, reading.reader.read(question, passages, turn.vector), responsibility)


def follow(reading: Reading, shown: AnswerShown, asks: FollowUp, turn: Turn) -> Looked:
    """What is asked of the answer that was shown last; nothing where it has none of that."""
    if asks.ask is Ask.ITEM:
        return _item(reading, shown, asks.number)
    if asks.ask is Ask.CASE:
        whole = f"{shown.question} {turn.text}"  # 那一楼的住户呢 says only what is different
        looked = look_up(reading, whole, replace(turn, vector=None))
        if looked.is_answered and _treats(looked, turn.text):
            return looked
        return _same_document(reading, shown, turn) or looked
    document = reading.documents.get(shown.document_id)
    if document is None:
        return NOTHING
    last = Stretch(document, shown.start, shown.end)
    if asks.ask is Ask.MORE:
        return _further(reading, shown)
    if asks.ask is Ask.ORIGINAL:
        return Looked([], stretches=(last,))
    at = reading.responsibilities.at(document, shown.start, shown.end)
    if at is not None and (asks.ask is Ask.UNITS or at.items[0].deadline):
        return Looked([], responsibility=at, stretches=(last,))
    question = f"{shown.question} {turn.text}"
    passages = reading.retriever.search(question, limit=1, only={document.id})
    return Looked(passages, reading.reader.read(question, passages), None, (last,))


def _treats(looked: Looked, case: str) -> bool:
    """Whether the quotes name the other case that was asked about."""
    words = content_words(normalise(case))
    quotes = looked.answer.quotes if looked.answer and not looked.responsibility else ()
    said = normalise("".join(quote.context for quote in quotes))
    return not (words and quotes) or any(word in said for word in words)


def _same_document(reading: Reading, shown: AnswerShown, turn: Turn) -> Looked | None:
    """What the document of the last answer says of the other case, where it treats that at all."""
    passages = reading.retriever.search(turn.text, limit=1, only={shown.document_id})
    if not passages:
        return None
    chunk = passages[0].chunk
    treated = "\n".join((*chunk.path, chunk.text))
    if not any(word in treated for word in content_words(normalise(turn.text))):
        return None
    answer = reading.reader.read(turn.text, passages)
    return Looked(passages, replace(answer, found=True))


def nearest(reading: Reading, shown: AnswerShown, at: int) -> Looked:
    """What a topic that was offered says to the question that nothing answered."""
    if not 0 <= at < len(shown.nearby):
        return NOTHING
    only = {shown.nearby[at]}
    passages = reading.retriever.search(shown.question, limit=1, only=only)
    return Looked(passages, stretches=tuple(map(Stretch.of, passages)))


def _further(reading: Reading, shown: AnswerShown) -> Looked:
    """All that belongs to a list, or the passages that are nearest beside the last answer."""
    if shown.listed:
        stretches = tuple(
            Stretch(reading.documents[place.document_id], place.start, place.end)
            for place in shown.listed
            if place.document_id in reading.documents
        )
        found = None
        if shown.unit:
            places = [(each.document, each.start, each.end) for each in stretches]
            found = reading.responsibilities.listed(places, shown.unit)
        return Looked([], responsibility=found, stretches=stretches)
    passages = reading.retriever.search(shown.question, limit=MORE_LIMIT)
    others = (Stretch.of(passage) for passage in passages)
    return Looked([], stretches=tuple(each for each in others if not _is_shown(each, shown)))


def _is_shown(stretch: Stretch, shown: AnswerShown) -> bool:
    overlaps = stretch.start < shown.end and shown.start < stretch.end
    return stretch.document.id == shown.document_id and overlaps


def _item(reading: Reading, shown: AnswerShown, number: int) -> Looked:
    """The second of the list that was shown, or the second item of the part that was quoted."""
    if shown.listed:
        if not 1 <= number <= min(shown.shown, len(shown.listed)):
            return NOTHING
        place = shown.listed[number - 1]
        document = reading.documents.get(place.document_id)
        if document is None:
            return NOTHING
        stretch = Stretch(document, place.start, place.end)
        at = reading.responsibilities.at(document, place.start, place.end) if shown.unit else None
        whole = None if at else Excerpt(place.start, place.end)
        return Looked([], None, at, (stretch,), whole)
    document = reading.documents.get(shown.document_id)
    item = numbered(document, shown.start, number) if document else None
    if document is None or item is None:
        return NOTHING
    stretch = Stretch(document, item.start, item.end, item.path)
    return Looked([], stretches=(stretch,), item=item)
