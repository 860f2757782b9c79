"""Jobs: each stands in the room for them, and a capability queues only its own."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import Module, imports, listed, product


def misplaced_jobs(module: Module) -> list[str]:
    """Return the jobs that stand elsewhere than in `tasks`: their stored name would not say where to look."""
    return [
        f"{module}:{node.lineno} {node.name} is a job; it belongs in narvaro.{module.capability}.tasks"
        for node in module.nodes
        if isinstance(node, ast.FunctionDef) and module.room != "tasks"
        for decorator in node.decorator_list
        if ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator) in ("task", "jobs.task")
    ]


def strangers_jobs(module: Module) -> list[str]:
    """Return the jobs of other capabilities that a module takes in: nothing is queued upwards or sideways."""
    return [
        f"{module}:{line} takes {name}; a capability queues only its own jobs"
        for line, name in imports(module)
        if name.startswith("narvaro.") and name.split(".")[2:3] == ["tasks"] and name.split(".")[1] != module.capability
    ]


def test_every_job_stands_in_the_room_for_jobs():
    problems = [problem for module in product() for problem in misplaced_jobs(module)]

    assert not problems, listed(problems)


def test_a_capability_queues_only_its_own_jobs():
    problems = [problem for module in product() for problem in strangers_jobs(module)]

    assert not problems, listed(problems)


@pytest.mark.parametrize("decorator", ["@task", "@task(priority=5)", "@jobs.task"])
def test_a_misplaced_job_is_seen(decorator):
    text = f"{decorator}\ndef look() -> None: ...\n"

    assert misplaced_jobs(Module("narvaro.inbox.actions", text))
    assert not misplaced_jobs(Module("narvaro.inbox.tasks", text))


def test_a_strangers_job_is_seen():
    assert strangers_jobs(Module("narvaro.records.actions", "from narvaro.inbox.tasks import triage"))
    assert not strangers_jobs(Module("narvaro.inbox.actions", "from narvaro.inbox.tasks import triage"))
