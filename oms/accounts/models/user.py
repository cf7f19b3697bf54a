"""A colleague: e-mail, one role, the locations they work at, and how they like their screen."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from oms.accounts import roles


class UserManager(BaseUserManager.from_queryset(models.QuerySet)):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        """Without a password the account can't sign in until one is set by its link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, **{"role": roles.Role.ADMIN, "all_locations": True, **fields})

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())


class User(AbstractBaseUser):
    """Deactivated, never deleted: what they did keeps their name."""

    class Theme(models.TextChoices):
        SYSTEM = "system", "As the device"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=10, choices=roles.Role, blank=True)
    is_active = models.BooleanField(default=True)
    all_locations = models.BooleanField(default=False)
    compact = models.BooleanField(default=False)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField(default=True)
    sound = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    ALL_PERMISSIONS = roles.ALL
    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_lower")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def permissions(self) -> frozenset[str]:
        return roles.permissions_of(self.role) if self.is_active else frozenset()

    def can(self, permission: str) -> bool:
        return permission in self.permissions

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """What templates ask through `perms.orders.view`."""
        return self.can(perm)

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return all(self.can(perm) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(name.startswith(f"{app_label}.") for name in self.permissions)

    @staticmethod
    def roles_with(*permissions: str, any_of: Iterable[str] = ()) -> list[roles.Role]:
        return roles.roles_with(*permissions, any_of=any_of)

    @classmethod
    def admin_addresses(cls) -> list[str]:
        """Whom to ask."""
        admins = cls.objects.filter(role=roles.Role.ADMIN, is_active=True)
        return list(admins.order_by("email").values_list("email", flat=True)[:5])

    @property
    def is_admin(self) -> bool:
        return self.role == roles.Role.ADMIN

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in str(self).split()[:2]).upper()
