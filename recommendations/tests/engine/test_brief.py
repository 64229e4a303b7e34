"""Briefs as people write them, and what must be read out of each."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommendations.engine.brief import LONGEST, parse_brief
from recommendations.engine.context import Context


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("under 50", None, 50, "GBP"),
        ("under £50", None, 50, "GBP"),
        ("£20-30", 20, 30, "GBP"),
        ("£20 – £30", 20, 30, "GBP"),
        ("20 to 30 quid", 20, 30, "GBP"),
        ("around forty quid", 30, 50, "GBP"),
        ("40-ish quid", 30, 50, "GBP"),
        ("no more than 25 pounds", None, 25, "GBP"),
        ("I don't want to spend more than £50", None, 50, "GBP"),
        ("nothing over £15", None, 15, "GBP"),
        ("budget 50 gbp", None, 50, "GBP"),
        ("budget: 30-50", 30, 50, "GBP"),
        ("up to £30", None, 30, "GBP"),
        ("between 20 and 40", 20, 40, "GBP"),
        ("at least £20", 20, None, "GBP"),
        ("£20 or more", 20, None, "GBP"),
        ("at least £20 but under £60", 20, 60, "GBP"),
        ("about a tenner", 7.5, 12.5, "GBP"),
        ("£15 max", None, 15, "GBP"),
        ("a £25 limit", None, 25, "GBP"),
        ("less than 100 euros", None, 100, "EUR"),
        ("under $80", None, 80, "USD"),
        ("under £1,000", None, 1000, "GBP"),
        ("£29.99", None, 29.99, "GBP"),
        ("under fifty pounds", None, 50, "GBP"),
        ("spend 30ish", 22.5, 37.5, "GBP"),
        ("twenty quid tops", None, 20, "GBP"),
        ("£25 or less", None, 25, "GBP"),
        ("over £20 but under £45", 20, 45, "GBP"),
    ],
)
def test_budgets_are_read_in_all_the_ways_people_write_them(text, low, high, currency):
    for wording in (text, f"Present for my mum, {text}", f"{text}, she likes jazz"):
        brief = parse_brief(wording)
        assert (brief.budget_min, brief.budget_max, brief.currency) == (low, high, currency)
        assert brief.age is None


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("my dad, 60, loves jazz", 60),
        ("Dad 60 gardening", 60),
        ("her 60th birthday", 60),
        ("gran's 80th", 80),
        ("turning 7", 7),
        ("a six-year-old", 6),
        ("3 yr old", 3),
        ("my 16yo son", 16),
        ("a girl aged 9", 9),
        ("8 months old", 0),
        ("grandson 18 months", 1),
        ("he's 45", 45),
        ("a toddler who is one", 1),
        ("Best friend, 25, coffee addict", 25),
    ],
)
def test_ages_are_read_in_years(text, age):
    brief = parse_brief(text)
    assert brief.age == age
    assert brief.budget_max is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("my wife in her thirties", 30, 39),
        ("in his late fifties", 57, 59),
        ("a teenage girl", 13, 17),
        ("a toddler", 1, 3),
        ("a newborn", 0, 0),
        ("children aged 8-10", 8, 10),
        ("twins aged 3 and 5", 3, 5),
        ("my retired neighbour", 60, None),
        ("someone over 60", 60, None),
        ("my uncle", 18, None),
    ],
)
def test_stages_of_life_are_ranges(text, low, high):
    brief = parse_brief(text)
    assert brief.age is None
    assert (brief.age_min, brief.age_max) == (low, high)


@pytest.mark.parametrize(
    "text", ["a mum with 2 kids", "she runs a 5k", "training for a 10k", "10th anniversary",
             "six months in Peru", "my sister just had a baby girl"],
)  # fmt: skip
def test_other_numbers_are_no_age(text):
    brief = parse_brief(text)
    assert (brief.age, brief.age_min, brief.age_max) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("my dad", "dad"), ("my stepmum", "mum"), ("father-in-law", "in-law"),
        ("for my nan", "grandparent"), ("gran", "grandparent"), ("grandad", "grandparent"),
        ("a mate", "friend"), ("my boss", "boss"), ("my niece", "child"), ("stepson", "son"),
        ("my hubby", "partner"), ("my other half", "partner"), ("my parents", "parent"),
        ("my daughter's teacher", "teacher"), ("my friend's daughter", "daughter"),
        ("teenage nephew, 15", "teenager"), ("from her son, for our mum", "mum"),
        ("new mum", "new-parent"), ("co-worker", "colleague"), ("my goddaughter", "godchild"),
        ("neighbours", "neighbour"), ("grandson", "grandchild"), ("my brother", "sibling"),
        ("mum who loves her kids", "mum"), ("somebody", None), ("my nephew, 25", None),
    ],
)  # fmt: skip
def test_the_recipient_is_recognised(text, slug):
    assert parse_brief(text).relationship == slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("xmas", "christmas"), ("Mother's Day", "mothers-day"), ("fathers day", "fathers-day"),
        ("dad's 40th birthday", "milestone-birthday"), ("her birthday", "birthday"),
        ("25th wedding anniversary", "anniversary"), ("they have a new house", "housewarming"),
        ("my sister just had a baby", "new-baby"), ("Secret Santa", "secret-santa"),
        ("leaving do", "leaving"), ("he is retiring", "retirement"), ("baby shower", "baby-shower"),
        ("stocking filler", "stocking-filler"), ("to say thanks", "thank-you"),
        ("off to uni", "moving-out"), ("end of term", "teachers-gift"), ("jazz", None),
    ],
)  # fmt: skip
def test_the_occasion_is_recognised(text, slug):
    assert parse_brief(text).occasion == slug


@pytest.mark.parametrize(
    ("text", "interests", "exclusions"),
    [
        ("loves jazz and his garden", ("jazz", "garden"), ()),
        ("no alcohol", (), ("alcohol",)),
        ("not another mug for my colleague who loves coffee", ("coffee",), ("mug",)),
        ("nothing with nuts", (), ("nuts",)),
        ("hates clutter and loves cooking", ("cooking",), ("clutter",)),
        ("already has a Kindle, likes reading", ("reading",), ("Kindle",)),
        ("doesn't drink but enjoys fishing", ("fishing",), ("alcohol",)),
        ("doesn't drink beer but enjoys fishing", ("fishing",), ("beer",)),
        ("allergic to nuts", (), ("nuts",)),
        ("she has a nut allergy and likes baking", ("baking",), ("nut",)),
        ("loves cycling but no books", ("cycling",), ("books",)),
        ("isn't into sport", (), ("sport",)),
        ("doesn't like coffee, tea or chocolate but loves baking", ("baking",),
         ("coffee", "tea", "chocolate")),
        ("he hates football and loves rugby", ("rugby",), ("football",)),
        ("likes blues, not jazz", ("blues",), ("jazz",)),
        ("no flowers or chocolates, she likes crosswords", ("crosswords",),
         ("flowers", "chocolates")),
        ("likes not only jazz but blues", ("jazz", "blues"), ()),
        ("someone who has everything", (), ()),
        ("I have no idea what to get my dad who loves chess", ("chess",), ()),
        ("my mother who never reads", (), ("books",)),
        ("she can't have dairy", (), ("dairy",)),
        ("loves gin & tonic and Dungeons and Dragons", ("gin & tonic", "Dungeons and Dragons"), ()),
    ],
)  # fmt: skip
def test_wishes_and_refusals_never_mix(text, interests, exclusions):
    brief = parse_brief(text)
    assert brief.interests == interests
    assert brief.exclusions == exclusions


def test_a_vegan_is_spared_animal_products():
    assert "animal products" in parse_brief("my sister is vegan").exclusions


def test_styles_and_what_was_not_understood_are_told():
    assert parse_brief("something funny and eco-friendly").styles == ("funny", "eco-friendly")
    assert parse_brief("подарок для мамы").not_understood == ("подарок для мамы",)
    assert parse_brief("nothing too big").not_understood == ("too big",)


def test_a_whole_brief_is_read_at_once():
    brief = parse_brief("my dad, 60, loves jazz and his garden, under £50")
    assert brief.relationship == "dad"
    assert brief.age == 60
    assert brief.budget_max == 50
    assert brief.interests == ("jazz", "garden")
    assert brief.not_understood == ()


@pytest.mark.parametrize(
    "text",
    ["", " ", "\x00", "🎁" * 1000, "a" * 100_000, "no " * 30_000, "£" * 5_000, "1" * 100_000,
     "under " * 10_000, "قميص هدية لأمي أقل من ٥٠", "\ud800\udfff broken", "not a " * 9_000,
     "between 1 and " * 5_000, "likes " * 20_000, "-" * 100_000, "(" * 9_000, "no a, " * 9_000],
)  # fmt: skip
def test_hostile_texts_are_read_without_harm(text):
    brief = parse_brief(text)
    assert len(brief.text) <= LONGEST
    assert "\x00" not in brief.text
    brief.text.encode("utf-8")


WORDS = st.sampled_from(
    [
        "no",
        "not",
        "never",
        "doesn't",
        "hates",
        "loves",
        "likes",
        "my",
        "dad",
        "mum",
        "60",
        "7th",
        "£20",
        "under",
        "between",
        "and",
        "or",
        "but",
        ",",
        ".",
        "(",
        ")",
        "50",
        "quid",
        "aged",
        "turning",
        "old",
        "months",
        "who",
        "is",
        "jazz",
        "books",
        "for",
        "a",
        "the",
        "birthday",
        "xmas",
        "--",
        "🎁",
        "\x00",
        "€",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join)))
def test_reading_never_fails_and_always_says_the_same(text):
    brief = parse_brief(text)
    assert brief == parse_brief(text)
    assert brief.budget_max is None or brief.budget_max > 0
    if brief.budget_min is not None and brief.budget_max is not None:
        assert brief.budget_min <= brief.budget_max
    assert brief.age is None or 0 <= brief.age <= 120
    assert all(phrase.strip() for phrase in (*brief.interests, *brief.exclusions))
    assert not {p.lower() for p in brief.interests} & {p.lower() for p in brief.exclusions}


@pytest.mark.parametrize(
    ("text", "exclusions"),
    [
        ("no alcohol", ("alcohol",)), ("not another mug", ("mug",)),
        ("hates clutter", ("clutter",)), ("already has a Kindle", ("Kindle",)),
        ("allergic to nuts", ("nuts",)), ("she has a nut allergy", ("nut",)),
        ("coeliac", ("gluten",)), ("lactose intolerant", ("lactose",)),
        ("he doesn't drink", ("alcohol",)), ("without perfume", ("perfume",)),
        ("can't stand football", ("football",)), ("no candles please", ("candles",)),
    ],
)  # fmt: skip
def test_what_is_ruled_out_is_never_taken_for_a_wish(text, exclusions):
    for wording in (text, f"my aunt, 50, loves jazz, {text}", f"{text}. She likes jazz"):
        brief = parse_brief(wording)
        assert brief.exclusions == exclusions
        assert set(brief.interests) <= {"jazz"}


@pytest.mark.parametrize(
    ("text", "occasion"),
    [
        ("birthday next Friday", "birthday"), ("xmas eve", "christmas"),
        ("her birthday is in October", "birthday"), ("Mother's Day tomorrow", "mothers-day"),
        ("wedding this coming Saturday", "wedding"),
    ],
)  # fmt: skip
def test_the_words_of_a_date_are_no_interest(text, occasion):
    brief = parse_brief(text)
    assert (brief.occasion, brief.interests) == (occasion, ())


PIECES = st.sampled_from(
    ["under", "£", "20", "-", "30", "no", "not", "another", "mug", "allergic to", "nuts", "hates",
     "already has a", "Kindle", "dad", "60", "and", "loves", "jazz", "birthday", "eve", "or more",
     "k", "quid", "tenner", "forty", "ish", ",", ".", "'", "🎁", "\u202e", "\x00", "٣٠", "½", "e9"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join)))
def test_anything_is_understood_as_something_that_can_be_shown(text):
    context = Context.from_brief(parse_brief(text))
    told = context.understood()
    json.dumps(told)
    low, high = told.get("budget_min"), told.get("budget_max")
    assert low is None or high is None or 0 <= low <= high
    assert 0 <= told.get("age", 0) <= 120
    assert Context.from_dict(json.loads(json.dumps(context.to_dict()))) == context


def test_what_was_understood_explains_itself():
    told = Context.from_brief(
        parse_brief(
            "my dad, 60, loves jazz, £20-30 for Christmas, no alcohol, something quirky, 東京"
        )
    ).understood()
    assert told == {
        "relationship": "dad",
        "age": 60,
        "occasion": "christmas",
        "budget_min": 20.0,
        "budget_max": 30.0,
        "currency": "GBP",
        "interests": ["jazz"],
        "styles": ["quirky"],
        "exclusions": ["alcohol"],
        "not_understood": ["東京"],
    }
