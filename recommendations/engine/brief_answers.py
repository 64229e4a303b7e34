"""A brief answered by the ranker of words, its order moved by what is known of the person."""

from dataclasses import replace

import numpy as np

from recommendations.engine.brief import parse_brief
from recommendations.engine.context import Context
from recommendations.engine.embed import load_embedder
from recommendations.engine.fitted import Fitted, Scored
from recommendations.engine.model_reasons import Explanation
from recommendations.engine.ranking import Swipe, rank
from recommendations.engine.reasons import Reason
from recommendations.engine.requests import Request
from recommendations.engine.taste_space import as_score

_POOL = 100
_KNOWN_PERSON = 2.0  # logits that the history's best item gains over one it says nothing for


def brief_answers(model: Fitted, request: Request) -> list[Scored]:
    """The k best for a brief. Its limits hold as strictly as those of the request, which win where
    both speak of the price. ModelMismatch if the model's embedder cannot be loaded here."""
    artifact = model.artifact
    assert artifact is not None  # noqa: S101 the caller has looked
    context = Context.from_brief(parse_brief(request.brief))
    if request.low is not None or request.high is not None:
        context = replace(context, budget_min=request.low, budget_max=request.high)
    elif not np.isfinite(artifact.index.price).any():
        context = replace(context, budget_min=None, budget_max=None)
    knows_person = model.n_events > 0 and (len(request.history) or len(request.liked))
    kind = "lexical" if artifact.model_id.startswith("lexical") else "minilm"
    ranking = rank(
        artifact,
        context,
        embedder=load_embedder(kind),
        k=max(request.k, _POOL) if knows_person else request.k,
        swipes=_swipes(model, request),
        exclude={str(code) for code in request.gone},
    )
    codes = np.array([int(scored.item.id) for scored in ranking.items], np.int64)
    scores = np.array([scored.score for scored in ranking.items])
    reasons = [_named(scored.reasons, model=model) for scored in ranking.items]
    if not knows_person or not len(codes):
        kept = zip(codes[: request.k], scores, reasons, strict=False)
        return [Scored(model.ids[code], float(score), why) for code, score, why in kept]
    scores = np.clip(scores, 1e-6, 1 - 1e-6)
    total = np.log(scores / (1 - scores)) + _KNOWN_PERSON * _collaborative(model, request)[codes]
    explanation = Explanation(model, request, None)
    best = np.argsort(-total, kind="stable")[: request.k]
    return [
        Scored(
            model.ids[codes[i]],
            as_score(total[i]),
            _with_liked(reasons[i], explanation.reasons(int(codes[i]))),
        )
        for i in best
    ]


def _swipes(model: Fitted, request: Request) -> tuple[Swipe, ...]:
    """Verdicts on described items; what the history holds was chosen, so liked."""
    chosen = [*request.history[-20:], *request.liked]
    verdicts = [(code, "like") for code in chosen] + [(c, "dislike") for c in request.disliked]
    return tuple(
        Swipe(str(code), direction) for code, direction in verdicts if code in model.row_of_code
    )


def _collaborative(model: Fitted, request: Request) -> np.ndarray:
    """[items], at most 1."""
    found = np.zeros(len(model.ids))
    if len(request.history):
        found += model.scorer.score_histories([request.history])[0]
    if len(request.liked):
        found += model.scorer.score_sets([request.liked])[0]
    return np.clip(found, -1.0, 1.0)


def _named(reasons: tuple[Reason, ...], *, model: Fitted) -> tuple[Reason, ...]:
    """With items named as the caller names them."""
    return tuple(
        why
        if why.product_id is None
        else replace(why, product_id=str(model.ids[int(why.product_id)]))
        for why in reasons
    )


def _with_liked(mine: tuple[Reason, ...], theirs: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """The brief's reasons, and the person's own where none of those is of its kind."""
    codes = {why.code for why in mine}
    added = [w for w in theirs if w.code == "because_you_liked" and w.code not in codes]
    return (*mine[: 3 - len(added)], *added)
