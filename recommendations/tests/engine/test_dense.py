"""The committee of dense models: steadier than its members, and the same at any scale of them."""

import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.engine.dense import DenseParams, committee, fit_dense, fit_low_rank, levelled
from recommendations.engine.ease import EaseParams, fit_ease


@pytest.fixture(scope="module")
def chosen():
    """200 people of two tastes over 80 items, and some noise."""
    rng = np.random.default_rng(0)
    taste = np.arange(200) % 2
    likely = np.where(np.arange(80)[None, :] % 2 == taste[:, None], 0.3, 0.03)
    return sp.csr_matrix((rng.random((200, 80)) < likely).astype(np.float32))


def test_the_low_rank_model_puts_a_taste_together(chosen):
    weights = fit_low_rank(chosen)
    same = weights[0, 2::2].mean()
    assert same > 3 * abs(weights[0, 1::2].mean())
    assert np.allclose(weights, weights.T, atol=1e-5)


def test_a_members_scale_does_not_matter(chosen):
    one, two = (fit_ease(chosen, EaseParams(ridge)) for ridge in (10.0, 100.0))
    plain = committee(chosen, [one, two], low_rank=None, share=0.0)
    scaled = committee(chosen, [one * 50, two / 50], low_rank=None, share=0.0)
    assert np.allclose(plain, scaled, rtol=1e-3, atol=1e-6)


def test_a_model_of_one_is_that_one(chosen):
    ease = EaseParams(30.0)
    found = fit_dense(chosen, DenseParams((ease,)))
    assert np.allclose(found, levelled(chosen, fit_ease(chosen, ease)))
    with pytest.raises(ValueError, match="at least one"):
        fit_dense(chosen, DenseParams(()))


def test_tiny_data_do_not_break_it():
    for shape in ((1, 1), (2, 3), (40, 2)):
        found = fit_dense(
            sp.csr_matrix(np.ones(shape, np.float32)), DenseParams((EaseParams(),), 0.3)
        )
        assert found.shape == (shape[1], shape[1])
        assert np.isfinite(found).all()
