"""Why a file is not read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, in plain words. `row` counts from 1 in the sheet; 0 is the whole sheet."""

    reason: str
    row: int = 0
    column: str = ""
    sheet: str = ""


class Refused(Exception):
    """The file is refused, and nothing of it may be used."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.reason for problem in problems))
        self.problems = problems


class DateOrderNeeded(Refused):
    """Dates such as 03/04/2026: only the person who downloaded the file knows the order."""


class PeriodNeeded(Refused):
    """The report names no days, neither in its rows nor in its title."""


def refuse(reason: str, *, row: int = 0, column: str = "", sheet: str = "") -> Refused:
    """A refusal for one reason."""
    return Refused(Problem(reason=reason, row=row, column=column, sheet=sheet))
