"""The wall between authorities: every owned row carries its authority, every query starts from an actor.

Law: TF-7 (another's data is only technically stored), ARK-2 (each authority forms its own archive).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self, TypeVar

from django.db import models

from narvaro.core.types import Actor

Row = TypeVar("Row", bound=models.Model)


class NoActor(RuntimeError):
    """A query on owned rows did not say who asks. Use `.of(actor)`, or `.everywhere(duty)` in a sweep."""


class OwnedQuerySet(models.QuerySet[Row]):
    """Rows of one authority."""


class OwnedManager(models.Manager[Row]):
    """Refuses every query that has no actor; writing a row needs its authority anyway, so it is let through."""

    def get_queryset(self) -> models.QuerySet[Row]:
        raise NoActor(f"{self.model.__name__} ägs av en myndighet: fråga med .of(actor) eller .everywhere(duty).")

    def of(self, actor: Actor) -> models.QuerySet[Row]:
        """Return the rows of the actor's authority."""
        return self._unscoped().filter(authority_id=actor.authority_id)

    def everywhere(self, duty: str) -> models.QuerySet[Row]:
        """Return rows of all authorities, for a sweep whose `duty` is named."""
        if not duty:
            raise NoActor("En svepning över alla myndigheter ska namnge sin uppgift.")
        return self._unscoped()

    def _unscoped(self) -> models.QuerySet[Row]:
        return models.QuerySet(self.model, using=self._db)

    def create(self, **values: Any) -> Row:
        return self._unscoped().create(**values)

    def bulk_create(self, objs: Any, **options: Any) -> list[Row]:  # type: ignore[override]
        return self._unscoped().bulk_create(objs, **options)


class Owned(models.Model):
    """A row that belongs to exactly one authority."""

    tenancy: Literal["Owned", "Shared"] = "Owned"

    authority = models.ForeignKey("core.Authority", models.PROTECT, related_name="+")

    objects: ClassVar[OwnedManager[Self]] = OwnedManager()

    class Meta:
        abstract = True


class Shared(models.Model):
    """A row of the installation or of a whole organisation; it holds no resident's words."""

    tenancy: Literal["Owned", "Shared"] = "Shared"

    class Meta:
        abstract = True
