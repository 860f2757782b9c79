"""A field for a comment of one's own beneath a post: the last part of a thread, so it goes out once the post is out."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from narvaro.publishing import threads

MOST_FOLLOW_UP = 2000


class FollowUpField(forms.Form):
    """What follows beneath a post. It is part of the text, and so of what is read, approved and kept."""

    follow_up = forms.CharField(
        label=_("Egen kommentar under inlägget"), required=False, max_length=MOST_FOLLOW_UP, strip=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "true"}),
        help_text=_("Ofta en länk. Den går ut som ett svar när inlägget är ute, och sparas sist i texten efter ---."),
    )  # fmt: skip

    def followed(self, words: str) -> str:
        """Return words with what follows beneath them, however much of the form is right yet; "" stays so."""
        more = str(self["follow_up"].value() or "").strip()
        return f"{words.rstrip()}{threads.BY_HAND}{more}" if words.strip() and more else words
