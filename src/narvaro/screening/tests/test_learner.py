"""What is learnt of decisions: better than guessing or silent, the same each time, and without anybody's words."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from pathlib import Path

import pytest

from narvaro.screening import learner
from narvaro.screening.learner import BUCKETS, Class, Decision, Suggester, buckets, is_better, learn, learn_apart, plain

PLACES = ("simhallen", "biblioteket", "älgparken", "skolan", "bussen", "snöröjningen", "torget", "ishallen")
SAID = {
    Class.TRIVIAL: ("Tack för bilden från {}", "Vad fint det blev vid {}", "Heja {}, härligt jobbat", "Tummen upp"),
    Class.ANSWER: ("När öppnar {}", "Vad kostar {} för barn", "Hur felanmäler jag {}", "Vem ansvarar för {}"),
    Class.MODERATOR: ("Billiga klockor, köp nu vid {}", "Klicka här och vinn pengar på {}", "Lån utan ränta vid {}"),
}


def a_stream(count: int, *, seed: int = 1, noise: bool = False) -> list[Decision]:
    """Return decisions of a fictional town: what was written, and what it turned out to be (at random in noise)."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        became, shown = (chance.choices(list(Class), (5, 4, 2))[0] for _ in range(2))
        text = chance.choice(SAID[shown if noise else became]).format(chance.choice(PLACES))
        found.append(Decision(plain(text), became))
    return found


@pytest.mark.seldom
def test_what_follows_a_pattern_is_learnt_far_better_than_guessing():
    learnt = learn_apart(a_stream(400))

    assert learnt.is_better
    assert (learnt.learnt_from, learnt.held_out) == (320, 80)
    assert learnt.right > 1.5 * learnt.guessing
    assert learnt.right / learnt.held_out > 0.9
    assert sum(figure.held_out for figure in learnt.figures) == learnt.held_out
    assert sum(figure.suggested for figure in learnt.figures) == learnt.held_out
    assert sum(figure.found for figure in learnt.figures) == learnt.right


def test_noise_is_no_better_than_guessing_and_says_so():
    assert not learn_apart(a_stream(400, noise=True)).is_better


def test_it_is_tried_on_the_newest_and_never_on_what_it_learnt_from():
    """What changed its meaning last is wrong in all of the held-out part, though the whole is then learnt."""
    older = [Decision(plain("Tack för bilden"), Class.TRIVIAL), Decision(plain("När öppnar ni"), Class.ANSWER)] * 160
    newer = [Decision(plain("Tack för bilden"), Class.ANSWER), Decision(plain("När öppnar ni"), Class.TRIVIAL)] * 40

    learnt = learn(older + newer)

    assert (learnt.right, learnt.held_out) == (0, 80)
    assert not learnt.is_better


@pytest.mark.seldom
def test_the_same_decisions_give_the_same_weights():
    stream = a_stream(250)

    assert learn_apart(stream) == learn_apart(stream)


def test_two_kinds_are_enough():
    stream = [each for each in a_stream(400) if each.became != Class.MODERATOR]

    learnt = learn(stream)

    suggester = Suggester(learnt.classes, learnt.weights)
    assert learnt.classes == ("answer", "trivial")
    assert suggester.suggest(plain("När öppnar ishallen?")) == "answer"
    assert suggester.suggest(plain("Tack för bilden från torget")) == "trivial"


def test_one_kind_alone_is_nothing_to_learn():
    with pytest.raises(ValueError, match="alike"):
        learn([Decision("tack", Class.TRIVIAL)] * 300)


def test_weights_of_another_shape_are_refused():
    with pytest.raises(ValueError, match="weights"):
        Suggester(["answer", "trivial"], bytes(4 * BUCKETS))


def test_gdpr_7_no_number_address_or_name_is_read():
    text = (
        "Hej @Anna@social.example, Kim Berg här! 19811218-9876, ring 070-174 06 05 eller kim@berg.example, "
        "https://berg.example/kim"
    )

    read = plain(text, without=("Kim Berg", "@kimberg@social.example"))

    assert not {"anna", "kim", "berg", "1218", "9876", "174", "social", "example"} & set(read.replace(",", " ").split())
    assert not any(sign in read for sign in "12345678@")
    assert "¤nummer" in read


@pytest.mark.seldom
def test_rf_3_what_only_a_few_texts_say_weighs_nothing():
    """A name that four texts hold moves no suggestion."""
    stream = a_stream(300)
    for place in (10, 60, 120, 200):
        stream[place] = Decision(plain("Zebulonsson"), Class.MODERATOR)

    learnt = learn(stream)

    own = set(buckets(plain("Zebulonsson"))) - {bucket for each in a_stream(300) for bucket in buckets(each.words)}
    suggester = Suggester(learnt.classes, learnt.weights)
    assert own
    assert all(
        suggester._weights[start + bucket] == 0 for start in range(0, 3 * (BUCKETS + 1), BUCKETS + 1) for bucket in own
    )


def test_what_is_learnt_is_numbers_and_no_words():
    learnt = learn(a_stream(300))

    assert len(learnt.weights) == 4 * 3 * (BUCKETS + 1)
    assert b"simhallen" not in learnt.weights


def test_a_text_without_words_still_gets_an_answer():
    learnt = learn(a_stream(300))

    assert Suggester(learnt.classes, learnt.weights).suggest("") in learnt.classes


@pytest.mark.parametrize(
    ("won", "lost", "better"), [(0, 0, False), (3, 0, True), (10, 6, False), (30, 10, True), (5, 9, False)]
)
def test_better_is_more_than_chance(won, lost, better):
    assert is_better([(True, False)] * won + [(False, True)] * lost + [(True, True)] * 50) is better


@pytest.mark.parametrize(
    ("counts", "missing"),
    [
        ({}, (200, 30)),
        ({"trivial": 300}, (0, 30)),
        ({"trivial": 150, "answer": 29}, (21, 1)),
        ({"a": 170, "b": 30}, (0, 0)),
    ],
)
def test_how_many_decisions_are_missing_is_told(counts, missing):
    assert learner.missing(counts) == missing


def test_suggesting_loads_nothing_that_learning_needs():
    """A server that suggests holds no more memory for it."""
    program = (
        "import sys; from narvaro.screening.learner import Suggester, BUCKETS, is_installed;"
        "assert is_installed(); Suggester(['a', 'b'], bytes(8 * (BUCKETS + 1))).suggest('hej du');"
        "assert not {'sklearn', 'numpy', 'scipy'} & set(sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_nothing_learnt_is_unpickled():
    tree = ast.parse(Path(learner.__file__).read_text(encoding="utf-8"))

    taken = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    taken |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {"pickle", "joblib", "marshal", "shelve"} & taken


def test_a_process_that_fails_says_so_without_what_it_read():
    with pytest.raises(learner.LearningFailed) as failed:
        learn_apart([Decision("hemligheten", Class.TRIVIAL)] * 300)

    assert "alike" in str(failed.value)
    assert "hemligheten" not in str(failed.value)
