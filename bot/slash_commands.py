"""Commands that begin with a slash, and the plain words that stand for them."""

import re
from dataclasses import dataclass

CODE = re.compile(r"[PTpt]\d{8}-\d{4,}")

COMMANDS = {
    "start": "smalltalk",
    "help": "smalltalk",
    "propose": "proposal",
    "service": "service",
    "policy": "policy",
    "status": "status",
    "human": "handoff",
    "cancel": "cancel",
    "privacy": "privacy",
    "forget": "privacy",
    "join": "worker",
    "list": "worker",
    "due": "worker",
    "new": "worker",
    "find": "worker",
    "show": "worker",
    "move": "worker",
    "assign": "worker",
    "reply": "worker",
    "note": "worker",
    "merge": "worker",
    "edit": "worker",
    "mine": "worker",
    "return": "worker",
    "contacts": "worker",
    "tickets": "worker",
    "corrections": "worker",
    "take": "worker",
    "answer": "worker",
    "export": "worker",
    "invite": "worker",
}

PLAIN_COMMANDS = {
    "隐私": "privacy",
    "隐私说明": "privacy",
    "删除我的信息": "forget",
    "忘记我": "forget",
    "帮助": "help",
    "菜单": "help",
    "提案": "propose",
    "建议": "propose",
    "提建议": "propose",
    "投诉": "propose",
    "报修": "propose",
    "报事": "propose",
}
"""Commands that a resident may also write as a plain word."""

ASKING = ("service", "policy")
"""Commands that stand before a question."""

PRIVATE_STARTS = {
    "proposal": "propose",
    "status": "status",
    "handoff": "human",
    "privacy": "privacy",
}
"""With what the private chat begins to which a group's member is sent, by what they wanted."""


@dataclass(frozen=True)
class Route:
    """The act to take, with what the route itself says (a button's or command's argument).

    `matter` is what a question also tells of, worth offering to report after the answer.
    """

    act: str
    argument: str = ""
    matter: str = ""


def route_command(text: str) -> Route | None:
    """A slash command such as `/status P20261121-0001`; None when it is no command at all."""
    if word := PLAIN_COMMANDS.get(text.strip()):
        return Route(COMMANDS[word], word)
    match = re.match(r"/([A-Za-z_]+)(?:@\w+)?(?:\s+(.*))?$", text.strip(), re.DOTALL)
    if match is None:
        return None
    name, rest = match[1].lower(), (match[2] or "").strip()
    if name not in COMMANDS:
        return Route("smalltalk", "unknown.command")
    if name == "start" and rest:
        return _deep_link(rest)
    if COMMANDS[name] in ASKING:
        return Route(COMMANDS[name], rest) if rest else Route("smalltalk", f"help.{name}")
    return Route(COMMANDS[name], f"{name} {rest}".strip())


def _deep_link(payload: str) -> Route:
    """What a link or QR code leads to: a command that needs no more words, or a proposal's code."""
    if CODE.fullmatch(payload):
        return Route("status", payload.upper())
    if payload in PRIVATE_STARTS.values():
        return Route(COMMANDS[payload], "" if payload == "propose" else payload)
    return Route("smalltalk", "start")
