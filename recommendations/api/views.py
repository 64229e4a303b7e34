"""The API's door to recommendations, swiping and preferences."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.services import allowances
from catalog.api.serializers import ProductSerializer
from catalog.models import Product
from recommendations.api import quick
from recommendations.api import serializers as s
from recommendations.api.quick_recommending import recommended
from recommendations.models import Recommendation, SwipeSession
from recommendations.models.swiping import hash_token
from recommendations.services import contexts, giving, preferences, swiping
from recommendations.services.recommending import recommend, similar_products

OPEN = [import_string(path) for path in settings.OPEN_AUTHENTICATION_CLASSES]
SIMILAR = 8
TOKEN_HEADER = OpenApiParameter(
    "X-Swipe-Token", str, OpenApiParameter.HEADER, description="Opens an anonymous session."
)


def _user(request: Request) -> Any:
    return request.user if request.user.is_authenticated else None


@contextmanager
def _spending_a_swipe(user: Any) -> Iterator[None]:
    """Count a swipe of the user's day, if it is recorded; raises Throttled for one too many."""
    try:
        with allowances.spending(user, "swipes"):
            yield
    except allowances.AllowanceSpent as error:
        # REST framework would put the seconds behind the words.
        refused = Throttled(wait=error.wait_s)
        refused.detail = ErrorDetail(str(error), code="throttled")
        raise refused from error


def _valid(serializer: Any) -> Any:
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


class RecommendationsView(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = OPEN
    api_key_scope = "recommendations"
    throttle_scope = "recommend"

    @extend_schema(
        operation_id="recommend",
        request=s.RecommendationRequestSerializer,
        responses=s.RecommendationsSerializer,
    )
    def post(self, request: Request) -> HttpResponse:
        """Gifts for a person, with reasons, best first."""
        asked = _valid(s.RecommendationRequestSerializer(data=request.data))
        user = _user(request)
        person = giving.recipient_of(user, asked.get("recipient_id"))
        context = contexts.build_context(asked, user=user, recipient=person)
        if person is None:
            found = recommended(context, count=asked["count"], user=user)
            if found is not None:
                return HttpResponse(found, content_type="application/json")
        served = recommend(
            context=context,
            already_given=giving.given_ids(person.pk if person else None),
            count=asked["count"],
            surface=Recommendation.Surface.API,
            user_id=user.pk if user else None,
        )
        body = {
            "id": served.id,
            "items": served.picks,
            "understood": context.understood(),
            "relaxed": served.relaxed,
            "model_version": served.model_version,
        }
        return Response(s.RecommendationsSerializer(body).data)


class _SessionView(APIView):
    """Answers about one session; somebody else's is not found."""

    permission_classes = (AllowAny,)
    authentication_classes = OPEN
    api_key_scope = "recommendations"
    throttle_scope = "swipe"

    def session(self, request: Request, pk: UUID) -> SwipeSession:
        token = request.headers.get("X-Swipe-Token", "")
        if request.user.is_authenticated:
            mine = SwipeSession.objects.owned_by(request.user.pk).filter(pk=pk).first()
            if mine is not None:
                return mine
        if not token:
            raise Http404
        return get_object_or_404(SwipeSession.objects.opened_with(token), pk=pk)

    @staticmethod
    def cards(session: SwipeSession, *, count: int = s.CARDS) -> dict[str, Any]:
        decided = swiping.decisions(session)
        served = swiping.deal(
            session, count=count, surface=Recommendation.Surface.API, decided=decided
        )
        return {
            "recommendation_id": served.id,
            "cards": served.picks,
            "progress": swiping.progress(decided, served, asked=count),
        }

    def describe(self, session: SwipeSession) -> dict[str, Any]:
        context = swiping.context_of(session).understood()
        return {"id": session.pk, "context": context, **self.cards(session)}


class SwipeSessionsView(_SessionView):
    @extend_schema(
        operation_id="start_swipe_session",
        request=s.WishesSerializer,
        responses={201: s.SwipeSessionSerializer},
    )
    def post(self, request: Request) -> HttpResponse:
        """Start a deck. An anonymous caller keeps the `token`."""
        asked = _valid(s.WishesSerializer(data=request.data))
        user = _user(request)
        person = giving.recipient_of(user, asked.get("recipient_id"))
        context = contexts.build_context(asked, user=user, recipient=person)
        session, token = swiping.start_session(context, user=user, recipient=person)
        answer = None
        if person is None:
            answer = quick.opened(session, token=token, context=context, cards=s.CARDS)
        if answer is not None:
            return HttpResponse(
                answer, content_type="application/json", status=status.HTTP_201_CREATED
            )
        body = self.describe(session)
        if token is not None:
            body["token"] = token
        return Response(s.SwipeSessionSerializer(body).data, status=status.HTTP_201_CREATED)


class SwipeSessionView(_SessionView):
    @extend_schema(
        operation_id="swipe_session",
        parameters=[TOKEN_HEADER],
        responses=s.SwipeSessionSerializer,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The session as it stands, with its next cards."""
        return Response(s.SwipeSessionSerializer(self.describe(self.session(request, pk))).data)


class SwipesView(_SessionView):
    @extend_schema(
        operation_id="swipe",
        parameters=[TOKEN_HEADER, s.CardsSerializer],
        request=s.SwipeRequestSerializer,
        responses={201: s.SwipeAnswerSerializer},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponse:
        """Like, pass or save a gift; swiping it again replaces the decision."""
        count = _valid(s.CardsSerializer(data=request.query_params))["cards"]
        if not request.user.is_authenticated:
            return self._record(request, pk, count=count)
        with _spending_a_swipe(request.user):
            return self._record(request, pk, count=count)

    def _record(self, request: Request, pk: UUID, *, count: int) -> HttpResponse:
        if (answer := self._quickly(request, pk, count=count)) is not None:
            return HttpResponse(
                answer, content_type="application/json", status=status.HTTP_201_CREATED
            )
        session = self.session(request, pk)
        kept = swiping.swipe(session, **_valid(s.SwipeRequestSerializer(data=request.data)))
        if not count:
            return Response(quick.recorded_only(kept), status=status.HTTP_201_CREATED)
        body = {"swipe": kept, **self.cards(session, count=count)}
        return Response(s.SwipeAnswerSerializer(body).data, status=status.HTTP_201_CREATED)

    @staticmethod
    def _quickly(request: Request, pk: UUID, *, count: int) -> bytes | None:
        """The answer to an ordinary swipe by whoever owns the session, put together from memory."""
        decision = quick.plain_swipe(request.data) if isinstance(request.data, dict) else None
        token = request.headers.get("X-Swipe-Token", "")
        if decision is None or not (request.user.is_authenticated or token):
            return None
        opener = quick.Opener(token_hash=hash_token(token))
        if request.user.is_authenticated and not token:
            opener = quick.Opener(user_id=request.user.pk)
        return quick.swiped(pk, decision, opener=opener, cards=count)


class LastSwipeView(_SessionView):
    @extend_schema(
        operation_id="undo_swipe", parameters=[TOKEN_HEADER], responses=s.SwipeAnswerSerializer
    )
    def delete(self, request: Request, pk: UUID) -> Response:
        """Take back the last swipe; `swipe` is the one undone, null when none was left."""
        session = self.session(request, pk)
        undone = swiping.undo(session)
        return Response(s.SwipeAnswerSerializer({"swipe": undone, **self.cards(session)}).data)


class ShortlistView(_SessionView):
    @extend_schema(
        operation_id="shortlist",
        parameters=[TOKEN_HEADER, s.CountSerializer],
        responses=s.ShortlistSerializer,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        """The gifts this session has led to; never one passed or excluded."""
        session = self.session(request, pk)
        count = _valid(s.CountSerializer(data=request.query_params))["count"]
        served = swiping.shortlist(session, count=count, surface=Recommendation.Surface.API)
        body = {"id": served.id, "items": served.picks, "model_version": served.model_version}
        return Response(s.ShortlistSerializer(body).data)


class ClaimView(APIView):
    @extend_schema(
        operation_id="claim_swipe_session",
        request=s.ClaimSerializer,
        responses=s.SwipeSessionSerializer,
    )
    def post(self, request: Request, pk: UUID) -> Response:
        """Make an anonymous session one's own."""
        token = _valid(s.ClaimSerializer(data=request.data))["token"]
        session = get_object_or_404(SwipeSession.objects.opened_with(token), pk=pk)
        if not swiping.claim(session, user=request.user):
            raise Http404
        return Response(s.SwipeSessionSerializer(_SessionView().describe(session)).data)


class SimilarView(APIView):
    permission_classes = (AllowAny,)
    authentication_classes = OPEN
    api_key_scope = "catalogue"
    pagination_class = None

    @extend_schema(operation_id="similar_products", responses=ProductSerializer(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        """Gifts like this one, closest first."""
        product = get_object_or_404(Product.objects.available(), pk=pk)
        picks = similar_products(product, count=SIMILAR)
        products: Any = [pick.product for pick in picks]
        body = ProductSerializer(products, many=True).data
        # What the shop says of one of them may become too old at any moment.
        is_ours = not any(item.offer for item in products)
        seconds = settings.CATALOGUE_MAX_AGE_SECONDS if is_ours else 0
        headers = {"Cache-Control": f"public, max-age={seconds}"}
        return Response(body, headers=headers)


class PreferencesView(APIView):
    @extend_schema(operation_id="preferences", responses=s.PreferenceSerializer)
    def get(self, request: Request) -> Response:
        """What a search starts from when the brief does not say."""
        return Response(s.PreferenceSerializer(preferences.preference_of(request.user)).data)

    @extend_schema(
        operation_id="replace_preferences",
        request=s.PreferenceSerializer,
        responses=s.PreferenceSerializer,
    )
    def put(self, request: Request) -> Response:
        """Replace them; what is left out is emptied."""
        wishes = _valid(s.PreferenceSerializer(data=request.data))
        kept = preferences.replace_preference(user=request.user, wishes=wishes)
        return Response(s.PreferenceSerializer(kept).data)
