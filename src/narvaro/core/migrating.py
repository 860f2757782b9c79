"""
Migrating without rendering the whole product over and over.

Before each step Django makes every model anew that is related, however far away, to the one that changes. Here
nearly every model refers to the authority, so each of some hundred steps made each of some hundred models: half a
minute on an empty database. Our references have no way back (`related_name="+"`), so nothing but the model itself
and those that refer to it can differ. ADR 24.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.state import ProjectState

_Key = tuple[str, str]
_all_related: Any = ProjectState._find_reload_model  # type: ignore[attr-defined]


def render_less(ours: frozenset[str]) -> None:
    """
    Let a step of a migration render the model it changes, and those that refer to it, instead of all.

    Args:
        ours: The labels of the applications whose references have no way back; for others all is as Django has it.
    """

    def near(self: Any, app_label: str, model_name: str, delay: bool = False) -> set[_Key]:
        if app_label not in ours:
            found: set[_Key] = _all_related(self, app_label, model_name, delay)
            return found
        key = (app_label, model_name.lower())
        return {key, *self.relations.get(key, {})} & set(self.models)

    ProjectState._find_reload_model = near  # type: ignore[attr-defined]
