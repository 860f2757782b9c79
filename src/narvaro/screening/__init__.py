"""
Screening: reads a text and says what a person must look at, and under which rule.

Pure Python without Django: a library, and a command (`python -m narvaro.screening`). The rules are data in
`rules/*.toml`, each with the examples that test it.

What it will never say: nothing here sorts opinions or people. There is no rule, area, ground or class for a
political, religious or philosophical view, for origin, or for union membership, and no finding carries or
depends on who wrote the text. A finding about health or social services speaks of the *text* (it may be
secret, OSL-4), for the registrar; it must not become a facet, a filter or a saved search over persons
(RF-3, RF-4, GDPR-6).
"""

from .engine import ENGINE_VERSION, screen
from .finding import Area, Context, Direction, Finding, Kind, Picture, ServiceClass, Severity, Tone
from .judgement import (
    needs_answer,
    service_classes,
    suspects_child_abuse_material,
    suspects_secrecy,
    suspects_threat,
    urgent,
)
from .own import Flagged, OwnRule, OwnRules, Trial, tried
from .ruleset import sentences
from .suggestion import instead

__all__ = [
    "ENGINE_VERSION",
    "Area",
    "Context",
    "Direction",
    "Finding",
    "Flagged",
    "Kind",
    "OwnRule",
    "OwnRules",
    "Picture",
    "ServiceClass",
    "Severity",
    "Tone",
    "Trial",
    "instead",
    "needs_answer",
    "screen",
    "sentences",
    "service_classes",
    "suspects_child_abuse_material",
    "suspects_secrecy",
    "suspects_threat",
    "tried",
    "urgent",
]
