"""Searches that are asked again are answered from memory, within bounds."""

import numpy as np

from catalog.index.lately import FoundLately
from catalog.search import Found


class Searches:
    """Finds `length` rows for any text, and notes what it was asked."""

    def __init__(self, length):
        self.length, self.asked = length, []

    def __call__(self, text):
        self.asked.append(text)
        return Found(rows=np.zeros(self.length, np.int32), scores=np.zeros(self.length, np.float32))


def test_the_next_page_is_not_searched_for_again():
    searches = Searches(10)
    lately = FoundLately(searches, size=8, most_bytes=1_000)
    assert lately("tea") is lately("tea")
    assert searches.asked == ["tea"]


def test_what_was_asked_least_lately_goes_first():
    searches = Searches(10)
    lately = FoundLately(searches, size=2, most_bytes=1_000)
    for text in ("tea", "jazz", "tea", "golf", "tea", "jazz"):
        lately(text)
    assert searches.asked == ["tea", "jazz", "golf", "jazz"]


def test_long_answers_push_out_others():
    searches = Searches(100)  # 800 bytes
    lately = FoundLately(searches, size=8, most_bytes=1_000)
    for text in ("tea", "jazz", "jazz", "tea"):
        lately(text)
    assert searches.asked == ["tea", "jazz", "tea"]
