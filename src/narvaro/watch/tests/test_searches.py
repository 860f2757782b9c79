"""What is said of our matters: never persons, without names, counted by day, disposed of, read from feeds guarded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from narvaro.base import clock
from narvaro.base.clock import now, today
from narvaro.channels.testing import a_channel
from narvaro.channels.tests.pages import filled, signed_in
from narvaro.connectors.port import FoundPost, Transient
from narvaro.core.testing import a_person, an_actor, person_of
from narvaro.core.types import Invalid, NotPermitted, Role, Stale
from narvaro.testing.servers.scripted import Said, Scripted
from narvaro.watch import actions, queries, rules, tasks
from narvaro.watch.actions.searches import Said as Heard
from narvaro.watch.actions.searches import key_of
from narvaro.watch.models import DayCount, Hit, Search, Source
from narvaro.watch.testing import a_search

COLLEAGUES = [
    ("Eva Maria Lindqvist", "eva.lindqvist@storkoping.example"), ("Bo Ek", "bo@storkoping.example"),
    ("Kommunikatör Simhallen", "simhallen@storkoping.example"),
]  # fmt: skip


# --- Never persons ----------------------------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize(
    "words",
    [
        "Eva Lindqvist", "lindqvist eva", "EVA  MARIA LINDQVIST", "simhallen Eva Lindqvist", "@evalindqvist",
        "eva.lindqvist", "lindqvisteva", "eva_maria_lindqvist", "eva.lindqvist@storkoping.example", "bo ek", "@boek",
        "bo@storkoping.example",
    ],
)  # fmt: skip
def test_tf_13_a_colleagues_name_or_handle_is_refused_however_it_is_written(words):
    assert rules.names_a_colleague(words, COLLEAGUES)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "words", ["simhallen Storköping", "snöröjning", "Eva", "eken på torget", "Bokbussen", "ek bro"]
)
def test_tf_13_a_matter_is_not_taken_for_a_colleague(words):
    assert not rules.names_a_colleague(words, COLLEAGUES)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("words", "asks"),
    [
        ("Anna Berg", True), ("@nagon", True), ("nagon@social.example", True), ("Eva", True), ("lindqvist", True),
        ("Stora Torget", True), ("simhallen Storköping", False), ("snöröjning", False), ("Storköpings kommun", False),
    ],
)  # fmt: skip
def test_rf_4_what_looks_like_a_persons_name_is_asked_about(words, asks):
    assert rules.looks_like_a_person(words, COLLEAGUES) is asks


@pytest.mark.django_db
def test_tf_13_no_search_for_a_colleague_is_saved_whatever_is_ticked(authority, lead):
    colleague = a_person(authority, "Vega")
    an_actor(authority, person=colleague)
    client = signed_in(lead)
    page = client.get("/bevakning/omvarlden/ny/")

    refused = client.post("/bevakning/omvarlden/ny/", filled(page, words=colleague.name, is_no_person="on"))
    asked = client.post("/bevakning/omvarlden/ny/", filled(page, words="Stora Torget"))
    data = filled(client.get("/bevakning/omvarlden/ny/"), words="Stora Torget", is_no_person="on")
    kept = client.post("/bevakning/omvarlden/ny/", data)

    assert "Närvaro bevakar aldrig kollegor." in refused.content.decode()
    assert "ser ut som en persons namn" in asked.content.decode()
    assert (refused.status_code, asked.status_code, kept.status_code) == (422, 422, 302)
    assert [search.words for search in queries.searches(lead)] == ["Stora Torget"]


@pytest.mark.django_db
def test_tf_13_a_search_ends_when_somebody_of_that_name_begins_to_work_here(authority, lead):
    search = a_search(authority, "Stora Torget", is_no_person=True, feeds=["https://bladet.example/rss"])
    an_actor(authority, person=a_person(authority, "Stora Torget"))
    person = person_of(an_actor(authority, role=Role.EMPLOYEE))
    type(person).objects.filter(pk=person.pk).update(name="Torget Stora")

    tasks.listen.call()

    ended = queries.search_for(lead, search.uid)
    assert ended.ended_at is not None
    assert "arbetar här" in ended.ended_why


@pytest.mark.django_db
def test_only_those_who_lead_communications_choose_what_is_listened_for(authority):
    other = an_actor(authority)

    with pytest.raises(NotPermitted):
        actions.add_search(actor=other, words="simhallen")
    assert signed_in(other).get("/bevakning/omvarlden/ny/").status_code == 403


# --- Hearing ----------------------------------------------------------------------------------------------------------


class _Platform:
    def __init__(self, *found: FoundPost, error: Exception | None = None) -> None:
        self.found, self.error = found, error

    def search_posts(self, _account, words, *, most=40):
        if self.error:
            raise self.error
        return self.found


def a_post(number: int, text: str = "Simhallen är fin", ago: timedelta = timedelta(hours=1)) -> FoundPost:
    return FoundPost(f"at://{number}", text, f"https://bsky.example/post/{number}", now() - ago)


@pytest.mark.django_db
def test_rf_4_what_is_said_is_shown_without_who_said_it_counted_by_day_and_only_once(authority, lead, monkeypatch):
    a_channel(authority)
    search = a_search(authority)
    old = a_post(3, ago=timedelta(days=40))
    platform = _Platform(a_post(1, "@anna.bsky.social Simhallen är fin"), a_post(2, "Hälsa @bo@social.example"), old)
    monkeypatch.setattr(tasks, "connector", lambda _name: platform)

    tasks.listen.call()
    Source.objects.of(lead).update(next_at="2020-01-01T00:00:00Z")
    tasks.listen.call()
    client = signed_in(lead)
    page = client.get(f"/bevakning/omvarlden/{search.uid}/").content.decode()

    assert sorted(hit.text for hit in Hit.objects.of(lead)) == ["@… Simhallen är fin", "Hälsa @…"]
    assert sum(DayCount.objects.of(lead).values_list("count", flat=True)) == 2
    assert "anna" not in page
    assert "<img" not in page
    assert 'rel="noopener noreferrer nofollow"' in page
    assert "2 träffar de senaste 14 dagarna." in page
    assert not {"author", "handle", "name"} & {field.name for field in Hit._meta.get_fields()}


@pytest.mark.django_db
def test_a_platform_that_fails_is_told_and_asked_again_later_and_later(authority, lead, monkeypatch):
    a_channel(authority)
    search = a_search(authority)
    monkeypatch.setattr(tasks, "connector", lambda _name: _Platform(error=Transient("Servern svarar inte.")))

    waits = []
    for _time in range(3):
        tasks.listen.call()
        (source,) = queries.sources_of(lead, search)
        waits.append(source.next_at - now())
        Source.objects.of(lead).update(next_at=now() - timedelta(seconds=1))

    assert source.last_error == "Servern svarar inte."
    assert waits[0] < waits[1] < waits[2]
    assert "Servern svarar inte." in signed_in(lead).get(f"/bevakning/omvarlden/{search.uid}/").content.decode()


@pytest.mark.django_db
def test_a_feed_is_read_guarded_and_only_what_is_about_the_matter_is_taken(authority, lead):
    items = "".join(
        f"<item><guid>{n}</guid><title>{title}</title><link>{link}</link><author>Anna</author></item>"
        for n, (title, link) in enumerate(
            [("Simhallen öppnar", "/1"), ("Rådhuset målas", "/2"), ("Simhallens tak", "javascript:alert(1)")]
        )
    )
    with Scripted(lambda call: Said(body=f"<rss><channel>{items}</channel></rss>".encode())) as server:
        search = a_search(authority, feeds=[f"{server.base_url}/rss"])
        tasks.listen.call()

    hits = {hit.text: hit.link for hit in Hit.objects.of(lead)}
    assert hits == {"Simhallen öppnar": f"{server.base_url}/1", "Simhallens tak": ""}
    assert "Anna" not in str(list(Hit.objects.of(lead).values()))
    assert queries.sources_of(lead, search)[0].last_error == ""
    for address in ("file:///etc/passwd", "javascript:alert(1)", "inget"):
        with pytest.raises(Invalid, match="ingen adress"):
            actions.change_search(actor=lead, uid=search.uid, feeds=[address])


@pytest.mark.django_db
def test_a_feed_into_our_own_network_is_not_read_where_that_is_not_allowed(authority, lead, settings):
    settings.OPTIONS = settings.OPTIONS.model_copy(update={"allow_private_hosts": False})
    with Scripted(lambda call: Said(body=b"<rss/>")) as server:
        search = a_search(authority, feeds=[f"{server.base_url}/rss"])
        tasks.listen.call()

    assert server.calls == []
    assert "får inte anropa" in queries.sources_of(lead, search)[0].last_error


@pytest.mark.django_db
def test_two_workers_hear_once_and_the_slower_one_keeps_nothing(authority, lead):
    a_search(authority, feeds=["https://bladet.example/rss"])
    said = [Heard(key_of("1"), "Simhallen", "", "bladet.example", now())]

    first = actions.claim_source()
    assert actions.claim_source() is None
    Source.objects.of(lead).update(lease_until=None)
    second = actions.claim_source()

    with pytest.raises(Stale):
        actions.keep_hits(first, said)
    assert actions.keep_hits(second, said) == 1
    assert actions.keep_hits(second, said) == 0
    assert Hit.objects.of(lead).count() == 1


# --- Disposing --------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_rf_4_what_was_heard_is_thrown_away_after_thirty_days_or_as_was_chosen_and_the_count_stays(authority, lead):
    search = a_search(authority, feeds=["https://bladet.example/rss"])
    actions.keep_hits(actions.claim_source(), [Heard(key_of("1"), "Simhallen", "", "bladet.example", now())])

    with clock.frozen(now() + timedelta(days=29)):
        assert actions.dispose_hits() == 0
    with clock.frozen(now() + timedelta(days=31)):
        assert actions.dispose_hits() == 1
    client = signed_in(lead)
    client.post("/bevakning/omvarlden/hur-lange/", filled(client.get("/bevakning/omvarlden/hur-lange/"), days="7"))

    assert not Hit.objects.of(lead).exists()
    assert queries.days_of(lead, search)[-1] == (today(), 1)
    assert queries.keeping_of(lead).days == 7
    with pytest.raises(Invalid):
        actions.change_keeping(actor=lead, days=0)


@pytest.mark.django_db
def test_a_search_that_ends_takes_what_was_heard_with_it(authority, lead):
    search = a_search(authority, feeds=["https://bladet.example/rss"])
    actions.keep_hits(actions.claim_source(), [Heard(key_of("1"), "Simhallen", "", "bladet.example", now())])
    client = signed_in(lead)
    page = client.get(f"/bevakning/omvarlden/{search.uid}/")

    client.post(f"/bevakning/omvarlden/{search.uid}/avsluta/", filled(page, "button"))

    assert not Hit.objects.of(lead).exists()
    assert queries.searches(lead) == []
    assert Search.objects.of(lead).get().ended_at is not None
    assert actions.claim_source() is None


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("link", "host", "is_doubtful"),
    [
        ("https://bladet.example/1", "bladet.example", False),
        ("https://bladеt.example/1", "xn--bladt-2we.example", True),
        ("http://bladet.example/1", "bladet.example", True),
        ("https://10.0.0.1/", "10.0.0.1", True),
    ],
)
def test_a_link_says_where_it_really_leads(link, host, is_doubtful):
    assert rules.host_of(link) == host
    assert rules.doubt_about(link) is is_doubtful
