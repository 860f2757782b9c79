/* Pictures and films are sent one after another, each with its own progress. Without this the form sends them all at once. */
"use strict";

(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const list = form.querySelector("[data-upload-list]");
  const said = form.querySelector("[data-upload-said]");
  const words = form.dataset;
  const field = words.field || "pictures";
  let to = "";
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  const row = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    const state = document.createElement("span");
    item.className = "rows__row";
    name.className = "rows__words";
    name.textContent = file.name;
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    state.textContent = words.sendingWords;
    item.append(name, bar, state);
    list.append(item);
    return { bar, state };
  };
  const send = (file, { bar, state }) => new Promise((resolve) => {
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set("intent", newId());
    data.set(field, file, file.name);
    const call = new XMLHttpRequest();
    call.open("POST", form.action);
    call.setRequestHeader("Accept", "application/json");
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.floor((100 * event.loaded) / event.total);
      if (event.loaded === event.total && words.readWords) state.textContent = words.readWords;
    });
    call.addEventListener("loadend", () => {
      let text = "";
      try { ({ text, to } = JSON.parse(call.responseText)); } catch { text = words.lostWords; }
      const isDone = call.status === 200;
      if (isDone) bar.value = 100; else bar.remove();
      state.textContent = isDone ? words.doneWords : text || words.lostWords;
      resolve(isDone);
    });
    call.send(data);
  });
  form.addEventListener("submit", async (event) => {
    const input = form.elements[field];
    const files = [...input.files];
    if (!files.length) return;
    event.preventDefault();
    event.stopPropagation();
    const press = form.querySelector("button");
    press.disabled = true;
    list.hidden = false;
    list.textContent = "";
    const rows = files.map(row);
    let isWhole = true;
    for (const [at, file] of files.entries()) isWhole = (await send(file, rows[at])) && isWhole;
    if (isWhole) { location.assign(to || words.done); return; }
    said.textContent = words.overWords;
    press.disabled = false;
    input.value = "";
  });
})();
