import pytest

from bot.slash_commands import Route, route_command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/start", Route("smalltalk", "start")),
        ("/start propose", Route("proposal")),
        ("/start P20261121-0001", Route("status", "P20261121-0001")),
        ("/status@linli_bot", Route("status", "status")),
        ("隐私", Route("privacy", "privacy")),
        ("/start human", Route("handoff", "human")),
        ("/start status", Route("status", "status")),
        ("/Help", Route("smalltalk", "help")),
        ("/weather", Route("smalltalk", "unknown.command")),
        ("/", None),
        ("路灯坏了", None),
    ],
)
def test_commands(text: str, expected: Route | None) -> None:
    assert route_command(text) == expected


def test_a_menu_command_asks_for_its_question_or_answers_it() -> None:
    assert route_command("/policy") == Route("smalltalk", "help.policy")
    assert route_command("/policy 装电梯要几户") == Route("policy", "装电梯要几户")
