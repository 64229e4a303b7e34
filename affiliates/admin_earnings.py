"""The back office of reports: bringing them in, and what they say beside our clicks."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from affiliates.amazon_reports.reading import Choices
from affiliates.amazon_reports.refusals import DateOrderNeeded, PeriodNeeded, Refused
from affiliates.forms import LABELS, ImportForm, PeriodForm
from affiliates.models import Family, Report, ReportFile
from affiliates.services.importing import Busy, import_earnings
from affiliates.services.reconciliation import reconcile
from affiliates.services.replacing import OverlapUnclear
from affiliates.services.uploads import forget, keep, kept

SALT = "affiliates.import"
MOST_PRODUCTS = 200  # on a page; every one that was clicked would be a line
WAYS_OUT = {
    DateOrderNeeded: gettext_lazy("Say below which comes first in its dates."),
    PeriodNeeded: gettext_lazy("Say below of which days it is."),
    OverlapUnclear: gettext_lazy("Say below whether it is whole or one part."),
}


class ReportInline(admin.TabularInline):
    model = Report
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "family",
        "title",
        "first_day",
        "last_day",
        "rows",
        "replaced_rows",
        "revenue",
        "fees",
        "currency",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ReportFile)
class ReportFileAdmin(admin.ModelAdmin):
    """What was imported, and the two pages about it."""

    list_display = ("name", "marketplace", "imported_at", "imported_by", "number_of_reports")
    list_filter = ("marketplace",)
    list_select_related = ("imported_by",)
    date_hierarchy = "imported_at"
    inlines = (ReportInline,)
    change_list_template = "admin/affiliates/report_files.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReportFile]:
        return super().get_queryset(request).annotate(number=Count("reports"))

    @admin.display(description=gettext_lazy("reports"))
    def number_of_reports(self, file: Any) -> int:
        number: int = file.number
        return number

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        own = [
            path("import/", site(self.bring_in), name="affiliates_import"),
            path("reconciliation/", site(self.reconciliation), name="affiliates_reconciliation"),
        ]
        return [*own, *super().get_urls()]

    def bring_in(self, request: HttpRequest) -> HttpResponse:
        """Choose a report, look at what it would do, and import it."""
        if not request.user.has_perm("affiliates.add_reportfile"):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        context: dict[str, Any] = {"form": form, "title": _("Import a report")}
        if request.method == "POST" and form.is_valid():
            done = self._preview_or_import(request, form, context)
            if done is not None:
                return done
        context = {**self.admin_site.each_context(request), "media": form.media, **context}
        return TemplateResponse(request, "admin/affiliates/import.html", context)

    def _preview_or_import(
        self, request: HttpRequest, form: ImportForm, context: dict[str, Any]
    ) -> HttpResponse | None:
        given = form.cleaned_data
        try:
            if given["file"]:
                name, upload = given["file"].name, keep(given["file"])
            else:
                upload, name = signing.loads(given["upload"], salt=SALT, max_age=3600)
            is_real = "import" in request.POST and not given["file"]
            with kept(upload) as local:
                context["outcome"] = outcome = import_earnings(
                    local,
                    name=name,
                    choices=Choices(
                        marketplace=settings.AMAZON_MARKETPLACE,
                        today=timezone.localdate(),
                        date_order=given["date_order"] or None,
                        period=(given["first"], given["last"]) if given["first"] else None,
                    ),
                    overlap=given["overlap"],
                    again=given["again"],
                    dry_run=not is_real,
                    imported_by=request.user if is_real else None,  # type: ignore[arg-type]
                )
        except (signing.BadSignature, FileNotFoundError):
            form.add_error("file", _("The file is no longer here: choose it again."))
            return None
        except Busy:
            form.add_error(None, _("Another import is under way. Try again in a minute."))
            return None
        except Refused as error:
            context["problems"] = error.problems
            context["way_out"] = WAYS_OUT.get(type(error), "")
            if context["way_out"]:
                self._remember(form, upload, name, context)
            return None
        if outcome.status == "imported":
            forget(upload)
            text = ngettext("%(n)s line was imported.", "%(n)s lines were imported.", outcome.rows)
            messages.success(request, text % {"n": f"{outcome.rows:,}"})
            return redirect("admin:affiliates_reportfile_changelist")
        context["families"] = dict(Family.choices)
        self._remember(form, upload, name, context)
        return None

    def _remember(self, form: ImportForm, upload: str, name: str, context: dict[str, Any]) -> None:
        """The next request is about the same file."""
        data: Any = form.data
        form.data = data.copy()
        cast("dict[str, str]", form.data)["upload"] = signing.dumps((upload, name), salt=SALT)
        context["file_name"] = name

    def reconciliation(self, request: HttpRequest) -> HttpResponse:
        """Our clicks beside Amazon's orders and earnings."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm.of(request.GET)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Clicks and earnings"),
            "form": form,
            "media": form.media,
            "import_url": reverse("admin:affiliates_import"),
        }
        if form.is_valid():
            asked = form.cleaned_data
            days = {"first": asked["first"], "last": asked["last"]}
            most = MOST_PRODUCTS if asked["by"] == "product" else None
            context["table"] = reconcile(asked["by"], **days, most=most)
            context["column"] = LABELS[asked["by"]]
        return TemplateResponse(request, "admin/affiliates/reconciliation.html", context)
