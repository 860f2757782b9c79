"""The description of the open interface holds for whatever is asked, of accounts with whatever in them."""

from __future__ import annotations

import json
import re
from datetime import date
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from narvaro.channels import actions, openapi
from narvaro.channels.models import Channel
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import a_lead
from narvaro.core.testing import an_authority

pytestmark = pytest.mark.django_db

FORMATS = {
    "date": date.fromisoformat,
    "uuid": UUID,
    "uri": lambda text: urlsplit(text).scheme in ("http", "https") or (_ for _ in ()).throw(ValueError(text)),
}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def faults(value, schema, described, at="$"):
    """Return where a value is not as its schema says; for the words of JSON Schema that the description uses."""
    known = {
        "$ref", "type", "enum", "format", "properties", "required", "additionalProperties", "items", "description",
        "minLength", "maxLength", "pattern",
    }  # fmt: skip
    assert set(schema) <= known, f"{set(schema) - known}: not known to this test"
    if "$ref" in schema:
        return faults(value, described["components"]["schemas"][schema["$ref"].rpartition("/")[2]], described, at)
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is none of {schema['enum']}")
    types = schema.get("type", [])
    if types and not any(isinstance(value, TYPES[each]) for each in ([types] if isinstance(types, str) else types)):
        return [f"{at}: {value!r} is no {types}"]
    if isinstance(value, str) and "format" in schema:
        try:
            FORMATS[schema["format"]](value)
        except ValueError:
            found.append(f"{at}: {value!r} is no {schema['format']}")
    if isinstance(value, dict):
        found += [f"{at}.{name} is missing" for name in schema["required"] if name not in value]
        found += [f"{at}.{name} is not described" for name in value if name not in schema["properties"]]
        for name, each in value.items():
            found += faults(each, schema["properties"].get(name, {}), described, f"{at}.{name}")
    if isinstance(value, list):
        found += [
            fault for n, each in enumerate(value) for fault in faults(each, schema["items"], described, f"{at}[{n}]")
        ]
    return found


def answered(address, path):
    """Ask, and return the answer's content; fails where the description does not hold for it."""
    described = openapi.description("http://localhost")
    answer = Client().get(address)
    told = described["paths"][path]["get"]["responses"]
    assert str(answer.status_code) in told, (address, answer.status_code)
    (media_type, content), *_more = told[str(answer.status_code)]["content"].items()
    assert answer["Content-Type"].partition(";")[0] == media_type, address
    if media_type != "application/json":
        return answer.status_code, None
    data = json.loads(answer.content)
    assert faults(data, content["schema"], described) == [], address
    return answer.status_code, data


def test_the_description_is_open_and_names_every_column_of_the_data():
    answer = Client().get("/api/v1/openapi.json")
    described = json.loads(answer.content)
    authority = an_authority()
    a_channel(authority)

    (account,) = json.loads(Client().get(f"/{authority.slug}/kanaler.json").content)["accounts"]

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert described == openapi.description(described["servers"][0]["url"])
    assert set(account) == set(described["components"]["schemas"]["Account"]["properties"])


@pytest.mark.parametrize("path", ["/api/v1/accounts/verify", "/{slug}/kanaler.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_who_tries_to_send_something_is_told_that_nothing_can_be_sent(path, method):
    address = path.format(slug=an_authority().slug)

    answer = Client(enforce_csrf_checks=True).generic(method, address)

    assert answer.status_code == 405
    assert set(answer["Allow"].split(", ")) == {"GET", "HEAD"}


def test_a_fault_in_an_answer_is_seen():
    described = openapi.description("http://localhost")
    schema = {"$ref": "#/components/schemas/Answer"}

    assert faults({"url": "x", "answer": "ours", "accounts": [], "reported_false": []}, schema, described) == []
    assert faults({"url": "x", "answer": "maybe", "accounts": [], "reported_false": []}, schema, described)
    assert faults({"url": None, "answer": "ours", "accounts": [], "reported_false": []}, schema, described)
    assert faults({"url": "x", "answer": "ours", "accounts": [], "reported_false": [], "more": 1}, schema, described)
    assert faults({"url": "x", "answer": "ours", "accounts": [{}], "reported_false": []}, schema, described)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
asked = st.one_of(
    words,
    st.text(alphabet="abc.:/@?#[]%&=\\\0 åäö", max_size=600),
    words.map(lambda text: f"https://www.facebook.com/{text}"),
    st.sampled_from(["https://[", "http://a:b@c/", "//x/@y", "%00", "%", "https://x/users/" + "a" * 480]),
)


@given(question=asked)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_is_answered_as_described(question):
    status, _data = answered(f"/api/v1/accounts/verify?{urlencode({'url': question})}", "/api/v1/accounts/verify")

    schema = openapi.description("x")["paths"]["/api/v1/accounts/verify"]["get"]["parameters"][0]["schema"]
    is_right = len(question) <= schema["maxLength"] and bool(re.search(schema["pattern"], question))
    assert status == 200 if is_right else status in (200, 400)


@given(name=words.filter(str.strip), purpose=words, opened_on=st.none() | st.dates(max_value=date(2026, 1, 1)))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_account_says_is_told_as_described(name, purpose, opened_on):
    authority = an_authority()
    channel = a_channel(authority, platform="facebook", purpose=purpose)
    Channel.objects.everywhere("test").filter(pk=channel.pk).update(name=name)
    actions.describe_channel(actor=a_lead(authority), channel=channel, opened_on=opened_on, audience=purpose)

    _status, data = answered(f"/{authority.slug}/kanaler.json", "/{slug}/kanaler.json")
    answered(f"/{authority.slug}x/kanaler.json", "/{slug}/kanaler.json")

    assert [account["name"] for account in data["accounts"]] == [name]
