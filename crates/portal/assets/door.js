// Passkeys: the one thing at the door that needs script, since only script may ask a device. Forms for them are shown by it.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => {
    const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
    return plain.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };
  const credentials = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const get = async (options) => {
    const publicKey = { ...options, challenge: bytes(options.challenge), allowCredentials: credentials(options.allowCredentials) };
    const found = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = found.response;
    return {
      id: found.id, rawId: text(found.rawId), type: found.type,
      response: {
        authenticatorData: text(authenticatorData), clientDataJSON: text(clientDataJSON), signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  };
  const create = async (options) => {
    const user = { ...options.user, id: bytes(options.user.id) };
    const excludeCredentials = credentials(options.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: { ...options, user, challenge: bytes(options.challenge), excludeCredentials } });
    const { attestationObject, clientDataJSON } = made.response;
    return {
      id: made.id, rawId: text(made.rawId), type: made.type,
      response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
    };
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    const said = form.querySelector("[role=alert]");
    const tell = (why) => { said.textContent = why; said.hidden = false; };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      said.hidden = true;
      try {
        const asked = await fetch(form.dataset.ask, { method: "POST" });
        if (!asked.ok) {
          tell("The portal gave no challenge. Load this page again and try once more.");
          return;
        }
        const { publicKey } = await asked.json();
        const answer = form.dataset.passkey === "create" ? await create(publicKey) : await get(publicKey);
        form.elements.answer.value = JSON.stringify(answer);
        form.submit();
      } catch (error) {
        tell(error.name === "InvalidStateError" ? "This device has a passkey for you already." : "No passkey was used. Try again, or take another way.");
      }
    });
  }
})();
