"""Check digits of books, and the way from a book's number to its ASIN."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.amazon import isbn

nine = st.from_regex(r"[0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "asin"),
    [
        ("0-306-40615-2", "0306406152"),
        ("978-0-306-40615-7", "0306406152"),
        ("978 0 8044 2957 3", "080442957X"),
        ("080442957x", "080442957X"),
        ("979-10-90636-07-1", ""),  # has no ISBN-10; such a book bears a B… number
        ("0-306-40615-3", ""),
        ("978-0-306-40615-8", ""),
        ("0000000000", "0000000000"),
        ("", ""),
        ("X306406152", ""),
        ("٠٣٠٦٤٠٦١٥٢", ""),
    ],
)
def test_the_asin_of_a_book(text, asin):
    assert isbn.asin_of_isbn(text) == asin


@given(nine)
def test_exactly_one_check_digit_is_right(digits):
    right = [sign for sign in "0123456789X" if isbn.is_isbn10(digits + sign)]
    assert len(right) == 1
    ten = digits + right[0]
    assert isbn.isbn10_of(isbn.isbn13_of(ten)) == ten
    assert sum(isbn.is_isbn13(f"978{digits}{sign}") for sign in "0123456789") == 1


@given(nine, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(digits, place, by):
    thirteen = isbn.isbn13_of(next(digits + s for s in "0123456789X" if isbn.is_isbn10(digits + s)))
    at = 3 + place
    wrong = thirteen[:at] + str((int(thirteen[at]) + by) % 10) + thirteen[at + 1 :]
    assert isbn.is_isbn13(thirteen)
    assert not isbn.is_isbn13(wrong)


@given(st.text(max_size=30))
def test_any_text_is_answered(text):
    assert isbn.asin_of_isbn(text) == "" or isbn.is_isbn10(isbn.asin_of_isbn(text))
