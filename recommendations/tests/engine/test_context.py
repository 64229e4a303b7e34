"""A context keeps what was asked, through storage and back."""

import json

import pytest

from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context

TEXT = "my mum, 55, likes jazz and tea, no alcohol, £20-40, birthday"


def test_the_brief_speaks_where_nothing_else_was_given():
    context = Context.from_brief(parse_brief(TEXT), relationship=None, interests=())
    assert context.relationship == "mum"
    assert context.interests == ("jazz", "tea")
    assert (context.budget_min, context.budget_max) == (20, 40)
    assert context.exclude_terms == ("alcohol",)


def test_what_is_given_wins_and_exclusions_add_up():
    context = Context.from_brief(
        parse_brief(TEXT), age=60, interests=["golf"], budget_max=90, exclude_terms=["books"],
        categories={"books"},
    )  # fmt: skip
    assert context.age == 60
    assert context.interests == ("golf",)
    assert (context.budget_min, context.budget_max) == (20, 90)
    assert context.exclude_terms == ("books", "alcohol")
    assert context.categories == frozenset({"books"})


def test_a_misspelt_field_is_an_error():
    with pytest.raises(TypeError, match="interest_list"):
        Context.from_brief(parse_brief(""), interest_list=[])


def test_a_context_survives_json():
    context = Context.from_brief(
        parse_brief(TEXT), liked=("a", "b"), categories={"books", "baby"}, disliked=("c",)
    )
    assert Context.from_dict(json.loads(json.dumps(context.to_dict()))) == context
    assert Context.from_dict({}) == Context()
    assert Context.from_dict({"gone": 1, "age": 7}).age == 7


def test_only_what_is_there_is_reported():
    assert Context().understood() == {}
    said = Context.from_brief(parse_brief(TEXT)).understood()
    assert json.loads(json.dumps(said)) == said
    assert said == {
        "relationship": "mum",
        "age": 55,
        "occasion": "birthday",
        "budget_min": 20.0,
        "budget_max": 40.0,
        "currency": "GBP",
        "interests": ["jazz", "tea"],
        "exclusions": ["alcohol"],
    }


def test_a_foreign_budget_is_reported_as_said_and_compared_in_pounds():
    context = Context.from_brief(parse_brief("less than 100 euros"))
    assert context.budget_max < 100
    assert context.understood()["budget_max"] == 100
    assert context.understood()["currency"] == "EUR"
    own = Context.from_brief(parse_brief("less than 100 euros"), budget_max=30)
    assert own.understood() == {"budget_max": 30.0, "currency": "GBP"}


@pytest.mark.parametrize(
    ("text", "is_adult", "is_child"),
    [("my dad", True, False), ("my boss", True, False), ("my son", False, False),
     ("my son, 30", True, False), ("my niece, 9", False, True), ("a friend", False, False),
     ("teenager", False, True), ("in her twenties", True, False), ("", False, False)],
)  # fmt: skip
def test_being_grown_up_follows_from_age_or_relationship(text, is_adult, is_child):
    context = Context.from_brief(parse_brief(text))
    assert (context.is_adult, context.is_child) == (is_adult, is_child)
