"""What happens with what is out: compared with what was approved, changed and removed once, with records around."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.connectors.port import (
    Item,
    MediaKind,
    Medium,
    Outgoing,
    Picture,
    Published,
    Refused,
    Transient,
    Unknown,
    Visibility,
)
from narvaro.core import waiting
from narvaro.core.testing import an_actor, an_authority
from narvaro.core.types import Invalid, NotPermitted, Role, Stale
from narvaro.decisions.rules import content_hash
from narvaro.publishing import actions, queries, tasks
from narvaro.publishing.actions import deeds, read_back
from narvaro.publishing.comparing import differences, same_words
from narvaro.publishing.models import Publication
from narvaro.publishing.queries import afterwards
from narvaro.publishing.types import Purpose
from narvaro.publishing.types.afterwards import DeedState, Ground
from narvaro.records import queries as records
from narvaro.records.testing import an_item

WRONG, RIGHT = "Badet öppnar klockan 8.", "Badet öppnar klockan 18."


class APlatform:
    """A platform in memory: one post, that may be changed, removed and read; what it answers may be lost."""

    def __init__(self, shown: Item) -> None:
        self.shown: Item | None = shown
        self.calls: list[str] = []
        self.answers: list[Exception | str] = []

    def read_one(self, _account: object, _remote_id: str) -> Item | None:
        return self.shown

    def edit(self, _account: object, _remote_id: str, post: Outgoing) -> Published | Refused | Unknown:
        self.calls.append("edit")
        trouble = self.answers.pop(0) if self.answers else ""
        if isinstance(trouble, Transient):
            return Refused(str(trouble), trouble)
        assert self.shown is not None
        if trouble != "lost before":
            self.shown = replace(self.shown, text=post.text, raw=post.text.encode(), edited_at=clock.now())
        return Unknown("Inget svar") if trouble else Published(self.shown)

    def remove(self, _account: object, _remote_id: str) -> None:
        self.calls.append("remove")
        if not self.answers:
            self.shown = None
            return
        trouble = self.answers.pop(0)
        self.shown = self.shown if trouble == "lost before" else None
        raise Transient("Inget svar")


@pytest.fixture
def out(authority, lead, channel, monkeypatch):
    """Give what is out, and the platform it is out on."""
    post = actions.publish_post(actor=lead, channel=channel, text=WRONG, purpose=Purpose.CRISIS)
    Publication.objects.of(lead).update(purpose=Purpose.POST)
    with clock.frozen(clock.now() + timedelta(seconds=actions.UNDO_SECONDS + 1)):
        attempt = actions.claim_attempt()
    platform = APlatform(an_item(WRONG, remote_id="ute-1", is_own=True))
    actions.store_outcome(attempt, Published(platform.shown))
    for place in (tasks, afterwards):
        monkeypatch.setattr(place, "connector", lambda _name: platform)
    return queries.publication_for(lead, post.uid), platform


def later(minutes: float, *done) -> None:
    with clock.frozen(clock.now() + timedelta(minutes=minutes)):
        for each in done:
            each.call()


def versions(actor, publication):
    again = queries.publication_for(actor, publication.uid)
    return [(each.kind, each.text) for each in records.versions_of(actor, again.kept_item)]


def shown(text: str = WRONG, *alts: str, **values) -> Item:
    media = tuple(Medium("https://a.example/b.png", MediaKind.IMAGE, alt=alt) for alt in alts)
    return an_item(text, is_own=True, media=media, **values)


PICTURE = Picture(b"", "image/png", "En stängd\nväg.")


@pytest.mark.parametrize(
    ("approved", "there", "differs"),
    [
        (Outgoing("k", WRONG), shown(), []),
        (Outgoing("k", WRONG), shown("Badet öppnar klockan 18."), ["text"]),
        (Outgoing("k", "Läs https://www.a.example/b/ nu"), shown("Läs a.example/b/ nu"), ["text"]),
        (Outgoing("k", "Läs https://www.a.example/b/ nu"), shown("Läs https://a.example/b nu"), []),
        (Outgoing("k", "Ja.", parent_remote_id="1"), shown("@anna Ja.", visibility=Visibility.UNLISTED), []),
        (Outgoing("k", "@anna@b.example Ja."), shown("@anna Ja."), []),
        (Outgoing("k", "Ja.", visibility=Visibility.PRIVATE), shown("Ja."), ["visibility"]),
        (Outgoing("k", "Ja.", warning="Otäckt"), shown("Otäckt\n\nJa."), []),
        (Outgoing("k", "Ja.", language="fi"), shown("Ja.", language="sv-SE"), ["language"]),
        (Outgoing("k", WRONG, pictures=(PICTURE,)), shown(WRONG, "En stängd väg."), []),
        (Outgoing("k", WRONG, pictures=(PICTURE,)), shown(WRONG, ""), ["alt"]),
        (Outgoing("k", WRONG, pictures=(PICTURE,)), shown(), ["pictures"]),
        (Outgoing("k", WRONG), None, ["gone"]),
    ],
)
@pytest.mark.one_database
def test_p24_what_is_shown_is_compared_with_what_was_approved(approved, there, differs):
    assert [each["what"] for each in differences(approved, there)] == differs


@pytest.mark.one_database
def test_a_name_before_an_answer_is_the_platforms_and_one_within_it_is_ours():
    assert same_words("Hej", "@anna @bo Hej")
    assert not same_words("Hej", "Hej @anna")
    assert not same_words("@anna", "@bo")


@pytest.mark.django_db
def test_a_difference_is_written_once_kept_and_put_before_whoever_wrote_it_until_they_have_seen_it(out, lead):
    publication, platform = out
    platform.shown = replace(platform.shown, text="Badet är stängt.", raw=b"{}")

    later(1, tasks.look_back, tasks.look_back)

    (found,) = afterwards.read_backs(lead, publication)
    assert found.differences == [{"what": "text", "approved": WRONG, "shown": "Badet är stängt."}]
    assert versions(lead, publication)[-1] == ("content", "Badet är stängt.")
    assert waiting.counts(lead) == {"publications": 1}
    read_back.settle_read_back(actor=lead, publication=publication)
    assert waiting.counts(lead) == {}
    with pytest.raises(Stale):
        read_back.settle_read_back(actor=lead, publication=publication)


@pytest.mark.django_db
def test_a_change_is_kept_before_made_once_kept_after_and_compared(out, lead):
    publication, platform = out

    deeds.change_own(actor=lead, publication=publication, text=RIGHT, why="Fel tid.", seen_version=1)
    with pytest.raises(Stale):  # one thing at a time
        deeds.remove_own(actor=lead, publication=publication, ground=Ground.WRONG)
    later(1, tasks.do_deeds, tasks.do_deeds, tasks.look_back)
    later(2, tasks.look_back)

    (deed,) = afterwards.deeds_of(lead, publication)
    assert (deed.state, deed.before_version, platform.calls) == (DeedState.DONE, 1, ["edit"])
    assert versions(lead, publication) == [("content", WRONG), ("content", RIGHT)]
    assert [(each.number, each.differences) for each in afterwards.read_backs(lead, publication)] == [(1, [])]
    assert waiting.counts(lead) == {}


@pytest.mark.django_db
def test_what_somebody_changed_meanwhile_is_kept_and_not_written_over(out, lead):
    publication, platform = out
    deeds.change_own(actor=lead, publication=publication, text=RIGHT)
    platform.shown = replace(platform.shown, text="Badet är stängt.", raw=b"{}")

    later(1, tasks.do_deeds)

    (deed,) = afterwards.deeds_of(lead, publication)
    assert (deed.state, platform.calls) == (DeedState.REFUSED, [])
    assert versions(lead, publication)[-1] == ("content", "Badet är stängt.")
    assert waiting.counts(lead) == {"publications": 1}
    deeds.settle_deed(actor=lead, deed=deed)
    assert waiting.counts(lead) == {}


@pytest.mark.django_db
@pytest.mark.parametrize(("trouble", "state"), [("lost after", DeedState.DONE), ("lost before", DeedState.ABSENT)])
@pytest.mark.parametrize("verb", ["edit", "remove"])
def test_p01_an_answer_that_is_lost_is_settled_by_reading_and_never_done_again(out, lead, trouble, state, verb):
    publication, platform = out
    platform.answers = [trouble]
    if verb == "edit":
        deeds.change_own(actor=lead, publication=publication, text=RIGHT)
    else:
        deeds.remove_own(actor=lead, publication=publication, ground=Ground.WRONG)

    later(1, tasks.do_deeds)
    later(10, tasks.do_deeds)

    assert afterwards.deeds_of(lead, publication)[0].state == state
    assert platform.calls == [verb]


@pytest.mark.django_db
def test_a_platform_that_says_wait_is_obeyed_and_the_change_arrives_once(out, lead):
    publication, platform = out
    platform.answers = [Transient("Vänta", retry_after_seconds=600)]
    deeds.change_own(actor=lead, publication=publication, text=RIGHT)

    later(1, tasks.do_deeds)
    later(5, tasks.do_deeds)
    assert afterwards.deeds_of(lead, publication)[0].state == DeedState.QUEUED
    later(20, tasks.do_deeds)

    assert afterwards.deeds_of(lead, publication)[0].state == DeedState.DONE
    assert platform.calls == ["edit", "edit"]


@pytest.mark.django_db
def test_ark_1_what_is_removed_there_stays_in_the_record_with_its_words(out, lead):
    publication, platform = out

    deeds.remove_own(actor=lead, publication=publication, ground=Ground.HARM)
    later(1, tasks.do_deeds, tasks.look_back)

    assert (platform.shown, platform.calls) == (None, ["remove"])
    assert versions(lead, publication)[0] == ("content", WRONG)
    assert versions(lead, publication)[-1][0] == "tombstone"
    assert afterwards.is_removed(queries.publication_for(lead, publication.uid))
    with pytest.raises(Stale):
        deeds.change_own(actor=lead, publication=queries.publication_for(lead, publication.uid), text=RIGHT)


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"purpose": Purpose.CRISIS}, {"purpose": Purpose.CORRECTION}, {"is_by_law": True}])
def test_what_must_stay_is_never_removed_without_reasons(out, lead, values):
    publication, _platform = out
    Publication.objects.of(lead).filter(pk=publication.pk).update(**values)
    publication = queries.publication_for(lead, publication.uid)

    with pytest.raises(Invalid):
        deeds.remove_own(actor=lead, publication=publication, ground=Ground.OLD)
    deeds.remove_own(
        actor=lead, publication=publication, ground=Ground.OLD, why="Faran är över, och den nya står kvar."
    )


@pytest.mark.django_db
def test_kl_4_where_somebody_else_reads_what_goes_out_they_read_a_change_too(out, authority, lead):
    publication, platform = out
    actions.change_four_eyes(actor=lead, everywhere=True)
    other = an_actor(authority, role=Role.COMMUNICATIONS_LEAD)

    deed = deeds.change_own(actor=lead, publication=publication, text=RIGHT)
    later(1, tasks.do_deeds)
    assert platform.calls == []
    seen = content_hash(afterwards.content_of_deed(deed))
    with pytest.raises(NotPermitted):
        deeds.release_deed(actor=lead, deed=deed, seen_hash=seen)
    with pytest.raises(Stale):
        deeds.release_deed(actor=other, deed=deed, seen_hash="0" * 64)
    deeds.release_deed(actor=other, deed=deed, seen_hash=seen)
    later(1, tasks.do_deeds)

    assert platform.calls == ["edit"]
    assert waiting.counts(other) == {}


@pytest.mark.django_db
def test_only_who_answers_for_the_channel_or_wrote_it_changes_what_is_out(out):
    publication, _platform = out
    stranger = an_actor(an_authority(), role=Role.REPRESENTATIVE)

    with pytest.raises(NotPermitted):
        deeds.change_own(actor=stranger, publication=publication, text=RIGHT)
    with pytest.raises(NotPermitted):
        deeds.remove_own(actor=stranger, publication=publication, ground=Ground.OLD)
