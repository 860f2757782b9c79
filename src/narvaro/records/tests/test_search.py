"""What search promises: everything kept is found alike on both databases, and nothing that must not be."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from narvaro.base.clock import now
from narvaro.channels.testing import a_channel
from narvaro.connectors.port import Author, Kind, MediaKind, Medium, Visibility
from narvaro.core import ledger
from narvaro.core.testing import a_unit, an_actor, an_authority
from narvaro.core.types import NotPermitted, Role
from narvaro.records import actions, index, queries, tasks
from narvaro.records.search import Question, search, snippet
from narvaro.records.testing import a_kept, a_page, an_item, lift_guards

pytestmark = pytest.mark.django_db


def index_all(authority):
    while index.follow(authority.pk).read:
        pass


def texts(actor, text="", **more):
    index_all_of(actor)
    return [hit.version.text for hit in search(actor, Question(text=text, **more)).hits]


def index_all_of(actor):
    while index.follow(actor.authority_id).read:
        pass


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("simhallarna", "När öppnar simhallen?"),
        ("ÖPPNAR simhall", "När öppnar simhallen?"),
        ("etjänst", "Hittar inte er e-tjänst för bygglov"),
        ("e-tjänst", "Er etjänst ligger nere"),
        ("bussar", "Vart går bussarna"),
        ("مدرسة", "أين مدرسة الحي"),
        ("skolstart", "#SkolStart är snart här"),
    ],
)
def test_words_are_found_in_their_other_forms(authority, archivist, asked, kept):
    a_kept(authority, kept)
    a_kept(authority, "Något helt annat")

    assert texts(archivist, asked) == [kept]


def test_letters_of_their_own_are_not_folded(authority, archivist):
    a_kept(authority, "Var finns en ort")

    assert texts(archivist, "ört") == []


def test_all_words_must_be_there(authority, archivist):
    a_kept(authority, "Hålet på Storgatan")
    a_kept(authority, "Lampan på Storgatan")

    assert texts(archivist, "storgatan hål") == ["Hålet på Storgatan"]


def test_signs_in_a_question_do_nothing(authority, archivist):
    a_kept(authority, "Hej på er")

    for asked in (
        'hej" OR "x',
        "hej AND NOT x*",
        "hej' | 'x",
        "hej:*",
        "(hej",
        "hej NEAR/2",
        "_o1",
        "\\hej\\",
        "hej\x00",
    ):
        search(archivist, Question(text=asked))
    assert texts(archivist, "_o1") == []
    assert search(archivist, Question(text="?!")).has_no_words


def test_what_was_written_before_an_edit_is_found_and_marked_as_earlier(authority, archivist):
    channel = a_channel(authority)
    for text in ("Ni är korkade", "Ni är otydliga"):
        actions.capture(channel=channel, page=a_page(an_item(text, remote_id="1")))
    ledger.sequence(authority)
    index_all(authority)

    (earlier,) = search(archivist, Question(text="korkad")).hits
    (latest,) = search(archivist, Question(text="otydlig")).hits

    assert (earlier.version.is_earlier, latest.version.is_earlier) == (True, False)


def test_p13_what_vanished_from_the_platform_is_still_found(authority, archivist):
    item = a_kept(authority, "Det jag ångrade", remote_id="1")
    actions.capture_gone(channel=item.channel, remote_ids=["1"])
    ledger.sequence(authority)
    index_all(authority)

    (hit,) = search(archivist, Question(text="ångrade")).hits

    assert hit.version.item.gone_at is not None
    assert not hit.version.is_earlier


def test_pictures_are_found_by_their_alternative_text(authority, archivist):
    picture = Medium(url="https://social.example/1.png", kind=MediaKind.IMAGE, alt="En älg på torget")
    a_kept(authority, "Titta", media=(picture,))

    assert texts(archivist, "älgar") == ["Titta"]


def test_filters_narrow_by_author_channel_unit_kind_origin_and_days(authority, archivist):
    school = a_channel(authority, unit=a_unit(authority, "Skolan"))
    library = a_channel(authority, unit=a_unit(authority, "Biblioteket"))
    day = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # 00.30 on the 3rd in Sweden
    anna = Author("a", "bokmal@social.example", "Bokmal")
    a_kept(authority, "Fråga ett", channel=school, at=day)
    a_kept(authority, "Fråga två", channel=library, author=anna, at=day + timedelta(days=1))
    a_kept(authority, "Fråga tre", channel=library, kind=Kind.POST, is_own=True, at=day + timedelta(days=2))

    assert texts(archivist, "fråga") == ["Fråga tre", "Fråga två", "Fråga ett"]
    assert texts(archivist, author="bokmal") == ["Fråga två"]
    assert texts(archivist, author="@bokmal@social.example") == ["Fråga två"]
    assert texts(archivist, channel_id=school.pk) == ["Fråga ett"]
    assert texts(archivist, unit_id=library.unit_id) == ["Fråga tre", "Fråga två"]
    assert texts(archivist, unit_id=school.unit_id, channel_id=library.pk) == []
    assert texts(archivist, "fråga", kind="post") == ["Fråga tre"]
    assert texts(archivist, origin="received") == ["Fråga två", "Fråga ett"]
    assert texts(archivist, since=day.date() + timedelta(days=2)) == ["Fråga tre", "Fråga två"]
    assert texts(archivist, until=day.date() + timedelta(days=1)) == ["Fråga ett"]


def test_gdpr_7_identity_numbers_are_never_found_nor_shown_in_a_hit(authority, archivist):
    a_kept(authority, "Mitt nummer är 19811218-9876, ring mig")
    index_all(authority)

    found = search(archivist, Question(text="nummer"))

    assert "9876" not in "".join(piece.text for piece in found.hits[0].snippet)
    for asked in ("19811218-9876", "8112189876", "811218 9876"):
        assert search(archivist, Question(text=asked)).has_no_words
        assert search(archivist, Question(text=asked)).hits == ()


def test_gdpr_6_nobody_can_be_selected_by_findings(authority):
    asked = {field.name for field in fields(Question)}
    item = a_kept(authority, "Jag är sjuk och vill inte leva. Jag ber till Gud och röstar på partiet.")
    version = queries.kept(an_actor(authority, role=Role.ARCHIVIST), item)

    marks = {mark[:2] for mark in index.marks_of(version, item)}

    assert asked == {"text", "author", "channel_id", "unit_id", "kind", "origin", "since", "until"}
    assert marks <= {"_o", "_c", "_p", "_k", "_d", "_a"}


def test_bbs_1_private_messages_are_found_only_by_those_who_may_read_them(authority, archivist):
    mine, other = a_channel(authority), a_channel(authority, unit=a_unit(authority, "Skolan"))
    a_kept(authority, "Hemlig fråga", channel=other, kind=Kind.MESSAGE, visibility=Visibility.PRIVATE)
    a_kept(authority, "Öppen fråga", channel=other)
    colleague = an_actor(authority, role=Role.REPRESENTATIVE, unit=mine.unit)

    assert texts(colleague, "fråga") == ["Öppen fråga"]
    assert texts(colleague, channel_id=other.pk) == ["Öppen fråga"]
    assert sorted(texts(archivist, "fråga")) == ["Hemlig fråga", "Öppen fråga"]


def test_an_employee_without_a_part_in_it_may_not_search(authority):
    with pytest.raises(NotPermitted):
        search(an_actor(authority, role=Role.EMPLOYEE), Question(text="hej"))


def test_another_authoritys_records_are_not_found(authority, archivist):
    a_kept(an_authority("Lillköping"), "Samma fråga")
    other = an_actor(an_authority("Mellanköping"), role=Role.ARCHIVIST)
    for each in (archivist, other):
        assert texts(each, "fråga") == []


def test_bbs_10_what_is_sealed_is_not_found_and_is_found_again_when_the_seal_is_lifted(authority, archivist, lead):
    item = a_kept(authority, "Olämpligt innehåll")
    index_all(authority)

    actions.seal_item(actor=lead, item=item, why="Misstanke")
    sealed = search(archivist, Question(text="olämplig")).hits
    actions.lift_seal(actor=lead, item=item, why="Fel bedömt")

    assert sealed == ()
    assert [hit.version.text for hit in search(archivist, Question(text="olämplig")).hits] == ["Olämpligt innehåll"]


def test_bbs_10_what_was_sealed_before_it_was_indexed_never_comes_in(authority, archivist, lead):
    item = a_kept(authority, "Olämpligt innehåll")
    actions.seal_item(actor=lead, item=item, why="Misstanke")

    assert texts(archivist, "olämplig") == []
    assert rows_with("olämp") == 0


def test_expunging_takes_the_words_out_of_the_index(authority, archivist, lead):
    item = a_kept(authority, "Zyxväv olämpligt")
    a_kept(authority, "Vanligt zyxväv")
    index_all(authority)
    assert rows_with("zyxväv") == 2

    actions.seal_item(actor=lead, item=item, why="Misstanke")
    actions.expunge_item(actor=lead, item=queries.item_by_id(archivist, item.pk), why="Beslut 1")

    assert rows_with("zyxväv") == 1
    assert queries.latest_erasure() is not None


def rows_with(token):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM records_search WHERE tokens @@ %s::tsquery", [f"'{token}'"])
        else:
            cursor.execute("SELECT count(*) FROM records_search WHERE records_search MATCH %s", [f'"{token}"'])
        return cursor.fetchone()[0]


@pytest.fixture
def in_real_transactions(transactional_db):
    yield
    lift_guards()


def test_tf_12_no_bytes_of_expunged_words_remain_in_the_index_or_the_log(in_real_transactions):
    authority = an_authority()
    archivist, lead = an_actor(authority, role=Role.ARCHIVIST), an_actor(authority, role=Role.COMMUNICATIONS_LEAD)
    item = a_kept(authority, "Zyxqvavord olämpligt")
    for number in range(50):
        a_kept(authority, f"Fyllnad nummer {number}", channel=item.channel)
    index_all(authority)
    assert index_bytes_hold(b"zyxqvavord")

    actions.seal_item(actor=lead, item=item, why="Misstanke")
    actions.expunge_item(actor=lead, item=queries.item_by_id(archivist, item.pk), why="Beslut 1")
    tasks.erase_traces.call()

    assert not index_bytes_hold(b"zyxqvavord")
    assert queries.latest_erasure() is None
    assert len(texts(archivist, "fyllnad")) == 25


def index_bytes_hold(word):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
            cursor.execute("SELECT pg_read_binary_file(pg_relation_filepath('records_search_tokens'))")
            return word in bytes(cursor.fetchone()[0])
    database = connection.settings_dict["NAME"]
    found = False
    for ending in ("", "-wal"):
        try:
            with open(f"{database}{ending}", "rb") as file:
                found = found or word in file.read().lower()
        except FileNotFoundError:
            continue
    return found


def test_the_index_can_be_made_again(authority, archivist):
    a_kept(authority, "Hej igen")
    index_all(authority)

    index.forget(authority.pk)
    empty = rows_with(index.authority_mark(authority.pk))
    index_all(authority)

    assert empty == 0
    assert texts(archivist, "igen") == ["Hej igen"]


def test_two_workers_do_not_index_the_same_part(authority, monkeypatch):
    a_kept(authority, "Hej")
    real = ledger.feed

    def meanwhile(*args, **kwargs):
        found = real(*args, **kwargs)
        at = ledger.cursor_position(authority.pk, index.CURSOR)
        ledger.move_cursor(authority.pk, index.CURSOR, since=at, to=found[1])
        return found

    monkeypatch.setattr(ledger, "feed", meanwhile)
    with pytest.raises(index.Moved):
        index.follow(authority.pk)
    assert rows_with("hej") == 0


@pytest.mark.parametrize("word", ["vanlig", "ovanlig"])
def test_every_hit_is_reached_by_paging_both_ways(authority, archivist, word):
    channel = a_channel(authority)
    moment = now().replace(microsecond=0)
    items = [
        an_item(f"Vanlig rad {n}" + (" ovanlig" if n % 9 == 0 else ""), at=moment - timedelta(seconds=n // 3))
        for n in range(180)
    ]
    actions.capture(channel=channel, page=a_page(*items))
    ledger.sequence(authority)
    index_all(authority)
    question = Question(text=word)

    forward, page = [], search(archivist, question, limit=7)
    forward += page.hits
    while page.older is not None:
        last, page = page, search(archivist, question, before=page.older, limit=7)
        back = search(archivist, question, after=page.newer, limit=7)
        assert [hit.key for hit in back.hits] == [hit.key for hit in last.hits]
        forward += page.hits

    expected = 180 if word == "vanlig" else 20
    assert len({hit.version.item.pk for hit in forward}) == len(forward) == expected
    assert [hit.key for hit in forward] == sorted((hit.key for hit in forward), reverse=True)


def test_a_hostile_text_is_indexed_as_far_as_it_goes(authority, archivist):
    a_kept(authority, "början " + " ".join(f"ord{n}" for n in range(200_000)))
    a_kept(authority, "\u202e\u200bgranne\u200d 🚧 " + "x" * 100_000)

    assert len(texts(archivist, "början")) == 1
    assert len(texts(archivist, "granne")) == 1


def test_a_search_takes_few_queries_whatever_it_shows(authority, archivist, django_assert_max_num_queries):
    for number in range(30):
        a_kept(authority, f"Fråga {number}")
    index_all(authority)

    with django_assert_max_num_queries(5):
        assert len(search(archivist, Question(text="fråga")).hits) == 25


def test_a_snippet_marks_words_and_never_marks_up():
    pieces = snippet("<script>Simhallen</script> " + "fyllnad " * 60 + " simhallens tider", ["simhall"])

    assert [piece.text for piece in pieces if piece.is_marked] == ["Simhallen"]
    assert pieces[0].text == "<script>"


def test_a_snippet_begins_near_the_first_word_asked_for():
    pieces = snippet("fyllnad " * 100 + "simhallens tider " + "slut " * 100, ["simhall"])

    assert [piece.text for piece in pieces if piece.is_marked] == ["simhallens"]
    assert pieces[0].text == "… "
    assert pieces[-1].text.endswith(" …")
    assert sum(len(piece.text) for piece in pieces) < 300
