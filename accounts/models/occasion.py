"""The dates on which somebody is given something."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts import calendars
from accounts.models.recipient import (
    DAY_OF_MONTH,
    FIRST_BIRTH_YEAR,
    MONTH,
    Recipient,
    check_day,
)

LONGEST_LEAD_DAYS = 90


class OccasionQuerySet(models.QuerySet["Occasion"]):
    def belonging_to(self, user: Any) -> Self:
        """Those of one user's people."""
        return self.filter(recipient__user_id=user.pk)

    def coming(self, *, on_or_after: date) -> Self:
        """Those that have a next day, soonest first."""
        return self.filter(next_on__gte=on_or_after).order_by("next_on", "id")

    def to_be_reminded_of(self, *, on: date) -> Self:
        """Opted in, and within the lead time that was asked for."""
        return self.filter(
            remind_days_before__isnull=False,
            next_on__gte=on,
            remind_from__lte=on,
            recipient__user__is_active=True,
            recipient__user__deletion_due_at=None,
        )


class Occasion(models.Model):
    """One row is one date for one person, and the reminder that was asked for."""

    class Kind(models.TextChoices):
        BIRTHDAY = "birthday", _("Birthday")
        YEARLY = "yearly", _("Every year")
        ONCE = "once", _("Once")
        HOLIDAY = "holiday", _("Holiday")

    class Holiday(models.TextChoices):
        CHRISTMAS = "christmas", _("Christmas")
        ST_NICHOLAS = "st_nicholas", _("St Nicholas")
        NEW_YEAR = "new_year", _("New Year")
        VALENTINES_DAY = "valentines_day", _("Valentine’s Day")
        EASTER = "easter", _("Easter")
        MOTHERS_DAY = "mothers_day", _("Mother’s Day")
        FATHERS_DAY = "fathers_day", _("Father’s Day")
        THANKSGIVING = "thanksgiving", _("Thanksgiving")
        HANUKKAH = "hanukkah", _("Hanukkah")
        DIWALI = "diwali", _("Diwali")
        EID_AL_FITR = "eid_al_fitr", _("Eid al-Fitr")
        EID_AL_ADHA = "eid_al_adha", _("Eid al-Adha")
        LUNAR_NEW_YEAR = "lunar_new_year", _("Lunar New Year")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="occasions")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    title = models.CharField(_("what it is"), max_length=100, blank=True)
    day = models.PositiveSmallIntegerField(_("day"), null=True, blank=True, validators=DAY_OF_MONTH)
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True, validators=MONTH)
    year = models.PositiveSmallIntegerField(
        _("year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FIRST_BIRTH_YEAR), MaxValueValidator(9_999)],
        help_text=_("Of a date that comes once; of a yearly one, the year it began."),
    )
    holiday = models.CharField(_("holiday"), max_length=20, choices=Holiday.choices, blank=True)
    country = models.CharField(
        _("country"),
        max_length=2,
        default="GB",
        choices=[(code, code) for code in calendars.COUNTRIES],
        help_text=_("Some holidays fall on other days elsewhere."),
    )
    remind_days_before = models.PositiveSmallIntegerField(
        _("remind me, days before"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(LONGEST_LEAD_DAYS)],
        help_text=_("By e-mail. Empty for no reminder."),
    )
    next_on = models.DateField(_("next"), null=True, editable=False)
    remind_from = models.DateField(_("remind from"), null=True, editable=False)

    objects = OccasionQuerySet.as_manager()

    class Meta:
        verbose_name = _("occasion")
        verbose_name_plural = _("occasions")
        ordering = ("next_on", "id")
        indexes = (
            models.Index(
                fields=("remind_from",),
                condition=models.Q(remind_from__isnull=False),
                name="occasion_to_remind_of",
            ),
            models.Index(fields=("next_on",), name="occasion_by_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(kind="holiday") | ~models.Q(holiday=""),
                name="occasion_holiday_named",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["yearly", "once"]) | models.Q(day__isnull=False),
                name="occasion_has_a_day",
            ),
            models.UniqueConstraint(
                fields=("recipient",),
                condition=models.Q(kind="birthday"),
                name="occasion_one_birthday",
                violation_error_message=_("The birthday is there already."),
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What to call it on a page."""
        if self.title:
            return self.title
        if self.kind == self.Kind.HOLIDAY:
            return str(self.Holiday(self.holiday).label)
        return str(self.Kind(self.kind).label)

    def clean(self) -> None:
        super().clean()
        if self.kind == self.Kind.HOLIDAY:
            self._check_holiday()
        elif self.kind == self.Kind.BIRTHDAY:
            self.day = self.month = self.year = None
            if self.recipient_id and self.recipient.birth_day is None:
                raise ValidationError(
                    _("Say first when this person’s birthday is."), code="no_birthday"
                )
        else:
            self._check_date()

    def _check_holiday(self) -> None:
        self.day = self.month = self.year = None
        try:
            calendars.next_holiday(
                self.holiday, country=self.country, on_or_after=timezone.localdate()
            )
        except calendars.UnknownHoliday as error:
            message = _("This holiday is not known in that country.")
            raise ValidationError({"holiday": ValidationError(message, code="invalid")}) from error

    def _check_date(self) -> None:
        if self.day is None or self.month is None:
            raise ValidationError(_("Give the day and the month."), code="incomplete_date")
        check_day(month=self.month, day=self.day)
        if self.kind == self.Kind.ONCE:
            if self.year is None:
                message = ValidationError(_("Give the year as well."), code="required")
                raise ValidationError({"year": message})
            try:
                date(self.year, self.month, self.day)
            except ValueError as error:
                raise ValidationError(_("There is no such day."), code="invalid_date") from error

    def falls_on(self, *, on_or_after: date) -> date | None:
        """Its first day from a day on; None where it has passed for good, or has no date."""
        person = self.recipient
        match self.kind:
            case self.Kind.HOLIDAY:
                return calendars.next_holiday(
                    self.holiday, country=self.country, on_or_after=on_or_after
                )
            case self.Kind.BIRTHDAY:
                month, day = person.birth_month, person.birth_day
            case self.Kind.YEARLY:
                month, day = self.month, self.day
            case _:
                return self._only_day(on_or_after=on_or_after)
        if month is None or day is None:
            return None
        return calendars.next_yearly(month, day, on_or_after=on_or_after)

    def _only_day(self, *, on_or_after: date) -> date | None:
        if self.year is None or self.month is None or self.day is None:
            return None
        only = date(self.year, self.month, self.day)
        return only if only >= on_or_after else None
