"""The open interface in OpenAPI 3.1: what machines may ask about accounts, and what they are answered."""

from __future__ import annotations

from typing import Any

from narvaro.base import platforms
from narvaro.channels.types import AccountKind, Comments

LONGEST_QUESTION = 500
"""How many characters an account's address or name may have when it is asked about."""


def description(base_url: str) -> dict[str, Any]:
    """Return the description of the open interface of an installation."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Närvaro: official accounts",
            "version": "1",
            "summary": "Which accounts in social media belong to an authority.",
            "description": (
                "Open data. Nothing is told of persons: functions and units only. Answers may be kept for five "
                "minutes, and are asked for anew with If-None-Match."
            ),
            "license": {"name": "CC0 1.0", "identifier": "CC0-1.0"},
        },
        "servers": [{"url": base_url}],
        "paths": {"/api/v1/accounts/verify": {"get": _verify()}, "/{slug}/kanaler.json": {"get": _accounts()}},
        "components": {"schemas": {"Account": _account(), "Answer": _answer(), "Register": _register()}},
    }


def _verify() -> dict[str, Any]:
    return {
        "operationId": "verify",
        "summary": "Whether an account is an authority's.",
        "parameters": [
            {
                "name": "url",
                "in": "query",
                "required": True,
                "description": "The account's address, or its name.",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION, "pattern": r"\S"},
                "example": "https://www.facebook.com/storkoping",
            }
        ],
        "responses": {
            "200": _json("What is known of the account.", {"$ref": "#/components/schemas/Answer"}),
            "304": {"description": "The same as whoever asks has already."},
            "400": _json(
                "Nothing was asked, or something too long.",
                {
                    "type": "object", "required": ["error"], "additionalProperties": False,
                    "properties": {"error": {"type": "string"}},
                },
            ),
        },
    }  # fmt: skip


def _accounts() -> dict[str, Any]:
    return {
        "operationId": "accounts",
        "summary": "Every account of one authority, those that are closed too.",
        "parameters": [
            {
                "name": "slug",
                "in": "path",
                "required": True,
                "description": "The authority's short name.",
                "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
                "example": "storkoping",
            }
        ],
        "responses": {
            "200": _json("The accounts.", {"$ref": "#/components/schemas/Register"}),
            "304": {"description": "The same as whoever asks has already."},
            "404": {"description": "No such authority.", "content": {"text/html": {"schema": {"type": "string"}}}},
        },
    }


def _json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _answer() -> dict[str, Any]:
    return _object(
        {
            "url": {"type": "string", "description": "What was asked about."},
            "answer": {
                "enum": ["ours", "closed", "reported_false", "unknown"],
                "description": "ours: in use; closed: was an authority's; reported_false: an authority here says that "
                "it poses as the authority; unknown: nobody here knows it.",
            },
            "accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Account"}},
            "reported_false": {
                "type": "array",
                "items": _object(
                    {
                        **{name: {"type": "string"} for name in ("authority", "platform", "account", "says")},
                        "since": {"type": "string", "format": "date"},
                        "is_there": {"type": "boolean"},
                    }
                ),
            },
        }
    )


def _register() -> dict[str, Any]:
    return _object(
        {
            "authority": _object({"name": {"type": "string"}, "organisation_number": {"type": "string"}}),
            "page": {"type": "string", "format": "uri", "description": "The same for people."},
            "accounts": {"type": "array", "items": {"$ref": "#/components/schemas/Account"}},
        }
    )


def _account() -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    day = {"type": ["string", "null"], "format": "date"}
    return _object(
        {
            "uid": {"type": "string", "format": "uuid"},
            "authority": text,
            "organisation_number": text,
            "platform": {"enum": list(platforms.catalogue())},
            "name": text,
            "handle": text,
            "url": {"type": "string", "description": "The account's page; empty where none is known."},
            "unit": text,
            "kind": {"enum": AccountKind.values, "description": "Whom the account speaks for."},
            "purpose": text,
            "audience": text,
            "languages": {"type": "array", "items": text},
            "staffed_hours": text,
            "comments": {"enum": Comments.values, "description": "Who can write there."},
            "elsewhere": text,
            "function_mailbox": text,
            "privacy_url": text,
            "opened_on": day,
            "closed_on": day,
            "house_rules": {"type": ["string", "null"], "format": "uri"},
        }
    )


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "required": list(properties), "additionalProperties": False, "properties": properties,
    }  # fmt: skip
