/* Moving what is planned in the calendar: with a pointer, a finger or keys. Without it each entry's link leads to a form.
   A drop sends that same form; what asks to be agreed to first opens it instead. No inline code, nothing kept. */
"use strict";

(() => {
  const form = document.getElementById("move");
  const board = document.querySelector("[data-board]");
  if (!form || !board) return;
  const FAR = 6, EDGE = 60, STEP = 14;
  const words = document.getElementById("announce");
  const say = (sentence) => { if (words) words.textContent = sentence ?? ""; };
  const spotOf = (element) => element?.closest?.("[data-spot]") ?? null;
  let held = null, over = null, start = null, wasDragged = false;

  const show = (spot) => {
    over?.classList.remove("calendar__day--over");
    over = spot;
    over?.classList.add("calendar__day--over");
  };
  const grab = (entry) => {
    held = entry;
    entry.classList.add("entry--grabbed");
    board.classList.add("calendar--moving");
    show(spotOf(entry));
    say(board.dataset.grabbed);
  };
  const let_go = (sentence) => {
    held?.classList.remove("entry--grabbed");
    board.classList.remove("calendar--moving");
    show(null);
    held = null;
    if (sentence) say(sentence);
  };
  const clockAt = (entry, spot) =>
    spot.dataset.hour === undefined ? entry.dataset.clock : `${spot.dataset.hour}:${entry.dataset.clock.slice(3)}`;
  const drop = () => {
    const entry = held, spot = over;
    if (!entry || !spot || spot === spotOf(entry)) { let_go(board.dataset.cancelled); return; }
    const address = form.dataset.pattern.replace("00000000-0000-0000-0000-000000000000", entry.dataset.entry);
    const clock = clockAt(entry, spot);
    let_go(board.dataset.dropped);
    if (entry.hasAttribute("data-asks") || spot.hasAttribute("data-asks")) {
      const asked = new URLSearchParams({ dag: spot.dataset.spot, kl: clock, sedan: form.elements.back.value });
      location.assign(`${address}?${asked}`);
      return;
    }
    form.action = address;
    form.elements.day.value = spot.dataset.spot;
    form.elements.clock.value = clock;
    form.elements.seen_version.value = entry.dataset.version;
    form.requestSubmit();
  };

  /* ── Pointer: a mouse anywhere on the entry, a finger on its "move" so that the page can still be scrolled ── */
  board.addEventListener("pointerdown", (event) => {
    const entry = event.target.closest("[data-entry]");
    if (!entry || event.button !== 0 || (event.pointerType !== "mouse" && !event.target.closest("[data-move]"))) return;
    start = { entry, x: event.clientX, y: event.clientY, id: event.pointerId };
    wasDragged = false;
  });
  board.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-entry]")) event.preventDefault(); });
  addEventListener("pointermove", (event) => {
    if (!start || event.pointerId !== start.id) return;
    if (!wasDragged) {
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) < FAR) return;
      wasDragged = true;
      grab(start.entry);
    }
    event.preventDefault();
    if (event.clientY < EDGE) scrollBy(0, -STEP);
    else if (event.clientY > innerHeight - EDGE) scrollBy(0, STEP);
    show(spotOf(document.elementFromPoint(event.clientX, event.clientY)));
  }, { passive: false });
  addEventListener("pointerup", (event) => {
    if (!start || event.pointerId !== start.id) return;
    start = null;
    if (wasDragged) drop();
  });
  addEventListener("pointercancel", () => { start = null; if (held) let_go(board.dataset.cancelled); });
  board.addEventListener("click", (event) => {
    if (!wasDragged) return;
    event.preventDefault();
    wasDragged = false;
  }, true);

  /* ── Keys: M on a focused entry takes it; arrows choose, Enter drops, Escape leaves it where it was ── */
  const near = (from, right, down) => {
    const row = from.parentElement;
    if (down) {
      const rows = [...row.parentElement.rows], next = rows[rows.indexOf(row) + down];
      return next?.cells[from.cellIndex] ?? null;
    }
    const beside = row.cells[from.cellIndex + right];
    if (beside?.matches("td") || board.classList.contains("calendar--week")) return beside ?? null;
    const rows = [...row.parentElement.rows], next = rows[rows.indexOf(row) + right];
    return (right > 0 ? next?.cells[0] : next?.cells[next.cells.length - 1]) ?? null;
  };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const entry = document.activeElement?.closest?.("[data-entry]");
    if (!held) {
      if (entry && board.contains(entry) && event.key.toLowerCase() === "m") { event.preventDefault(); grab(entry); }
      return;
    }
    if (event.key === "Escape") { event.preventDefault(); let_go(board.dataset.cancelled); return; }
    if (event.key === "Enter") { event.preventDefault(); drop(); return; }
    if (event.key === "Tab") { let_go(board.dataset.cancelled); return; }
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    let next = near(over ?? held.closest("td"), ...way);
    while (next && !next.matches("[data-spot]")) next = near(next, ...way);
    if (!next) return;
    show(next);
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(next.dataset.name);
  }, true);
})();
