"""Migrating renders what a step changes and what refers to it, not the whole product."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.migrations.state import ModelState, ProjectState

pytestmark = pytest.mark.one_database


def test_a_step_renders_the_model_it_changes_and_those_that_refer_to_it():
    state = ProjectState.from_apps(apps)
    assert len(state.apps.get_models()) > 100

    of_channel = state._find_reload_model("channels", "channel")
    of_gate = state._find_reload_model("channels", "gate")

    assert of_gate == {("channels", "gate")}
    assert ("channels", "channelcard") in of_channel
    assert ("core", "authority") not in of_channel


def test_a_new_model_can_be_made_and_refer_to_what_was_there():
    state = ProjectState.from_apps(apps)
    authority = state.apps.get_model("core", "authority")
    made = ModelState.from_model(apps.get_model("channels", "gate")).clone()
    made.name = "Portal"
    made.options = {**made.options, "constraints": []}

    state.add_model(made)

    assert state.apps.get_model("channels", "portal")._meta.get_field("authority").related_model is authority


def test_the_models_of_others_are_rendered_as_django_has_it():
    state = ProjectState.from_apps(apps)
    assert state.apps

    assert ("auth", "permission") in state._find_reload_model("contenttypes", "contenttype")
