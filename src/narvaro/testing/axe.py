"""What axe says of the page that is open in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

OF_COLOUR = ("color-contrast", "link-in-text-block")
OF_WORDS = (
    "html-has-lang", "html-lang-valid", "valid-lang", "document-title", "empty-heading", "empty-table-header",
    "button-name", "link-name", "label", "select-name", "image-alt", "summary-name", "aria-command-name",
    "aria-input-field-name", "landmark-unique", "target-size", "scrollable-region-focusable",
)  # fmt: skip
"""What another language may change on a page whose markup has been judged: names, headings and room taken."""
OF_SIZE = (*OF_WORDS, *OF_COLOUR)
"""What another width may change on such a page: what shows, and how large."""
_SCRIPT = Axe().axe_script


def ready(context: BrowserContext) -> None:
    """Have axe ready on every page that is opened from now on: cheaper where most of them are judged."""
    context.add_init_script(_SCRIPT)


def violations(page: Page, rules: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """
    Return what axe finds on a page, each as {"id", "help", "nodes"}.

    Args:
        rules: Only these of axe's; all when empty.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found: list[dict[str, Any]] = page.evaluate("how => axe.run(how).then(found => found.violations)", options)
    return found
