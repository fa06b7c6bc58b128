import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.service_fields import check_phone, join_list, split_list


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("身份证、户口簿，照片", ["身份证", "户口簿", "照片"]),
        ("身份证（原件、复印件）、照片", ["身份证（原件、复印件）", "照片"]),
        ("身份证；户口簿、照片", ["身份证", "户口簿、照片"]),
        ("1.身份证 2.户口簿", ["身份证", "户口簿"]),
        ("①身份证②户口簿", ["身份证", "户口簿"]),
        ("（1）身份证\n（2）户口簿、照片", ["身份证", "户口簿、照片"]),
        ("费用1.5元以上的发票", ["费用1.5元以上的发票"]),
        ("• 身份证、户口簿", ["身份证、户口簿"]),
        ("  ", []),
    ],
)
def test_a_cell_is_divided_as_it_was_meant(cell: str, parts: list[str]) -> None:
    assert split_list(cell) == parts


words = st.text(alphabet="身份证户口簿、，；（）照片", min_size=1, max_size=12)


@given(st.lists(words, max_size=4))
def test_what_is_joined_is_divided_again(parts: list[str]) -> None:
    assert split_list(join_list(parts)) == parts


@pytest.mark.parametrize(
    "number",
    ["110", "12345", "95598", "116114", "027-85551234", "(027)85551234", "13800138000",
     "+86 138 0013 8000", "400-810-1234", "85551234", "027-85551234转8001"],
)  # fmt: skip
def test_numbers_that_can_be_dialled(number: str) -> None:
    assert check_phone(number) == number


@pytest.mark.parametrize("number", ["12", "1380013800", "联系社区", "138001380001"])
def test_numbers_that_cannot(number: str) -> None:
    with pytest.raises(ValueError, match=number):
        check_phone(number)
