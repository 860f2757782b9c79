/* The point that must be seen: pressed in the picture or moved with the arrow keys. The two numbers do the same. */
"use strict";

(() => {
  const frame = document.querySelector("[data-focus-picture]");
  const across = document.querySelector("[data-focus-x]");
  const down = document.querySelector("[data-focus-y]");
  if (!frame || !across || !down) return;
  const clamp = (value) => Math.max(0, Math.min(100, Math.round(value)));
  const point = document.createElement("button");
  point.type = "button";
  point.className = "focus-picture__point";
  point.setAttribute("aria-label", frame.dataset.label);
  frame.append(point);
  const show = () => {
    point.style.left = `${clamp(Number(across.value))}%`;
    point.style.top = `${clamp(Number(down.value))}%`;
  };
  const put = (x, y) => { across.value = clamp(x); down.value = clamp(y); show(); };
  frame.addEventListener("click", (event) => {
    if (event.target === point) return;
    const box = frame.getBoundingClientRect();
    put((100 * (event.clientX - box.left)) / box.width, (100 * (event.clientY - box.top)) / box.height);
    point.focus();
  });
  point.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const [x, y] = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key] ?? [0, 0];
    if (!x && !y) return;
    event.preventDefault();
    put(Number(across.value) + x, Number(down.value) + y);
  });
  for (const field of [across, down]) field.addEventListener("input", show);
  show();
})();
