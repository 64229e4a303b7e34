"""What other people's choices add, and that nothing is added without evidence."""

import numpy as np
import pytest

from recommendations.engine.collaborative import Chosen, Collaborative
from recommendations.engine.collaborative_fit import fit_collaborative


def sessions(people=600, *, tastes=2, seed=0, items=40, cards=14):
    """People of so many tastes, each asked about random cards: a taste likes its own."""
    rng = np.random.default_rng(seed)
    rows = []
    for person in range(people):
        taste = person % tastes
        for place, item in enumerate(rng.permutation(items)[:cards]):
            likely = 0.8 if item % tastes == taste else 0.1
            value = float(rng.random() < likely)
            rows.append((f"s{person}", f"gift-{item:02d}", value, 1000.0 * person + place))
    return rows


@pytest.fixture(scope="module")
def learnt():
    found, facts = fit_collaborative(sessions())
    assert found is not None
    return found, facts


def added(found, *ids):
    total = {}
    for one in found.added([Chosen(item) for item in ids]):
        for code, logit in zip(one.codes.tolist(), one.logits.tolist(), strict=True):
            total[found.names[code]] = total.get(found.names[code], 0.0) + logit
    return total


def test_what_the_same_people_choose_is_lifted(learnt):
    found, facts = learnt
    lifted = added(found, "gift-02", "gift-04")
    even = np.mean([lifted.get(f"gift-{n:02d}", 0) for n in range(6, 40, 2)])
    odd = np.mean([lifted.get(f"gift-{n:02d}", 0) for n in range(7, 40, 2)])
    assert even > odd + 0.2
    assert facts["log_loss_with"] < facts["log_loss_without"]
    assert max(lifted.values()) <= found.worth * 1.5 + 1e-9


def test_the_parts_name_what_they_come_from(learnt):
    found, _ = learnt
    (only,) = found.added([Chosen("gift-02"), Chosen("unknown")])
    assert only.item_id == "gift-02"
    assert found.added([]) == []


def test_a_round_trip_through_arrays(learnt):
    found, _ = learnt
    again = Collaborative.from_arrays(found.to_arrays())
    assert added(again, "gift-02") == added(found, "gift-02")
    with pytest.raises(ValueError, match="length"):
        Collaborative.from_arrays({**found.to_arrays(), "indptr": found.indptr[:-1]})


def test_little_evidence_teaches_nothing():
    for rows in ([], sessions(people=20), [("s", "gift", 1.0, 1)] * 3):
        assert fit_collaborative(rows)[0] is None


def test_chance_teaches_nothing():
    """Where everybody likes anything alike, neighbours would only add noise."""
    rng = np.random.default_rng(3)
    rows = [(p, item, float(rng.random() < 0.4), i) for p, item, _, i in sessions(people=500)]
    assert fit_collaborative(rows)[0] is None


def test_only_passes_teach_nothing():
    rows = [(person, item, 0.0, when) for person, item, _, when in sessions(people=200)]
    assert fit_collaborative(rows)[0] is None


@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_bad_weights_are_refused(value):
    with pytest.raises(ValueError, match="row 0"):
        fit_collaborative([("s", "gift", value, 1)])
