"""The dashboard: figures of a period as charts and lists, drawn by the server."""

from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from affiliates.charts import Chart, Point, bar_chart
from affiliates.models import Dashboard
from affiliates.services.dashboard import DAYS_AS_MONTHS, PERIODS, Bucket, Figures, figures_of
from affiliates.services.exporting import FORMATS, export_report
from affiliates.services.report import GROUPINGS
from affiliates.services.tallying import counted_until

USUAL_DAYS = 30
LABELS = {
    1: gettext_lazy("Today"),
    7: gettext_lazy("7 days"),
    30: gettext_lazy("30 days"),
    365: gettext_lazy("365 days"),
}
GROUP_LABELS = {
    "day": gettext_lazy("day"),
    "category": gettext_lazy("category"),
    "placement": gettext_lazy("placement"),
    "product": gettext_lazy("product"),
    "tracking_id": gettext_lazy("tracking id"),
}


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


def _days(request: HttpRequest) -> int:
    given = request.GET.get("days", str(USUAL_DAYS))
    if given not in {str(days) for days in PERIODS}:
        raise Http404(_("There is no such period."))
    return int(given)


@admin.register(Dashboard)
class DashboardAdmin(admin.ModelAdmin):
    """One page in the place of a list; who may view it may also take its figures away."""

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export_view)
        return [
            path("export/", export, name="affiliates_dashboard_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        days = _days(request)
        figures = figures_of(days, today=_today())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dashboard"),
            "opts": self.model._meta,
            "figures": figures,
            "periods": [(each, LABELS[each], each == days) for each in PERIODS],
            "rows": [_row(bucket, days) for bucket in figures.buckets],
            "clicks_chart": _clicks_chart(figures),
            "money_chart": _money_chart(figures),
            "click_words": _click_words(figures),
            "money_words": _money_words(figures),
            "counted_until": counted_until(),
            "groupings": [(name, GROUP_LABELS[name]) for name in GROUPINGS],
            "file_formats": FORMATS,
        }
        return TemplateResponse(request, "admin/affiliates/dashboard/change_list.html", context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The report of the period as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        days, group_by = _days(request), request.GET.get("group_by", "day")
        chosen = request.GET.get("format", "csv")
        if group_by not in GROUPINGS or chosen not in FORMATS:
            raise Http404
        last = _today()
        first = last - timedelta(days=days - 1)
        export = export_report(
            next(name for name in GROUPINGS if name == group_by),
            first=first,
            last=last,
            format=chosen,
        )
        answer = HttpResponse(export.content, content_type=export.media_type)
        answer["Content-Disposition"] = f'attachment; filename="{export.name}"'
        answer["Cache-Control"] = "no-store"
        return answer

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """There is nothing to see of one click here; its own page has it."""
        return HttpResponseRedirect(reverse("admin:affiliates_dashboard_changelist"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _label(bucket: Bucket, days: int) -> str:
    if bucket.hour is not None:
        return f"{bucket.hour:02}:00"
    shape = "M Y" if days > DAYS_AS_MONTHS else "j M"
    return str(formats.date_format(bucket.start, shape))


def _row(bucket: Bucket, days: int) -> dict[str, Any]:
    return {"label": _label(bucket, days), "bucket": bucket}


def _clicks_chart(figures: Figures) -> Chart:
    return bar_chart(
        [
            Point(_label(bucket, figures.days), (float(bucket.counts.counted), None))
            for bucket in figures.buckets
        ]
    )


def _money_chart(figures: Figures) -> Chart | None:
    """Fact beside forecast; None where there is neither."""
    if not any(bucket.earned is not None or bucket.expected for bucket in figures.buckets):
        return None
    points = []
    for bucket in figures.buckets:
        earned = None if bucket.earned is None else float(bucket.earned)
        expected = bucket.expected
        span = (float(expected.low), float(expected.high)) if expected else None
        values = (earned, float(expected.amount) if expected else None)
        points.append(Point(_label(bucket, figures.days), values, span))
    return bar_chart(points)


def _click_words(figures: Figures) -> str:
    """The first chart in a sentence, for those who do not see it."""
    highest = max(figures.buckets, key=lambda bucket: bucket.counts.counted)
    if not highest.counts.counted:
        return _("No counted click in this period.")
    sentence = ngettext(
        "%(total)s counted click; the most, %(most)s: %(when)s.",
        "%(total)s counted clicks; the most, %(most)s: %(when)s.",
        figures.clicks.counted,
    )
    return sentence % {
        "total": formats.number_format(figures.clicks.counted, use_l10n=True, force_grouping=True),
        "most": formats.number_format(highest.counts.counted, force_grouping=True),
        "when": _label(highest, figures.days),
    }


def _money_words(figures: Figures) -> str:
    """The second chart in a sentence."""
    earned, expected = figures.earned, figures.expected
    parts = []
    if earned is not None:
        parts.append(_("Earned: %(amount)s.") % {"amount": _money(earned, figures)})
    if expected:
        parts.append(
            _("Forecast: %(amount)s, between %(low)s and %(high)s.")
            % {
                "amount": _money(expected.amount, figures),
                "low": _money(expected.low, figures),
                "high": _money(expected.high, figures),
            }
        )
    return " ".join(parts)


def _money(amount: Decimal, figures: Figures) -> str:
    return f"{figures.currency} {formats.number_format(amount, 2, force_grouping=True)}"
