/* Passkeys: asks the browser for a key and sends what it answers. The form says what it wants:
   data-passkey="create|get", data-options (JSON) or data-options-url, and a hidden field named credential.
   What needs a script is hidden until there is one that can (data-passkey-only). */
"use strict";

(() => {
  const can = Boolean(window.PublicKeyCredential && navigator.credentials);
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

  const read = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error("no options");
    return (await answer.json()).request_options;
  };
  const create = async ({ publicKey }, isAlone) => {
    const selection = { ...publicKey.authenticatorSelection, residentKey: isAlone ? "required" : "discouraged", requireResidentKey: isAlone };
    if (isAlone) selection.userVerification = "required";
    const made = await navigator.credentials.create({ publicKey: {
      ...publicKey, authenticatorSelection: selection, challenge: bytes(publicKey.challenge),
      user: { ...publicKey.user, id: bytes(publicKey.user.id) }, excludeCredentials: keys(publicKey.excludeCredentials),
    } });
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment,
      clientExtensionResults: made.getClientExtensionResults(),
      response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject), transports: made.response.getTransports?.() ?? [] },
    };
  };
  const get = async ({ publicKey }) => {
    const found = await navigator.credentials.get({ publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: keys(publicKey.allowCredentials) } });
    const { response } = found;
    return {
      id: found.id, rawId: text(found.rawId), type: found.type, authenticatorAttachment: found.authenticatorAttachment,
      clientExtensionResults: found.getClientExtensionResults(),
      response: {
        clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
        signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    };
  };

  for (const part of document.querySelectorAll("[data-passkey-only]")) part.hidden = !can;
  for (const part of document.querySelectorAll("[data-passkey-missing]")) part.hidden = can;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const said = form.querySelector("[data-passkey-said]");
      const button = form.querySelector("button");
      if (said) said.hidden = true;
      button.disabled = true;
      try {
        const options = await read(form);
        const isAlone = form.elements.passwordless?.checked ?? false;
        const credential = form.dataset.passkey === "create" ? await create(options, isAlone) : await get(options);
        form.elements.credential.value = JSON.stringify(credential);
        form.submit();
      } catch {
        /* The person closed the browser's question, or the key is not known here. */
        button.disabled = false;
        if (said) said.hidden = false;
      }
    });
  }
})();
