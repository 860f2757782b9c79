"""A template word for passkeys: options as text in an attribute, since nothing is written inline."""

from __future__ import annotations

import json
from typing import Any

from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Return the value as JSON, for a data attribute; the template escapes it."""
    return json.dumps(value)
