"""What is sealed is seen by nobody, and what is expunged is gone, while the proof stays (BBS-10)."""

from __future__ import annotations

import pytest
from django.db import transaction

from narvaro.channels.testing import a_channel
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotFound, NotPermitted, Role
from narvaro.media import store
from narvaro.records import actions, export, queries, tasks
from narvaro.records.models import Version
from narvaro.records.testing import a_kept, records_text
from narvaro.records.verify import verify

pytestmark = pytest.mark.django_db
LARGE = b"x" * 100_000


def a_sealed(authority, archivist, **values):
    item = a_kept(authority, "Sådant som ingen får ha.", **values)
    actions.seal_item(actor=archivist, item=item, why="Misstanke")
    return queries.item_by_id(archivist, item.pk)


def test_bbs_10_a_sealed_item_shows_nothing_to_anybody():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_sealed(authority, archivist)

    assert records_text(archivist, item.pk) == ""
    with pytest.raises(NotFound):
        queries.payload_of(archivist, queries.kept(archivist, item))


def test_bbs_10_expunged_content_is_gone_and_the_leaf_remains(django_capture_on_commit_callbacks):
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_sealed(authority, archivist, raw=LARGE)
    digest = queries.kept(archivist, item).payload_digest

    with django_capture_on_commit_callbacks(execute=True):
        actions.expunge_item(actor=archivist, item=item, why="Beslut 2026:1")

    version = Version.objects.of(archivist).get(item=item)
    assert (version.text, version.payload, version.salt, version.author_name) == ("", None, None, "")
    assert digest not in set(store.digests(authority.pk))
    verdict = verify(archivist)
    assert (verdict.fault, verdict.expunged) == ("", 1)


def test_a_file_that_another_record_holds_too_is_left(django_capture_on_commit_callbacks):
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    channel = a_channel(authority)
    item = a_sealed(authority, archivist, channel=channel, raw=LARGE)
    other = a_kept(authority, "Ett annat inlägg", channel=channel, raw=LARGE)

    with django_capture_on_commit_callbacks(execute=True):
        actions.expunge_item(actor=archivist, item=item, why="Beslut 2026:1")

    assert queries.payload_of(archivist, queries.kept(archivist, other)) == LARGE


def test_a_decision_that_was_rolled_back_has_lost_nothing():
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_sealed(authority, archivist, raw=LARGE)
    digest = queries.kept(archivist, item).payload_digest

    with transaction.atomic():
        actions.expunge_item(actor=archivist, item=item, why="Beslut 2026:1")
        transaction.set_rollback(True)

    assert digest in set(store.digests(authority.pk))
    assert Version.objects.of(archivist).get(item=item).text == "Sådant som ingen får ha."


def test_only_what_is_sealed_is_expunged_and_only_by_a_decision():
    authority = an_authority()
    archivist, registrar = an_actor(authority, role=Role.ARCHIVIST), an_actor(authority, role=Role.REGISTRAR)
    open_item, sealed = a_kept(authority), a_sealed(authority, archivist)

    with pytest.raises(Invalid):
        actions.expunge_item(actor=archivist, item=open_item, why="Beslut")
    with pytest.raises(Invalid):
        actions.expunge_item(actor=archivist, item=sealed, why=" ")
    with pytest.raises(NotPermitted):
        actions.expunge_item(actor=registrar, item=sealed, why="Beslut")


def an_export(archivist, **wanted):
    wanted = {"scope": "everything", "form": "json", **wanted}
    made = actions.request_export(actor=archivist, **wanted)
    tasks.make_exports.call()
    return made.uid, export.path_of(made.uid, wanted["form"])


def test_bbs_10_copies_that_wait_to_be_fetched_go_with_the_seal(django_capture_on_commit_callbacks):
    """A copy made before would show to somebody, for a week, what nobody may see."""
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item, other = a_kept(authority, "Sådant som ingen får ha."), a_kept(authority, "Annat")
    everything, page = an_export(archivist, form="html"), an_export(archivist, scope="channel", channel=item.channel)
    elsewhere = an_export(archivist, scope="channel", channel=other.channel)

    with django_capture_on_commit_callbacks(execute=True):
        actions.seal_item(actor=archivist, item=item, why="Misstanke")

    assert not everything[1].exists()
    assert not page[1].exists()
    assert elsewhere[1].exists()
    removed = {
        uid: queries.export_for(archivist, uid).removed_at is not None for uid, _ in (everything, page, elsewhere)
    }
    assert list(removed.values()) == [True, True, False]


def test_bbs_10_a_copy_that_is_being_made_begins_again_without_what_was_sealed(monkeypatch):
    authority = an_authority()
    archivist = an_actor(authority, role=Role.ARCHIVIST)
    item = a_kept(authority, "Sådant som ingen får ha.")
    made = actions.request_export(actor=archivist, scope="everything", form="json")
    sealed = []

    def seal_meanwhile(asked, **how):
        if not sealed and how.get("done"):
            sealed.append(actions.seal_item(actor=archivist, item=item, why="Misstanke"))
        return advance(asked, **how)

    advance = actions.advance
    monkeypatch.setattr(actions, "advance", seal_meanwhile)
    tasks.make_exports.call()

    row = queries.export_for(archivist, made.uid)
    assert (row.state, row.attempts) == ("done", 1)
    assert "ingen får ha" not in export.path_of(made.uid, "json").read_text()
