"""What to write instead of what a finding points at, where a rule knows."""

from __future__ import annotations

from functools import cache

from .finding import Area, Finding
from .fold import folded
from .outgoing_detectors import in_camel_case
from .pattern import Patterns, source
from .ruleset import rules


def instead(text: str, finding: Finding) -> str:
    """
    Return what to write in place of what was found: plain words for an office's word, a hashtag with capitals.

    `text` is the text that was screened. Returns "" where nothing is known; the answer is Swedish and is not
    translated, since it goes into a Swedish text.

    Law: DOS-2, SL-1
    """
    found = text[slice(*finding.span)]
    if finding.area is Area.OUTGOING_HASHTAGS:
        return in_camel_case(found)
    patterns, words = _instead(finding.rule)
    view = folded(found)
    whole = (0, len(view.bytes))
    return next((word for row, word in enumerate(words) if whole in patterns.spans(row, view.bytes, limit=1)), "")


@cache
def _instead(rule_id: str) -> tuple[Patterns, tuple[str, ...]]:
    known = [pair for rule in rules().rules if rule.id == rule_id for pair in rule.instead]
    patterns = Patterns([source(pattern, rules().words) for pattern, _ in known])
    return patterns, tuple(word for _, word in known)
