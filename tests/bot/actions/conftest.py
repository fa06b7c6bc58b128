"""Conversations through the real assistant: residents, workers, and what they hear."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.parts import Parts
from bot.messages import Attachment, Button, Message, Reply
from bot.proposals.communities import Communities, Community, Level
from bot.proposals.proposal import Draft
from bot.settings import Settings
from bot.storage.records import Proposal, Role

TREE = Communities(
    (
        Community("qu", "江南区", Level.DISTRICT, departments=("区城管局",)),
        Community("jie", "南湖街道", Level.STREET, "qu", departments=("南湖执法中心",)),
        Community("xing", "幸福社区", Level.COMMUNITY, "jie", departments=("幸福居委会",)),
        Community("yuan", "锦绣家园", Level.ESTATE, "xing"),
        Community("guang", "光明社区", Level.COMMUNITY, "jie"),
        Community("mei", "梅花公寓", Level.ESTATE, "guang"),
    )
)


@pytest.fixture(scope="session")
def house(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """All real parts in a home with a tree of four levels; encoder and classifier are shared."""
    home = tmp_path_factory.mktemp("house")
    settings = Settings(_env_file=None, home=home, cache=parts.settings.cache)
    with Parts(settings) as built:
        for name in ("encoder", "embedded", "categories", "shipped_root"):
            built.__dict__[name] = getattr(parts, name)
        built.__dict__["communities"] = TREE
        yield built


@dataclass
class Person:
    """Somebody in chat; `buttons` are those of the last replies."""

    parts: Parts
    name: str
    user: str = field(default_factory=lambda: uuid.uuid4().hex)
    replies: list[Reply] = field(default_factory=list)

    def say(self, text: str = "", *, button: str = "", files: tuple[Path, ...] = ()) -> str:
        """Write, press or send; everything that comes back, as one text."""
        handled = self.parts.assistant.handle(
            Message(
                id=uuid.uuid4().hex,
                channel="console",
                conversation_id=self.user,
                sender_id=self.user,
                sender_name=self.name,
                text=text,
                sent_at=self.parts.clock.now(),
                button=button,
                attachments=tuple(Attachment(str(file), name=file.name) for file in files),
            )
        )
        self.replies = handled.replies
        return "\n".join(reply.text for reply in handled.replies)

    def press(self, label: str) -> str:
        """Press the button whose label begins so."""
        return self.say(button=next(b.id for b in self.buttons if b.label.startswith(label)))

    @property
    def buttons(self) -> tuple[Button, ...]:
        """What can be pressed now."""
        return tuple(button for reply in self.replies for button in reply.buttons)

    def hear(self) -> str:
        """What has come meanwhile; its buttons can be pressed."""
        with self.parts.database.unit_of_work() as work:
            heard = []
            while due := [
                out for out in work.outbox.due("console", work.now, limit=10_000)
                if out.conversation_id == self.user
            ]:  # fmt: skip
                for outgoing in due:
                    work.outbox.mark_sent(outgoing.id)
                    heard.append(outgoing.reply)
        self.replies = heard
        return "\n".join(reply.text for reply in heard)


@pytest.fixture
def resident(house: Parts) -> Person:
    """Somebody new."""
    return Person(house, "王秀英")


@pytest.fixture
def enrol(house: Parts) -> Callable[..., Person]:
    """Enrols somebody new for a place, by a one-time invite."""

    def enrolled(community: str = "xing", role: Role = Role.WORKER) -> Person:
        worker = Person(house, "李干事")
        with house.database.unit_of_work() as work:
            code = work.people.create_invite(role, community, timedelta(days=1))
        assert "欢迎" in worker.say(f"/join {code}")
        worker.hear()
        return worker

    return enrolled


@pytest.fixture
def worker(enrol: Callable[..., Person]) -> Person:
    """A worker of the community 幸福社区."""
    return enrol("xing")


@pytest.fixture
def person(house: Parts) -> Callable[[str], Person]:
    """Makes somebody new of that name."""
    return lambda name: Person(house, name)


@pytest.fixture
def raised() -> Callable[..., Proposal]:
    """Puts a proposal of somebody into the ledger."""
    return raise_proposal


def raise_proposal(
    owner: Person, description: str = "楼道的灯坏了", community: str = "yuan", phone: str = ""
) -> Proposal:
    """A proposal in the ledger, without the conversation that leads to it."""
    parts = owner.parts
    draft = Draft(
        description=description,
        place="锦绣家园2号楼",
        community=community,
        contact_name="王秀英" if phone else None,
        contact_phone=phone or None,
        category="lighting",
    )
    with parts.database.unit_of_work() as work:
        resident = work.people.meet("console", owner.user, owner.name)
        return parts.casework(work).ledger.create(draft, resident)
