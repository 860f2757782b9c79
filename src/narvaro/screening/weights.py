"""
The weights of the rules that weigh words, learnt from the examples of all rules, hits and misses, and nothing else.

`python -m narvaro.screening.weights threat staff` learns those areas again, without names all of them, and writes the
weights into the files; only that needs scikit-learn (the extra `ml`). An area gets such a rule by one in its file with
`least = 0` and `weighed = '''` and a line that ends it. The same examples give the same weights.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from .finding import Direction
from .fold import folded
from .ruleset import rules
from .sieve import WORDS
from .weighing import features

_MOST_WEIGHTS: Final = 400
_FALSE_OF_OTHERS: Final = 0.01  # of the examples of other areas and of nothing, out of fold
_FALSE_OF_OWN: Final = 0.05  # of the area's own counterexamples, which are the hardest there are
_WEIGHED = re.compile(r"(id = \"(\w+)\.alike\"\n(?:.*\n)*?)least = .*\nweighed = '''\n(?:.*\n)*?'''\n")


def learnt(area: str) -> tuple[dict[str, float], float]:
    """Return the weights of an area and the least sum, learnt from the examples of all rules for incoming texts."""
    hits: dict[str, bool] = {}
    own: set[str] = set()
    for rule in rules().rules:
        for example in rule.examples if rule.direction is Direction.INCOMING else ():
            hits[example.text] = hits.get(example.text, False) or (example.is_hit and rule.area == area)
            if rule.area == area and not example.is_hit:
                own.add(example.text)
    texts = list(hits)
    counts = CountVectorizer(analyzer=lambda text: sorted(features(WORDS(folded(text).text))), binary=True, min_df=2)
    table = counts.fit_transform(texts).astype(float)
    is_hit = numpy.array([hits[text] for text in texts])
    own = {text for text in own if not hits[text]}
    is_own = numpy.array([text in own for text in texts])
    model = LogisticRegression(C=3, class_weight="balanced", max_iter=600)
    folds = StratifiedKFold(5, shuffle=True, random_state=1)
    out_of_fold = cross_val_predict(model, table, is_hit, cv=folds, method="decision_function")
    model.fit(table, is_hit)
    weights = model.coef_[0]
    strongest = numpy.argsort(-numpy.abs(weights))[:_MOST_WEIGHTS]
    names = counts.get_feature_names_out()
    kept = {str(names[n]): round(float(weights[n]), 2) for n in strongest if abs(weights[n]) >= 0.05}
    least = max(
        numpy.quantile(out_of_fold[~is_hit & ~is_own], 1 - _FALSE_OF_OTHERS),
        numpy.quantile(out_of_fold[is_own], 1 - _FALSE_OF_OWN),
    )
    in_sample = [sum(kept.get(one, 0) for one in features(WORDS(folded(text).text))) for text in own]
    return kept, round(max(float(least - model.intercept_[0]), *in_sample, *kept.values()) + 0.05, 2)  # no word alone


def main(areas: Sequence[str]) -> int:
    """Learn the weights of the areas' rules that weigh words, or of every such rule, and write them into the files."""
    for file in sorted((Path(__file__).parent / "rules").glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        if (areas and file.stem not in areas) or not (found := _WEIGHED.search(text)):
            continue
        weights, least = learnt(found[2])
        lines = "".join(f"{name} {weight}\n" for name, weight in sorted(weights.items(), key=lambda one: -one[1]))
        new = f"{found[1]}least = {least}\nweighed = '''\n{lines}'''\n"
        file.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")
        sys.stdout.write(f"{found[2]}: {len(weights)} weights, at least {least}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
