"""Password rules that Django does not bring."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class MaximumLengthValidator:
    """Refuse what would make hashing expensive; long passphrases are welcome below that."""

    def __init__(self, max_length: int = 1024) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("This password is longer than %(max_length)d characters."),
                code="password_too_long",
                params={"max_length": self.max_length},
            )

    def get_help_text(self) -> str:
        return _("Your password may have up to %(max_length)d characters.") % {
            "max_length": self.max_length
        }


class ContextWordValidator:
    """Refuse what anybody would try first here: our own name, the own address, little more.

    A long phrase that happens to hold such a word is fine.
    """

    ROOM = 4  # characters beside the word, in which digits and signs are quickly tried

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = [word.casefold() for word in words]

    def validate(self, password: str, user: Any = None) -> None:
        told = password.casefold()
        address = str(getattr(user, "email", "") or "").casefold()
        words = [*self.words, address, address.partition("@")[0]]
        for word in words:
            if len(word) >= 4 and word in told and len(told) <= len(word) + self.ROOM:
                raise ValidationError(
                    _("This password is too easy to guess for this site."),
                    code="password_context_word",
                )

    def get_help_text(self) -> str:
        return _("Your password can’t be little more than our name or your own address.")


class SecondFactorLengthValidator:
    """Longer passwords where nothing else guards the account (NIST SP 800-63B-4: 15)."""

    def __init__(self, min_length: int = 0) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) >= self.min_length or _has_second_factor(user):
            return
        raise ValidationError(
            _("Without two-factor authentication, use at least %(min_length)d characters."),
            code="password_too_short_alone",
            params={"min_length": self.min_length},
        )

    def get_help_text(self) -> str:
        if not self.min_length:
            return ""
        return _("Without two-factor authentication, use at least %(min_length)d characters.") % {
            "min_length": self.min_length
        }


def _has_second_factor(user: Any) -> bool:
    if user is None or not getattr(user, "pk", None) or user._state.adding:
        return False
    from allauth.mfa.adapter import get_adapter  # needs the models, which load after this module

    return bool(get_adapter().is_mfa_enabled(user))


class CompositionValidator:
    """Rules about kinds of characters, for operators who must have them."""

    KINDS: dict[str, tuple[Any, str | Promise]] = {
        "lower": (str.islower, gettext_lazy("a small letter")),
        "upper": (str.isupper, gettext_lazy("a capital letter")),
        "digit": (str.isdigit, gettext_lazy("a digit")),
        "symbol": (lambda c: not c.isalnum() and not c.isspace(), gettext_lazy("a symbol")),
    }

    def __init__(self, kinds: Sequence[str] = ()) -> None:
        self.kinds = [kind for kind in kinds if kind in self.KINDS]

    def validate(self, password: str, user: Any = None) -> None:
        missing = [
            ValidationError(
                _("This password needs %(what)s."),
                code=f"password_no_{kind}",
                params={"what": self.KINDS[kind][1]},
            )
            for kind in self.kinds
            if not any(map(self.KINDS[kind][0], password))
        ]
        if missing:
            raise ValidationError(missing)

    def get_help_text(self) -> str:
        if not self.kinds:
            return ""
        what = ", ".join(str(self.KINDS[kind][1]) for kind in self.kinds)
        return _("Your password needs %(what)s.") % {"what": what}
