"""Tables: keys point down, every row has an owner or is shared, and no migration is missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.architecture import django_ready
from tests.architecture.source import listed, may_lean_on

# What others' tables hold. None of it belongs to an authority; a new one is placed here after thought.
OTHERS = {
    "auth.Group": "not used; roles are ours",
    "auth.Permission": "not used; roles are ours",
    "contenttypes.ContentType": "names of tables",
    "sessions.Session": "a signed-in browser",
    "account.EmailAddress": "a person's address for signing in",
    "account.EmailConfirmation": "a person's address for signing in",
    "mfa.Authenticator": "a person's second factor",
}

# Unique over all authorities on purpose: random tokens, looked up before anybody is known. `uid` is one everywhere.
TOKENS = {
    "training.Poll.code",
    "channels.OAuthRequest.state",
    "links.ShortLink.code",
    "publishing.CalendarFeed.secret_hash",
}


def all_models() -> list[Any]:
    django_ready.loaded()
    from django.apps import apps

    return list(apps.get_models(include_auto_created=True))


def ours(models: list[Any]) -> list[Any]:
    return [model for model in models if model.__module__.startswith("narvaro.") and ".tests." not in model.__module__]


def capability(model: Any) -> str:
    return str(model.__module__.split(".")[1])


def upward_keys(model: Any) -> list[str]:
    """Return the foreign keys (one-to-one and many-to-many too) that point to a higher floor or a stranger."""
    problems = []
    for field in model._meta.get_fields():
        target = getattr(field, "related_model", None)
        if field.auto_created or not field.is_relation or not target or not target.__module__.startswith("narvaro."):
            continue
        if not may_lean_on(capability(model), capability(target)):
            problems.append(f"{model._meta.label}.{field.name} points up, to {target._meta.label}")
    return problems


def test_foreign_keys_point_down():
    models = ours(all_models())

    problems = [problem for model in models for problem in upward_keys(model)]

    assert models
    assert not problems, listed(problems)


def a_model(capability: str, *fields: Any, **more: Any) -> Any:
    meta = SimpleNamespace(label=f"{capability}.Thing", get_fields=lambda: fields, constraints=[], unique_together=[])
    meta.__dict__.update(more.pop("meta", {}))
    return SimpleNamespace(__module__=f"narvaro.{capability}.models", _meta=meta, **more)


def a_key(name: str, target: Any, **more: Any) -> Any:
    return SimpleNamespace(name=name, related_model=target, is_relation=True, auto_created=False, **more)


@pytest.mark.parametrize(("upper", "lower", "seen"), [("records", "inbox", True), ("inbox", "records", False)])
def test_a_key_that_points_up_is_seen(upper, lower, seen):
    model = a_model(upper, a_key("thing", a_model(lower)))

    assert bool(upward_keys(model)) is seen


def untended(model: Any) -> list[str]:
    """Return what is missing for the model to be `Owned` or `Shared`."""
    label, tenancy = model._meta.label, getattr(model, "tenancy", None)
    if tenancy == "Shared":
        return []
    if tenancy != "Owned":
        return [f"{label} is neither Owned nor Shared (narvaro.core.tenancy)"]
    fields = {field.name: field for field in model._meta.get_fields()}
    authority = fields.get("authority")
    if authority is None or authority.null:
        return [f"{label} is Owned and does not always carry its authority"]
    problems = []
    for name, field in fields.items():
        is_many = getattr(field, "many_to_many", False) and not field.auto_created
        if is_many and field.remote_field.through._meta.auto_created:
            problems.append(f"{label}.{name} makes a table without an authority; write the table out")
        lone = getattr(field, "unique", False) and not getattr(field, "one_to_one", False)
        if lone and not field.primary_key and name != "uid" and f"{label}.{name}" not in TOKENS:
            problems.append(f"{label}.{name} is unique over all authorities; a unique key begins with the authority")
    keys = [tuple(key) for key in model._meta.unique_together]
    keys += [tuple(constraint.fields) for constraint in model._meta.constraints if getattr(constraint, "fields", ())]
    problems += [
        f"{label}: the unique key {key} should begin with the authority" for key in keys if not starts_well(key)
    ]
    return problems


def starts_well(key: tuple[str, ...]) -> bool:
    return key[0] == "authority"


def test_every_row_belongs_to_an_authority_or_is_shared():
    problems = [problem for model in ours(all_models()) for problem in untended(model)]

    assert not problems, listed(problems)


def test_every_table_of_others_is_known():
    others = [model for model in all_models() if model not in ours(all_models()) and not model._meta.auto_created]
    unknown = sorted({model._meta.label for model in others} - set(OTHERS))

    assert not unknown, f"Say in this test what these hold and why no authority owns them: {unknown}"


def test_a_row_without_an_owner_is_seen():
    authority = a_key("authority", None, null=False, unique=False, primary_key=False)
    code = SimpleNamespace(name="code", unique=True, primary_key=False, auto_created=False)
    number = SimpleNamespace(fields=("year", "number"))

    assert untended(a_model("inbox"))
    assert untended(a_model("inbox", tenancy="Owned"))
    assert untended(a_model("inbox", authority, code, tenancy="Owned"))
    assert untended(a_model("inbox", authority, tenancy="Owned", meta={"constraints": [number]}))
    assert not untended(a_model("inbox", authority, tenancy="Owned"))
    assert not untended(a_model("inbox", tenancy="Shared"))


def missing_migrations(state: Any, loader: Any) -> dict[str, Any]:
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.questioner import NonInteractiveMigrationQuestioner

    questioner = NonInteractiveMigrationQuestioner(specified_apps=set(), dry_run=True)
    return dict(MigrationAutodetector(loader.project_state(), state, questioner).changes(graph=loader.graph))


@pytest.fixture(autouse=True)
def _untranslated():
    """Compare names as they are written: a translated one looks like a changed one."""
    django_ready.loaded()
    from django.utils import translation

    with translation.override(None):
        yield


def test_no_migration_is_missing():
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    changes = missing_migrations(ProjectState.from_apps(apps), loader)

    assert not loader.detect_conflicts()
    missing = [
        f"{app}: {operation.describe()}"
        for app, found in changes.items()
        for each in found
        for operation in each.operations
    ]
    assert not missing, listed(["run makemigrations:", *missing])


def test_a_missing_migration_is_seen():
    from django.db import models
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ModelState

    loader = MigrationLoader(None)
    state = loader.project_state()
    state.add_model(ModelState("contenttypes", "Forgotten", [("id", models.BigAutoField(primary_key=True))]))

    assert missing_migrations(state, loader)
