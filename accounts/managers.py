"""How users are made and found: by e-mail, without regard to case."""

from typing import Any

from django.contrib.auth.base_user import BaseUserManager


class UserManager(BaseUserManager):
    """Creates users whose e-mail is stored in lower case."""

    use_in_migrations = True

    def _create(self, email: str, password: str | None, **fields: Any) -> Any:
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user: Any = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """A giver. Without a password the account can only be entered through a reset."""
        return self._create(email, password, **fields)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> Any:
        """A member of staff with every permission."""
        return self._create(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> Any:
        return self.get(email__iexact=username)
