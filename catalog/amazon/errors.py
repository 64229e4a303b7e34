"""What can go wrong at Amazon, by what is to be done about it: try again, pause, or let it be.

Every error carries Amazon's own words for it (`type`, `reason`, `status`) and none of our secrets.
"""


class AmazonError(Exception):
    """Of one call to Amazon. Catch this for all of them, or one of the three kinds below.

    Attributes: `reason` is Amazon's (AssociateNotEligible, InvalidPartnerTag, invalid_client …) or
    ours where none came (Timeout, ConnectionLost, NotJson, OutOfTurn, DailyBudget …); `type` is
    Amazon's exception name or empty; `status` the HTTP status or None; `operation` such as
    GetItems, or Token; `detail` a sentence without secrets; `request_id` Amazon's; `local` is set
    where the call was held back here and Amazon was not asked.
    """

    kind = "error"

    def __init__(
        self,
        reason: str,
        *,
        type: str = "",
        status: int | None = None,
        operation: str = "",
        detail: str = "",
        request_id: str = "",
        resource_id: str = "",
        fields: tuple[str, ...] = (),
        local: bool = False,
    ) -> None:
        self.reason = reason
        self.type = type
        self.status = status
        self.operation = operation
        self.detail = detail
        self.request_id = request_id
        self.resource_id = resource_id
        self.fields = fields
        self.local = local
        super().__init__(reason)

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        status = f" (HTTP {self.status})" if self.status else ""
        what = f": {self.detail}" if self.detail else ""
        return f"{where}{self.reason}{status}{what}"


class Retry(AmazonError):
    """It may work later: busy, broken or cut off. `after_seconds` is what Amazon asked, or None."""

    kind = "retry"

    def __init__(self, reason: str, *, after_seconds: float | None = None, **said: object) -> None:
        super().__init__(reason, **said)  # type: ignore[arg-type]
        self.after_seconds = after_seconds


class Pause(AmazonError):
    """Nothing will work for a while, whatever is asked; the operator should hear of most of these.

    `for_seconds` says for how long to ask nothing; `why` is one of WHYS.
    """

    WHYS = ("not_eligible", "access", "credentials", "partner_tag", "quota", "budget", "breaker")
    kind = "pause"

    def __init__(self, reason: str, *, for_seconds: float, why: str, **said: object) -> None:
        super().__init__(reason, **said)  # type: ignore[arg-type]
        self.for_seconds = for_seconds
        self.why = why


class Stop(AmazonError):
    """This request is wrong and will stay wrong; others may be fine. Do not send it again."""

    kind = "stop"
