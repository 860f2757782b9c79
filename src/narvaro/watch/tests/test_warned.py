"""What anybody is told of an account that poses as the authority."""

from __future__ import annotations

import pytest
from django.test import Client

from narvaro.watch import actions
from narvaro.watch.testing import a_case

pytestmark = pytest.mark.django_db


def test_whoever_asks_about_a_false_account_is_told_that_it_is(authority, lead):
    case = a_case(authority, account="https://social.example/@falsk", shown_name="Storköpings kommun")
    anybody, check = Client(), f"/{authority.slug}/kanaler/vart/?konto=https://social.example/@falsk"
    before = anybody.get(check).content.decode()
    all_before = anybody.get(f"/{authority.slug}/kanaler/").content.decode()

    actions.confirm_case(actor=lead, uid=case.uid, why="Vårt vapen.")
    actions.warn_of_case(actor=lead, uid=case.uid, text="Lämna inga kontonummer.")
    told = anybody.get(check).content.decode()
    listed = anybody.get(f"/{authority.slug}/kanaler/").content.decode()
    data = anybody.get("/api/v1/accounts/verify", {"url": "https://social.example/@falsk"}).json()
    other = anybody.get("/api/v1/accounts/verify", {"url": "https://social.example/@annan"}).json()
    actions.end_warning(actor=lead, uid=case.uid)
    after = anybody.get(check).content.decode()

    assert "Vi känner inte till kontot" in before
    assert "Lämna inga kontonummer." not in all_before
    assert "Nej, kontot är inte vårt" in told
    assert "Lämna inga kontonummer." in told
    assert "Lämna inga kontonummer." in listed
    assert 'href="https://social.example/@falsk"' not in told + listed  # nobody is led there
    assert (data["answer"], other["answer"]) == ("reported_false", "unknown")
    assert data["reported_false"][0]["says"] == "Lämna inga kontonummer."
    assert "Nej, kontot är inte vårt" not in after
    assert f"/{authority.slug}/kanaler/tipsa/" in before
