"""Who may know of whom, beyond what the import contracts in pyproject.toml can say."""

import pytest

from tests.architecture.source import (
    PURE,
    ROOMS_OPEN_TO_ALL,
    Module,
    floors,
    imports,
    listed,
    modules,
    product,
)

# core is the house itself: its infrastructure is there to be used. Its tables and pages are its own.
CLOSED_ROOMS_OF_CORE = {"models", "views", "urls", "api", "tasks", "migrations", "management", "admin"}
# Ports that another capability must hold in its hand, and nothing of their tables.
OPEN_BESIDES = {
    "media": {"store"},
    # `bulk` is the one adapter with SQL of its own, and triage writes as many rows as capture does;
    # the others are reads too large for `queries`. `proven` is what a report to the police is built on (ADR 14).
    "records": {"bulk", "search", "verify", "guards", "proven"},
    "channels": {"custody"},
    "moderation": {"equal"},
}
PURE_FORBIDS = {"django", "django_tasks", "allauth", "csp", "whitenoise", "waitress"}
ODD_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "handler", "handlers", "service", "services"}
ODD_NAMES |= {"misc", "common", "data", "info"}


def private_rooms_entered(module: Module) -> list[str]:
    problems = []
    for line, name in imports(module):
        words = name.split(".")
        if words[0] != "narvaro" or len(words) < 3 or words[1] == module.capability or words[1] in PURE:
            continue
        owner, room = words[1], words[2]
        is_open = (
            room not in CLOSED_ROOMS_OF_CORE
            if owner == "core"
            else room in {*ROOMS_OPEN_TO_ALL, *OPEN_BESIDES.get(owner, ())}
        )
        if not is_open:
            problems.append(f"{module}:{line} imports {name}; of {owner}, only {ROOMS_OPEN_TO_ALL} are open")
    return problems


def test_a_capability_enters_only_the_open_rooms_of_another():
    problems = [problem for module in product() for problem in private_rooms_entered(module)]

    assert not problems, listed(problems)


@pytest.mark.parametrize(
    "line",
    [
        "from narvaro.records.models import Version",
        "from narvaro.records import models",
        "import narvaro.records.models",
        "from ..records.views import thread",
        "from narvaro.core.models import Person",
    ],
)
def test_entering_a_private_room_is_seen(line):
    assert private_rooms_entered(Module("narvaro.inbox.actions", line))


@pytest.mark.parametrize(
    "line",
    [
        "from narvaro.records import queries",
        "from narvaro.core.tenancy import Owned",
        "from narvaro.inbox.models import Item",
        "from narvaro.base.clock import now",
        "if TYPE_CHECKING:\n    from narvaro.core.models import Person",
    ],
)
def test_an_open_room_may_be_entered(line):
    assert not private_rooms_entered(Module("narvaro.inbox.actions", line))


def uses_of_testing_code(module: Module) -> list[str]:
    return [
        f"{module}:{line} imports {name}, which is for tests only"
        for line, name in imports(module)
        if name.startswith("narvaro.") and {"testing", "tests"} & set(name.split("."))
    ]


def test_nothing_that_people_run_imports_testing_code():
    problems = [problem for module in product() for problem in uses_of_testing_code(module)]

    assert not problems, listed(problems)


def test_use_of_testing_code_is_seen():
    assert uses_of_testing_code(Module("narvaro.inbox.actions", "from narvaro.testing.servers import snac"))
    assert uses_of_testing_code(Module("narvaro.inbox.actions", "from narvaro.core.testing import an_actor"))


def frameworks_known(module: Module) -> list[str]:
    return [
        f"{module}:{line} imports {name}; the floors {PURE} are pure Python"
        for line, name in imports(module)
        if module.capability in PURE and name.split(".")[0] in PURE_FORBIDS
    ]


def test_the_pure_floors_know_no_framework():
    problems = [problem for module in modules() for problem in frameworks_known(module)]

    assert not problems, listed(problems)


def test_a_framework_on_a_pure_floor_is_seen():
    assert frameworks_known(Module("narvaro.formats.warc", "from django.conf import settings"))


def live_code_in_migrations(module: Module) -> list[str]:
    """Migrations must mean the same in ten years: of ours, only the pure ground floor and fields."""
    return [
        f"{module}:{line} imports {name}; a migration holds what it needs itself"
        for line, name in imports(module)
        if module.room == "migrations"
        and name.startswith("narvaro.")
        and not name.startswith("narvaro.base.")
        and not {"migrations", "fields"} & set(name.split("."))
    ]


def test_migrations_do_not_lean_on_code_that_changes():
    problems = [problem for module in modules() for problem in live_code_in_migrations(module)]

    assert not problems, listed(problems)


def test_live_code_in_a_migration_is_seen():
    assert live_code_in_migrations(Module("narvaro.inbox.migrations.0002_x", "from narvaro.inbox.models import Item"))


def odd_names(module: Module) -> list[str]:
    return [f"{module}: say what it is for instead of {word!r}" for word in module.name.split(".") if word in ODD_NAMES]


def test_no_module_is_named_after_nothing():
    problems = [problem for module in modules() for problem in odd_names(module)]

    assert not problems, listed(problems)


def test_an_odd_name_is_seen():
    assert odd_names(Module("narvaro.inbox.utils", ""))


def test_no_capability_writes_past_its_actions_with_an_admin():
    assert not [module.name for module in modules() if module.room == "admin"]


def test_every_capability_stands_on_a_floor_and_says_what_it_owns():
    packages = {module.capability: module for module in modules() if module.name.count(".") == 1}
    capabilities = {module.capability for module in modules() if module.capability not in ("", "testing", "conftest")}

    assert capabilities <= set(floors()), "Place it in the contract `floors` of pyproject.toml."
    silent = [
        name for name in capabilities if name not in packages or not packages[name].text.strip().startswith('"""')
    ]
    assert not silent, f"__init__.py should say in a paragraph what the capability owns: {silent}"
