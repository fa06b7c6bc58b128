"""The house stays as it was drawn: imports go one way, and stand at the top."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = ("knowledge", "index", "intents", "bot")
"""A package imports from itself and from those before it."""

BOT_ORDER = (
    ("storage", "clock", "maps", "messages", "settings", "logs", "metrics"),
    ("proposals", "responses", "clean", "follow_up", "slash_commands"),
    ("conversation", "gaps"),
    ("actions", "router", "wishes", "worker_words", "failures"),
    ("assistant", "asking", "second_look"),
    ("channels",),
    ("commands",),
)
HEAVY = {
    "sentence_transformers", "torch", "sklearn", "prompt_toolkit", "rasa", "scipy", "uvicorn",
}  # fmt: skip
TRAINING = {"intents.training"}
"""Modules of ours that load a heavy engine, and are only needed to build an artefact."""


def modules(package: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / package).rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def nested_imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imported(node)


@pytest.mark.parametrize("package", ORDER)
def test_packages_import_one_way(package: str) -> None:
    later = ORDER[ORDER.index(package) + 1 :]
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in modules(package)
        for name, line in imported(tree)
        if name.split(".")[0] in later
    ]
    assert wrong == []


def test_intents_use_only_the_encoder_of_the_index() -> None:
    allowed = ("index.encoder", "index.bundled", "index.encoders")
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in modules("intents")
        for name, line in imported(tree)
        if name.split(".")[0] in ("index", "knowledge") and name not in allowed
    ]
    assert wrong == []


def test_inside_bot_imports_go_one_way() -> None:
    level = {name: rank for rank, names in enumerate(BOT_ORDER) for name in names}
    wrong = []
    for path, tree in modules("bot"):
        own = path.relative_to(ROOT / "bot").parts[0].removesuffix(".py")
        for name, line in imported(tree):
            parts = name.split(".")
            if parts[0] != "bot" or len(parts) < 2 or own == "__init__":
                continue
            assert own in level, f"bot/{own} has no place in BOT_ORDER"
            if level[parts[1]] > level[own]:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert wrong == []


@pytest.mark.parametrize("package", ORDER)
def test_imports_stand_at_the_top(package: str) -> None:
    """But for commands, which load what they need, and for heavy engines."""
    nested = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path, tree in modules(package)
        if "commands" not in path.parts
        for name, line in nested_imports(tree)
        if name.split(".")[0] not in HEAVY and name not in TRAINING
    ]
    assert nested == []


def test_only_one_module_imports_faiss() -> None:
    users = {
        path.name
        for package in ORDER
        for path, tree in modules(package)
        for name, _ in imported(tree)
        if name.split(".")[0] == "faiss"
    }
    assert users == {"vectors.py"}
