"""The guideline in force as anybody reads it. The document is in Swedish; the page around it is in both languages."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from narvaro.core import openly
from narvaro.core import queries as core
from narvaro.core.access import OpenRequest, access
from narvaro.policy import queries, set_document


@access("open")
@require_safe
def page(request: OpenRequest) -> HttpResponseBase:
    """What the authority has decided about social media, by whom and from when. Law: TF-1, SM-03, BBS-2"""
    with translation.override(openly.language(request)):
        actor = request.visitor
        authority, found = core.authority_of(actor), queries.guideline_in_force(actor)
        path = reverse("house_rules:guideline", kwargs={"slug": authority.slug})
        shown = {
            "authority": authority, "guideline": found,
            "adoption": queries.adoption_of(actor, found) if found else None,
            "sections": [(each, set_document.paragraphs(each.text)) for each in queries.filled_sections(found)]
            if found
            else [],
            "retention": set_document.retention_rows(found.retention) if found else [],
            "rules_url": reverse("house_rules:page", kwargs={"slug": authority.slug}),
            "address": settings.OPTIONS.base_url + path, "language_links": openly.other_languages(path),
            "shell": {"authority_name": authority.name},
        }  # fmt: skip
        body = render_to_string("policy/open/guideline.html", shown)
        return openly.kept_by_caches(request, HttpResponse(body))
