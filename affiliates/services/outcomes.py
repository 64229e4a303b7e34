"""What came of the gifts we showed, as evidence for the recommender. Of money it knows nothing.

A gift that people click, order and keep fitted; one that comes back did not. What it earned says
nothing about that, and must not sway what is shown: so no amount, rate or price is read here.

Whoever learns from it finds it by the settings, as OUTCOMES_SOURCE.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from affiliates.models import Click, Family, Purpose, ReportedItem
from affiliates.models.earning import IS_DIRECT
from affiliates.services.leasing import LeaseBook

OutcomeKind = Literal["click", "order", "return"]
UTC_DAY = TruncDate("created_at", tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`count` times the same thing happened to a product on a day (UTC midnight).

    Clicks know the list they came from (`recommendation_id`) and the place of the link. Orders
    and returns come from reports, which know neither: their `recommendation_id` is None, and their
    placement is "" unless a tracking id was lent to it.
    """

    product_id: UUID
    recommendation_id: UUID | None
    placement: str
    kind: OutcomeKind
    when: datetime
    count: int


def outcomes(*, since: date, until: date) -> Iterator[Outcome]:
    """Everything that happened on these days, both included; clicks of people, each counted once.

    Orders and returns are those of the product that was linked: what else people bought besides
    tells nothing about the gift. Three queries, whatever the number of rows.
    """
    yield from _clicks(since, until)
    yield from _sales(since, until)


def _clicks(since: date, until: date) -> Iterator[Outcome]:
    counted = Click.objects.counted().between(since, until).order_by()
    groups = counted.annotate(day=UTC_DAY).values_list(
        "product_id", "recommendation_id", "placement", "day"
    )
    found = groups.annotate(times=Count("id"))
    for product, recommendation, placement, day, count in found.iterator():
        yield Outcome(
            product_id=product,
            recommendation_id=recommendation,
            placement=placement,
            kind="click",
            when=_midnight(day),
            count=count,
        )


def _sales(since: date, until: date) -> Iterator[Outcome]:
    store = settings.AMAZON_MARKETPLACE
    items = ReportedItem.objects.of(
        Family.ORDERS, Family.EARNINGS, marketplace=store, first=since, last=until
    ).filter(IS_DIRECT, product__isnull=False)
    leases = LeaseBook.read(store)
    sums = (
        items.order_by()
        .values_list("product_id", "tag", "day")
        .annotate(
            sold=Sum("ordered", filter=Q(family=Family.ORDERS), default=0),
            back=Sum("returned", filter=Q(family=Family.EARNINGS), default=0),
        )
    )
    for product, tag, day, ordered, returned in sums.iterator():
        placement = leases.name(tag, day=day, purpose=Purpose.PLACEMENT)
        counts: tuple[tuple[OutcomeKind, int], ...] = (("order", ordered), ("return", returned))
        for kind, count in counts:
            if count > 0:
                yield Outcome(
                    product_id=product,
                    recommendation_id=None,
                    placement=placement,
                    kind=kind,
                    when=_midnight(day),
                    count=count,
                )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
