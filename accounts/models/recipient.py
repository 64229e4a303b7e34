"""The people a user gives to."""

import calendar
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts import calendars
from accounts.encryption import EncryptedTextField
from accounts.models.user import User

FIRST_BIRTH_YEAR = 1900
A_LEAP_YEAR = 2024
DAY_OF_MONTH = (MinValueValidator(1), MaxValueValidator(31))
MONTH = (MinValueValidator(1), MaxValueValidator(12))


def check_day(*, month: int | None, day: int | None) -> None:
    """Raises ValidationError for half a date, or one that no year has."""
    if (month is None) != (day is None):
        raise ValidationError(_("Give both the day and the month."), code="incomplete_date")
    if month and day and day > calendar.monthrange(A_LEAP_YEAR, month)[1]:
        raise ValidationError(_("There is no such day."), code="invalid_date")


class RecipientQuerySet(models.QuerySet["Recipient"]):
    def belonging_to(self, user: Any) -> Self:
        """Those of one user; an anonymous user has none."""
        return self.filter(user_id=user.pk)


class Recipient(models.Model):
    """One row is one person a user gives to. Taste is learned per person, never per account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="recipients")
    name = models.CharField(_("name"), max_length=100)
    relationship = models.CharField(
        _("who they are to you"), max_length=50, blank=True, help_text=_("Such as dad or friend.")
    )
    birth_day = models.PositiveSmallIntegerField(
        _("birthday, day"), null=True, blank=True, validators=DAY_OF_MONTH
    )
    birth_month = models.PositiveSmallIntegerField(
        _("birthday, month"), null=True, blank=True, validators=MONTH
    )
    birth_year = models.PositiveSmallIntegerField(
        _("birthday, year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FIRST_BIRTH_YEAR)],
        help_text=_("If you know it."),
    )
    interests = models.JSONField(_("interests"), default=list, blank=True)
    avoids = models.JSONField(_("please avoid"), default=list, blank=True)
    sizes = EncryptedTextField(
        _("sizes"), blank=True, max_length=500, help_text=_("Such as shoes 42, ring M.")
    )
    notes = EncryptedTextField(_("notes"), blank=True, max_length=2_000)
    budget_min = models.DecimalField(
        _("budget from"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
    )
    budget_max = models.DecimalField(
        _("budget up to"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0"))],
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = RecipientQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "id")
        indexes = (models.Index(fields=("user", "name"), name="recipient_by_user"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(birth_day=None, birth_month=None)
                | models.Q(birth_day__range=(1, 31), birth_month__range=(1, 12)),
                name="recipient_birthday_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(birth_year=None) | models.Q(birth_day__isnull=False),
                name="recipient_year_with_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(budget_min=None)
                | models.Q(budget_max=None)
                | models.Q(budget_min__lte=models.F("budget_max")),
                name="recipient_budget_in_order",
                violation_error_code="invalid_budget",
                violation_error_message=_("The lower budget is above the upper one."),
            ),
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        check_day(month=self.birth_month, day=self.birth_day)
        if self.birth_year is None:
            return
        if self.birth_month is None or self.birth_day is None:
            raise ValidationError(
                {"birth_year": ValidationError(_("Give the day as well."), code="incomplete_date")}
            )
        try:
            born_on = date(self.birth_year, self.birth_month, self.birth_day)
        except ValueError as error:
            raise ValidationError(_("There is no such day."), code="invalid_date") from error
        if born_on > timezone.localdate():
            raise ValidationError(_("That day is still to come."), code="in_the_future")

    def age(self, *, on: date) -> int | None:
        """In whole years, where the year of birth is known."""
        if self.birth_year is None or self.birth_month is None or self.birth_day is None:
            return None
        born_on = date(self.birth_year, self.birth_month, self.birth_day)
        return calendars.age_on(on, born_on=born_on)
