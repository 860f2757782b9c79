/* Smoother pages. Nothing here is needed for an action: every link and form works alone.
   No inline code, no eval, nothing kept outside the tab. Attributes are described in docs/design.md. */
"use strict";

(() => {
  const POLL_MS = 12_000;
  const DRAFT_PREFIX = "draft:";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = document.getElementById("announce");
  const say = (sentence) => { if (words) words.textContent = sentence; };
  const phrase = (name, value) => (words?.dataset[name] ?? "%s").replace("%s", value);
  const isTyping = (element) => element?.matches?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]");

  /* ── Drafts: typed text stays in this tab until it is sent ── */
  const draftKey = (field) => DRAFT_PREFIX + location.pathname + ":" + field.dataset.draft;
  const keep = (field) => {
    try {
      if (field.value && field.value !== field.defaultValue) sessionStorage.setItem(draftKey(field), field.value);
      else sessionStorage.removeItem(draftKey(field));
    } catch { /* storage is full or refused: the text still stands in the field */ }
  };
  const restore = (field) => {
    let text = null;
    try { text = sessionStorage.getItem(draftKey(field)); } catch { /* refused */ }
    if (text && !field.value) { field.value = text; say(words?.dataset.kept ?? ""); judge(field); }
  };
  /* A field whose text is judged while one types: what came back is judged as if it had been typed just now. */
  const judge = (field) => {
    const address = field.getAttribute("hx-post");
    const ask = () => window.htmx?.ajax("post", address, { source: field });
    if (address && document.readyState === "complete") ask(); else if (address) addEventListener("load", ask);
  };
  const SENT_KEY = "draft-sent";
  /* A sent text is forgotten only when the server has answered with its redirect to the next page. A broken line,
     a form that came back, an error page or a sign-in page (body.plain) keeps it. */
  const hasMovedOn = () => {
    const [arrival] = performance.getEntriesByType("navigation");
    return arrival?.type === "navigate" && arrival.redirectCount > 0
      && !document.body.classList.contains("plain") && !document.querySelector(".error-summary, .trouble");
  };
  const forgetSent = (isDone) => {
    try {
      const sent = JSON.parse(sessionStorage.getItem(SENT_KEY) ?? "[]");
      sessionStorage.removeItem(SENT_KEY);
      if (isDone) sent.forEach((key) => sessionStorage.removeItem(key));
    } catch { /* refused */ }
  };

  /* ── Counter in graphemes, as the platforms count ── */
  const segments = "Segmenter" in Intl ? new Intl.Segmenter(document.documentElement.lang || "sv", { granularity: "grapheme" }) : null;
  const length = (text) => segments ? [...segments.segment(text)].length : [...text].length;
  const NEAR = 20;
  const count = (field) => {
    const counter = document.querySelector(`[data-counter-for="${CSS.escape(field.id)}"]`);
    if (!counter) return;
    const left = Number(field.dataset.limit) - length(field.value.replace(/\r\n/g, "\n"));
    counter.textContent = left < 0 ? phrase("over", -left) : phrase("left", left);
    counter.classList.toggle("counter--over", left < 0);
    counter.classList.toggle("counter--near", left >= 0 && left <= NEAR);
    const step = left < 0 ? "over" : left <= NEAR ? "near" : "";
    if (step && counter.dataset.step !== step) say(counter.textContent);
    counter.dataset.step = step;
  };

  /* ── Live: poll with a change token, merge gently ── */
  const isDirty = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT" ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;
  const isGuarded = (element) =>
    (element.contains(document.activeElement) && document.activeElement !== document.body)
    || all("input, textarea, select", element).some(isDirty)
    || Boolean(element.querySelector("dialog[open], details[open]")) || element.matches("details[open]");
  const copyAttributes = (from, to) => {
    for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
    for (const { name, value } of from.attributes) if (name !== "style" && to.getAttribute(name) !== value) to.setAttribute(name, value);
  };
  const merge = (old, fresh) => {
    if (old.outerHTML === fresh.outerHTML) return;
    if (!isGuarded(old)) { old.replaceWith(fresh); ready(fresh); return; }
    const kids = [...fresh.children];
    if (!kids.length || !kids.every((kid) => kid.id)) {
      /* No named children: look one step down for named parts, leave the rest as it is. */
      for (const part of all("[id]", fresh)) {
        const twin = old.querySelector("#" + CSS.escape(part.id));
        if (twin && !part.parentElement.closest("[id]:not(#" + CSS.escape(fresh.id || "-") + ")")) merge(twin, part);
      }
      return;
    }
    copyAttributes(fresh, old);
    let place = old.firstElementChild;
    for (const kid of kids) {
      const twin = [...old.children].find((child) => child.id === kid.id);
      if (!twin) { old.insertBefore(kid, place); ready(kid); continue; }
      if (twin === place) place = place.nextElementSibling;
      else if (!isGuarded(twin)) old.insertBefore(twin, place);
      merge(twin, kid);
    }
    const ids = new Set(kids.map((kid) => kid.id));
    for (const child of [...old.children]) if (child.id && !ids.has(child.id) && !isGuarded(child)) child.remove();
  };
  let isLost = false;
  const poll = async (id) => {
    const element = document.getElementById(id);
    if (!element?.dataset.poll || document.hidden) return;
    try {
      const url = new URL(element.dataset.poll, location.href);
      if (url.origin !== location.origin) return;
      url.searchParams.set("token", element.dataset.pollToken ?? "");
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin", redirect: "error", cache: "no-store" });
      isLost = false;
      if (answer.status !== 200) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(id);
      if (!fresh) return;
      const { pollToken } = fresh.dataset;
      merge(element, document.importNode(fresh, true));
      for (const part of all("[data-along][id]", page)) {
        const twin = document.getElementById(part.id);
        if (twin && !fresh.contains(part)) merge(twin, document.importNode(part, true));
      }
      const now = document.getElementById(id);
      if (now && pollToken !== undefined) now.dataset.pollToken = pollToken;
    } catch {
      if (!isLost) { isLost = true; say(words?.dataset.lost ?? ""); }
    }
  };
  const pollAll = () => all("[data-poll][id]").forEach((element) => poll(element.id));
  setInterval(pollAll, POLL_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) pollAll(); });

  /* ── Keys: never while typing, never with a modifier ── */
  const rows = () => all("[data-row]").filter((row) => row.offsetParent !== null);
  const rowLink = (row) => row.querySelector("[data-row-link]") ?? row.querySelector("a");
  const move = (step) => {
    const listed = rows();
    if (!listed.length) return;
    const at = listed.findIndex((row) => row.contains(document.activeElement));
    const current = at >= 0 ? at : listed.findIndex((row) => row.querySelector("[aria-current]"));
    rowLink(listed[Math.max(0, Math.min(listed.length - 1, current + step))])?.focus();
  };
  const press = (key) => {
    const target = all("[data-key]").find((element) => element.dataset.key === key && element.offsetParent !== null && !element.disabled);
    if (!target) return false;
    if (isTyping(target)) target.focus(); else target.click();
    return true;
  };
  const showKeys = () => {
    const dialog = document.getElementById("keys");
    const list = dialog?.querySelector("dl");
    if (!list || dialog.open) return;
    const known = new Map();
    if (rows().length) { known.set("j", "↓"); known.set("k", "↑"); }
    for (const element of all("[data-key]")) {
      if (element.offsetParent !== null && !known.has(element.dataset.key)) {
        known.set(element.dataset.key, element.dataset.keyLabel || element.getAttribute("aria-label") || element.textContent.trim());
      }
    }
    known.set("?", words?.dataset.showkeys ?? "");
    list.replaceChildren(...[...known].flatMap(([key, label]) => {
      const term = document.createElement("dt"), text = document.createElement("dd"), cap = document.createElement("kbd");
      cap.textContent = key; term.append(cap); text.textContent = label;
      return [term, text];
    }));
    dialog.showModal();
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const open = event.target.closest?.("details.menu[open], details.mark__details[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { showKeys(); event.preventDefault(); return; }
    if (event.key === "j" && rows().length) { move(1); event.preventDefault(); return; }
    if (event.key === "k" && rows().length) { move(-1); event.preventDefault(); return; }
    if (event.key.length === 1 && press(event.key)) event.preventDefault();
  });

  /* ── Choosing rows for one action on many ── */
  const boxes = (form) => all("input[type=checkbox]:not([data-bulk-all])", form).filter((box) => box.name);
  const showChosen = (form) => {
    const chosen = boxes(form).filter((box) => box.checked).length;
    for (const bar of all("[data-bulk-bar]", form)) bar.hidden = chosen === 0;
    for (const number of all("[data-bulk-count]", form)) number.textContent = phrase("chosen", chosen);
    for (const box of all("[data-bulk-all]", form)) { box.parentElement.hidden = false; box.checked = chosen > 0 && chosen === boxes(form).length; box.indeterminate = chosen > 0 && !box.checked; }
  };
  let lastBox = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("[data-bulk] input[type=checkbox]");
    if (!box) return;
    const form = box.closest("[data-bulk]"), listed = boxes(form);
    if (box.matches("[data-bulk-all]")) listed.forEach((other) => { other.checked = box.checked; });
    else if (event.shiftKey && lastBox && listed.includes(lastBox)) {
      const [from, to] = [listed.indexOf(lastBox), listed.indexOf(box)].sort((a, b) => a - b);
      listed.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    lastBox = box;
    showChosen(form);
  });

  /* ── Clicks: ask first, fold, menu, dialogs ── */
  const ask = (button) => {
    const dialog = document.getElementById("confirm-dialog")?.content.firstElementChild.cloneNode(true);
    if (!dialog?.showModal) return false;
    dialog.querySelector("#confirm-text").textContent = button.dataset.confirm;
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      const agreed = dialog.returnValue === "yes";
      dialog.remove();
      button.focus();
      if (agreed) { button.dataset.agreed = "yes"; button.click(); delete button.dataset.agreed; }
    });
    dialog.showModal();
    return true;
  };
  const setMenu = (link, isOpen) => {
    const side = document.querySelector(link.getAttribute("href"));
    side?.toggleAttribute("data-open", isOpen);
    link.setAttribute("aria-expanded", String(isOpen));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-confirm]");
    if (button && !button.dataset.agreed && ask(button)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    const fold = event.target.closest?.("[data-tree]");
    if (fold) {
      const isOpen = fold.getAttribute("aria-expanded") !== "true";
      fold.setAttribute("aria-expanded", String(isOpen));
      const branch = document.getElementById(fold.getAttribute("aria-controls"));
      if (branch) branch.hidden = !isOpen;
    }
    const menu = event.target.closest?.("[data-menu]");
    if (menu) { event.preventDefault(); setMenu(menu, menu.getAttribute("aria-expanded") !== "true"); }
    const opener = event.target.closest?.("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
    for (const open of all("details.menu[open]")) if (!open.contains(event.target)) open.open = false;
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches?.("[data-menu]")) { event.preventDefault(); event.target.click(); }
  });

  /* A search inside a form that is sent: Enter searches, and never sends. */
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-search]")) event.preventDefault();
  });

  /* ── Forms: one press, drafts kept until the next page ── */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    if (form.method === "post" && !form.matches("[hx-post], [data-again]") && !event.submitter?.matches("[hx-post]")) {
      form.dataset.sending = "yes";
      setTimeout(() => { delete form.dataset.sending; }, 8000);
    }
    try {
      const keys = all("[data-draft]", form).map(draftKey);
      if (keys.length) sessionStorage.setItem(SENT_KEY, JSON.stringify(keys));
    } catch { /* refused */ }
  });
  window.addEventListener("pageshow", () => all("form[data-sending]").forEach((form) => { delete form.dataset.sending; }));
  document.addEventListener("htmx:afterRequest", (event) => { forgetSent(event.detail.successful); });
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.dataset?.draft) keep(field);
    if (field.dataset?.limit) count(field);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-submit-on-change]")) form.requestSubmit();
  });

  /* The tab one stands on is seen, also where not all of them find room. */
  function showTab(tab) {
    const row = tab.closest(".tabs"), over = tab.getBoundingClientRect().right - row.getBoundingClientRect().right;
    if (over > 0) row.scrollLeft += over + 16;
  }

  function ready(root) {
    const within = (selector) => [...(root.matches?.(selector) ? [root] : []), ...all(selector, root)];
    within("[data-scripted]").forEach((part) => { part.hidden = false; });
    within("[data-draft]").forEach(restore);
    within("[data-limit]").forEach(count);
    within("[data-bulk]").forEach(showChosen);
    within("[data-menu]").forEach((link) => { link.setAttribute("role", "button"); link.setAttribute("aria-expanded", "false"); link.setAttribute("aria-controls", link.hash.slice(1)); });
    within(".tabs [aria-current]").forEach(showTab);
    within("[data-focus]")[0]?.focus();
    if (root.closest?.("[data-bulk]")) showChosen(root.closest("[data-bulk]"));
  }
  forgetSent(hasMovedOn());
  ready(document);
  document.addEventListener("htmx:load", (event) => ready(event.detail.elt));
})();
