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
_CONTRAST = "color-contrast"
_SCRIPT = Axe().axe_script
_LOOKS = """
async ({ options, contrast, known }) => {
  const violations = options ? (await axe.run(options)).violations : [];
  const passed = [];
  if (!contrast) return { violations, passed };

  // What decides a contrast: the letters' own colour, size and weight, and every ground that shows through.
  const grounds = new Map();
  const groundOf = (element) => {
    if (!element) return "";
    if (!grounds.has(element)) {
      const s = getComputedStyle(element);
      const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.mixBlendMode, s.clipPath, s.position];
      const plain = "rgba(0, 0, 0, 0)|none|1|none|normal|none|static";
      const said = own.join("|");
      grounds.set(element, groundOf(element.parentElement) + (said === plain ? "" : `>${said}`));
    }
    return grounds.get(element);
  };
  const lookOf = (element) => {
    const s = getComputedStyle(element);
    const own = [s.color, s.fontSize, s.fontWeight, s.textShadow, s.webkitTextStrokeWidth];
    return `${own.join("|")}|${element.matches(":disabled")}${groundOf(element)}`;
  };
  const small = (text) => {
    let [a, b] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      a = Math.imul(a ^ text.charCodeAt(at), 2654435761);
      b = Math.imul(b ^ text.charCodeAt(at), 1597334677);
    }
    return (a >>> 0).toString(36) + (b >>> 0).toString(36);
  };

  const elements = new Set(document.querySelectorAll("input, select, textarea, button"));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (texts.currentNode.data.trim()) elements.add(texts.currentNode.parentElement);
  const seen = new Set(known);
  const unseen = new Map();
  for (const element of elements) {
    if (!element.checkVisibility()) continue;
    const look = small(lookOf(element));
    if (!seen.has(look)) unseen.set(look, [...(unseen.get(look) ?? []), element]);
  }
  const how = { runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], elementRef: true };
  const judge = async (include) => {
    if (!include.length) return;
    const found = await axe.run({ include }, how);
    violations.push(...found.violations.map((each) => (
      { ...each, nodes: each.nodes.map(({ target, html }) => ({ target, html })) })));
    for (const { nodes } of found.passes) for (const { element } of nodes) passed.push(small(lookOf(element)));
  };
  // One of each look; where axe could not tell from that one, all the others of it.
  await judge([...unseen.values()].map(([first]) => first));
  const settled = new Set(passed);
  await judge([...unseen].filter(([look]) => !settled.has(look)).flatMap(([, [, ...others]]) => others));
  return { violations, passed };
}
"""


def ready(context: BrowserContext) -> None:
    """Have axe ready on every page that is opened from now on: cheaper where most of them are judged."""
    context.add_init_script(_SCRIPT)


def violations(page: Page, rules: tuple[str, ...] = (), known: set[str] | None = None) -> list[dict[str, Any]]:
    """
    Return what axe finds on a page, each as {"id", "help", "nodes"}.

    Args:
        rules: Only these of axe's; all when empty.
        known: Looks whose contrast axe has found to be enough, on this page or another: the same letters on the same
            grounds, as the browser computes them, are judged once. What is found to be enough now is added.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_SCRIPT)
    contrast = known is not None and (not rules or _CONTRAST in rules)
    others = [rule for rule in rules if not (contrast and rule == _CONTRAST)]
    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": others} if rules else {})
    if contrast and not rules:
        options["rules"] = {_CONTRAST: {"enabled": False}}
    how = {"options": options if others or not rules else None, "contrast": contrast, "known": sorted(known or ())}
    found = page.evaluate(_LOOKS, how)
    if known is not None:
        known.update(found["passed"])
    judged: list[dict[str, Any]] = found["violations"]
    return judged
