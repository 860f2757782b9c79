"""
No table, query, filter or page leads from what screening found, or from a ground, to people (RF-3, RF-4, GDPR-6).

The tables are looked at in the model and in the database, the queries and filters in the source, and
the moderator's view of earlier measures by asking for it.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import re
from importlib import import_module
from itertools import chain

import pytest
from django import forms
from django.apps import apps
from django.db import connection
from django.db.models import F
from django.urls import URLPattern, URLResolver, get_resolver

from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Author
from narvaro.core.forms import ActingForm
from narvaro.core.testing import an_actor, an_authority, person_of
from narvaro.core.types import Role
from narvaro.inbox import alike
from narvaro.inbox import queries as inbox
from narvaro.inbox.models import Finding
from narvaro.inbox.testing import a_comment
from narvaro.inbox.types import Only
from narvaro.moderation import actions as moderation
from narvaro.moderation import equal, rules
from narvaro.moderation import queries as measures
from narvaro.policy.types import Measure as Kind
from narvaro.records.search import Question
from narvaro.screening import Area
from narvaro.web import command as command_line
from tests.architecture.source import Module, product

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# Words of columns, parameters and lookups. Whose: who wrote something. What: what was found in it, or held against it.
WHOSE = re.compile(r"author(?!ity)|writer|handle(?!r|d)|counterparty|resident|citizen|skribent|forfattare")
WHAT = re.compile(
    r"(?<![a-z])(area|ground|rule|severity|finding|found|sentence|class|classes|urgency|catalogue|house_rule|category|"
    r"label|tag|topic|score|sentiment)(?![a-z])"
)
# What no table may hold at all, about anybody.
NEVER = re.compile(
    r"sentiment|politic|ideolog|opinion|religio|ethnic|orientation|union_member|(?<![a-z])health(?!y)|(?<![a-z])party|(?<![a-z])score|profile|persona"
)

HOLDS_BOTH = {
    "moderation.Measure": "author_key tells the same author in the same channel, of no use to name anybody; RF-5 asks "
    "for an earlier reminder before a block",
}
"""Tables with a column of each sort, and why. None of their indexes may hold both."""

LOOKS_UP_BOTH = {
    ("narvaro.moderation.queries", "earlier_about"): "leaves out what blames nobody; one author in one channel (RF-4)",
}
READS_FINDINGS = {
    "narvaro.inbox.queries.screened": "what was found in the items that are named, one or a page of the inbox",
    "narvaro.inbox.actions.feed": "writes them",
    "narvaro.inbox.alike": "which comments had the same found in them, without who wrote them",
}


def our_models():
    return [m for m in apps.get_models() if m.__module__.startswith("narvaro.") and ".tests." not in m.__module__]


def columns(model) -> list[str]:
    return [field.column for field in model._meta.concrete_fields]


def of_expressions(model, name: str) -> list[str]:
    """Return the columns that an index of expressions is made of; [] for an index of columns."""
    made = next((index.expressions for index in model._meta.indexes if index.name == name), ())
    parts = [part for each in made for part in (each.flatten() if hasattr(each, "flatten") else [each])]
    return [part.name for part in parts if isinstance(part, F)]


def whose(names) -> set[str]:
    return {name for name in names if WHOSE.search(name)}


def what(names) -> set[str]:
    return {name for name in names if WHAT.search(name)}


# --- Tables -------------------------------------------------------------------------------------------------------


def test_rf_3_no_table_is_of_people_and_what_they_are():
    named = [m._meta.label for m in our_models() if re.search("Author$|Profile|Resident|Citizen|Writer", m.__name__)]
    held = [f"{m._meta.label}.{c}" for m in our_models() for c in columns(m) if NEVER.search(c)]

    assert named == []
    assert held == []


def test_gdpr_6_no_table_holds_somebody_beside_a_finding():
    both = {m._meta.label for m in our_models() if whose(columns(m)) and what(columns(m))}

    assert both == set(HOLDS_BOTH)
    assert not whose(columns(Finding))


def ahead(model) -> set[type]:
    """Return the models that keys lead to from a model, one step or many."""
    reached, to_do = set(), [model]
    while to_do:
        for field in to_do.pop()._meta.concrete_fields:
            target = field.related_model
            if target is not None and target not in reached:
                reached.add(target)
                to_do.append(target)
    return reached


def test_gdpr_6_no_key_leads_from_a_finding_to_somebody():
    relations = {field.name for field in Finding._meta.concrete_fields if field.related_model}
    pointing = [
        f"{m._meta.label}.{f.name}" for m in our_models() for f in m._meta.concrete_fields if f.related_model is Finding
    ]
    reached = {m._meta.label: whose(columns(m)) for m in ahead(Finding) if whose(columns(m))}
    ours = {"channels.Channel": {"handle", "handle_key"}}  # what the authority itself is called on a platform

    assert relations == {"authority", "incoming"}
    assert pointing == []
    # The person of ours who has the work is reached; nobody who wrote is.
    assert reached == ours


@pytest.mark.django_db
def test_gdpr_6_no_index_of_the_database_finds_rows_by_a_finding_or_by_it_and_somebody():
    found, by_author = [], []
    with connection.cursor() as cursor:
        for model in our_models():
            for name, made in connection.introspection.get_constraints(cursor, model._meta.db_table).items():
                if not (made["index"] or made["unique"]) or made["primary_key"]:
                    continue
                indexed = of_expressions(model, name) or made["columns"] or []
                if model is Finding and what(indexed):
                    found.append(name)
                if whose(indexed):
                    by_author.append((model._meta.label, tuple(indexed)))
                    if what(indexed):
                        found.append(name)

    assert found == []
    # RF-4: whoever is looked up, is looked up in one channel.
    assert sorted(by_author) == [
        ("channels.Channel", ("authority_id", "platform", "handle")),  # the authority's own account
        ("channels.Channel", ("handle_key", "platform")),  # the same, asked for by anybody who doubts it
        ("moderation.Block", ("authority_id", "channel_id", "author_remote_id")),
        ("moderation.Measure", ("authority_id", "channel_id", "author_key", "id")),
    ]


@pytest.mark.django_db
def test_rf_4_what_tells_an_author_again_is_of_no_use_in_another_channel():
    authority = an_authority()
    first, second = a_channel(authority), a_channel(authority)

    keys = {rules.author_key(channel.uid, "skribent-1") for channel in (first, second)}

    assert len(keys) == 2
    assert not any("skribent" in key for key in keys)


# --- Queries ------------------------------------------------------------------------------------------------------

LOOKUPS = {
    "filter", "exclude", "get", "Q", "When", "order_by", "values", "values_list", "annotate", "aggregate", "alias",
    "distinct", "in_bulk", "get_or_create", "update_or_create",
}  # fmt: skip


def parameters(node) -> list[str]:
    arguments = node.args
    return [each.arg for each in chain(arguments.posonlyargs, arguments.args, arguments.kwonlyargs)]


def looked_up(node) -> set[str]:
    """Return the names that a function asks the database by: keywords and plain words of lookups."""
    names: set[str] = set()
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if called in LOOKUPS:
            names |= {each.arg for each in call.keywords if each.arg}
            names |= {
                a.value.lstrip("-") for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
            }
    return names


def functions(module: Module):
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def asked_together(module: Module) -> list[str]:
    """Return the functions that take somebody and a finding, or look rows up by both."""
    reads = module.room in ("queries", "search", "oversight", "equal", "alike", "index", "proven")
    problems = []
    for node in functions(module):
        taken = parameters(node)
        if reads and whose(taken) and what(taken):
            problems.append(f"{module}.{node.name} takes {sorted(whose(taken) | what(taken))}")
        names = looked_up(node)
        if whose(names) and what(names) and (str(module), node.name) not in LOOKS_UP_BOTH:
            problems.append(f"{module}.{node.name} looks up {sorted(whose(names) | what(names))}")
    return problems


def test_gdpr_6_no_query_takes_somebody_together_with_a_finding_or_looks_up_both():
    assert [problem for module in product() for problem in asked_together(module)] == []


@pytest.mark.parametrize(
    "text",
    [
        "def measures_of(actor, author_remote_id, ground): ...",
        "def people(actor, *, handle, areas=(), area=''): ...",
        "def some(actor, name): return Finding.objects.of(actor).filter(area='x', item__author_handle=name)",
        "def some(actor): return Measure.objects.of(actor).values('author_key', 'ground')",
        "def some(actor): return rows.filter(Q(author_key=1) & Q(ground='BBS-5a'))",
        "def some(actor): return rows.order_by('-author_key').filter(finding__rule='x')",
    ],
)
def test_a_query_that_would_is_seen(text):
    assert asked_together(Module("narvaro.moderation.queries", text))


def test_the_named_exceptions_are_still_there_and_leave_out_only():
    for (module, name), _why in LOOKS_UP_BOTH.items():
        source = inspect.getsource(getattr(import_module(module), name))
        assert re.findall(r"(\w+)\((?:catalogue|ground)=", source) == ["exclude"]
        assert "channel=channel" in source


def test_gdpr_6_findings_are_read_in_three_places_only():
    named = {
        str(module)
        for module in product()
        if module.capability != "screening"
        for node in module.nodes
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith("inbox.models")
        and any(alias.name == "Finding" for alias in node.names)
        and not is_for_types(module, node)
    }
    in_sql = [str(m) for m in product() if "inbox_finding" in m.text]

    assert named == set(READS_FINDINGS)
    assert in_sql == []


def is_for_types(module: Module, wanted: ast.AST) -> bool:
    return any(
        isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test) and wanted in ast.walk(node)
        for node in module.nodes
    )


def test_rf_4_equal_treatment_is_told_of_comments_and_never_of_people():
    said = set(alike.found_alike.__code__.co_names) | set(alike.found_alike.__code__.co_varnames)

    for each in (equal.Found, equal.Compared, equal.Done, equal.Pair, equal.Decided, equal.Span):
        assert not whose(each.__dataclass_fields__), each
    assert not whose(said)
    assert not {Area.SUICIDE, Area.CHILD, Area.SECRECY, Area.PERSONAL_DATA, Area.SERVICE} & set(alike.COMPARED)


# --- Filters ------------------------------------------------------------------------------------------------------


def filters() -> list[type[forms.Form]]:
    """Return the forms of the house that ask and do nothing."""
    found = set()
    for module in product():
        if "forms" in str(module):
            held = vars(import_module(str(module))).values()
            found |= {each for each in held if isinstance(each, type) and issubclass(each, forms.Form)}
    return sorted((f for f in found if not issubclass(f, ActingForm) and f.__module__.startswith("narvaro.")), key=str)


def test_gdpr_6_no_filter_has_a_finding_in_it():
    from narvaro.screening.finding import ServiceClass

    sensitive = {area.value for area in Area} | {
        ServiceClass.SUICIDE_RISK.value, ServiceClass.CONCERN_FOR_CHILD.value, ServiceClass.THREAT_TO_STAFF.value,
        ServiceClass.EMERGENCY.value,
    }  # fmt: skip
    named, offered = [], []
    for form in filters():
        if what(form.base_fields):
            named.append(form)
        for name, field in form.base_fields.items():
            values = {str(value) for value, _label in getattr(field, "choices", ())}
            if values & sensitive:
                offered.append((form, name))

    assert len(filters()) > 4
    assert named == []
    assert offered == []
    assert not {value for value, _label in inbox.kinds()} & sensitive
    for asked in (Question, Only):
        fields = set(asked.__dataclass_fields__)
        assert not what(fields), asked
        assert not (whose(fields) and fields & {"classes", "urgency"}), asked
    # The inbox narrows to what an errand is about, and then to nobody; the search to somebody, and then to no errand.
    assert not whose(Only.__dataclass_fields__)


# --- Commands -----------------------------------------------------------------------------------------------------


def options_of(command: str) -> set[str]:
    """Return the names under which a command takes what it is given, and what it lets one choose between."""
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"narvaro.web.commands.{command.replace('import', 'import_archive')}").arguments(parser)
    return {action.dest for action in parser._actions} | {str(c) for a in parser._actions for c in a.choices or ()}


def test_gdpr_6_no_command_asks_for_somebody_together_with_a_finding():
    asked = {command: options_of(command) for command in command_line.commands()}

    both = [command for command, names in asked.items() if whose(names) and what(names)]

    assert whose(asked["search"]) == {"author"}
    assert both == []
    assert not asked["search"] & {area.value for area in Area}


# --- Pages --------------------------------------------------------------------------------------------------------

THREAT = "Jag ska slå dig sönder och samman din jävel"


def pages(patterns=None, before=""):
    """Yield every address of ours that says all by itself, with its view."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from pages(each.url_patterns, here)
        elif isinstance(each, URLPattern) and each.callback.__module__.startswith("narvaro."):
            yield "/" + here.lstrip("^/"), each.callback


def test_rf_4_no_address_is_of_a_resident():
    assert [
        pattern for pattern, _view in pages() if whose([pattern]) or re.search("profil(?!$)|person/<str", pattern)
    ] == []


@pytest.mark.django_db
def test_rf_4_the_moderator_sees_an_authors_earlier_measures_in_this_channel_only(client):
    authority = an_authority()
    lead = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    here, there = a_channel(authority), a_channel(authority)
    author = Author("skribent-1", "skribent1@social.example", "Skribent", "")
    first = a_comment(authority, THREAT, channel=there, author=author)
    reasons = "Orsaken i den andra kanalen."
    moderation.decide_measure(
        actor=lead, item=first.item, kind=Kind.HIDE, ground="BBS-5a", reasons=reasons, waive_notice_why="Automatiskt."
    )
    same, other = (a_comment(authority, f"Din dumma jävel {c.pk}", channel=c, author=author) for c in (there, here))
    client.force_login(person_of(lead), backend=BACKEND)

    shown = {row.pk: client.get(f"/inkorg/{row.uid}/steg/moderera/").content.decode() for row in (same, other)}

    assert len(measures.earlier_about(lead, there, "skribent-1")) == 1
    assert measures.earlier_about(lead, here, "skribent-1") == []
    assert "skribent-1" not in json.dumps([list(shown.values())])
    assert reasons not in shown[other.pk]
