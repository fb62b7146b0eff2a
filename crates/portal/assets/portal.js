// What script adds: a palette, single keys, and pages that move by themselves. Without it every page works as it is.
// Strings never become markup here (the policy forbids it): elements are made, and pages are read by the browser itself.
"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };

  // Everything a page offers: its sections, clients and actions, and every link of its main part, each place once by a name.
  const offers = () => {
    const seen = new Set();
    const group = (element) => {
      if (element.closest(".switch")) return "Client";
      if (element.dataset.do) return "Do";
      return element.closest("main") && !element.dataset.find && !element.dataset.key ? "On this page" : "Go to";
    };
    const places = all("a[data-key], .switch a, main a[href]:not(.toast a), main [data-do]").map((element) => {
      const { find, do: act, key = "" } = element.dataset;
      const name = (find || act || element.getAttribute("aria-label") || element.textContent).replace(/\s+/g, " ").trim();
      return { name, key, group: group(element), to: element.href || "", run: () => (element.focus(), element.click()) };
    });
    const once = ({ name, group, to }) => `${to || group} ${name}`;
    return places.filter((place) => place.name && !seen.has(once(place)) && seen.add(once(place)));
  };
  // A ledger has thousands of links: so many are shown, and a word more finds the others.
  const FOUND_MAX = 100;

  const sheet = (className, label, ...children) => {
    const dialog = make("dialog", { class: className, "aria-label": label }, ...children);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  };

  const palette = () => {
    if ($("dialog[open]")) return;
    const input = make("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "found", "aria-autocomplete": "list",
      "aria-label": "Find or do", placeholder: "Find or do …", autocomplete: "off", spellcheck: "false",
    });
    const list = make("ul", { id: "found", role: "listbox", "aria-label": "Found" });
    const none = make("p", { class: "none", role: "status" });
    const dialog = sheet("palette", "Find or do", input, list, none);
    let found = [], at = 0;
    const choose = (index) => {
      at = found.length ? (index + found.length) % found.length : 0;
      [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === at)));
      const row = list.children[at];
      if (row) { input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); }
    };
    const look = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      found = offers().filter(({ name, group }) => words.every((word) => `${group} ${name}`.toLowerCase().includes(word))).slice(0, FOUND_MAX);
      list.replaceChildren(...found.map(({ name, group, key }, i) => {
        const hint = key ? make("kbd", {}, key) : make("span", { class: "soft" }, group);
        const row = make("li", { role: "option", id: `found-${i}`, "aria-selected": "false" }, make("span", {}, name), hint);
        row.addEventListener("click", () => go(i));
        row.addEventListener("pointermove", () => at !== i && choose(i));
        return row;
      }));
      list.hidden = !found.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      none.textContent = found.length ? "" : "Nothing on this page is called that.";
      input.removeAttribute("aria-activedescendant");
      choose(0);
    };
    const go = (index) => { const offer = found[index]; if (offer) { dialog.close(); offer.run(); } };
    input.addEventListener("input", look);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") choose(at + 1);
      else if (event.key === "ArrowUp") choose(at - 1);
      else if (event.key === "Enter") go(at);
      else return;
      event.preventDefault();
    });
    look();
  };

  const keys = () => {
    if ($("dialog[open]")) return;
    const own = all("[data-key]").map((e) => [e.dataset.key, (e.dataset.find || e.dataset.do || e.textContent).replace(/\s+/g, " ").trim()]);
    const moves = lines().length ? [["j", "Next line"], ["k", "Line before"], ["x", "Choose the line"], [".", "What can be done with the line"]] : [];
    const rows = [["Ctrl K", "Find or do"], ["?", "This list"], ...own, ...moves.slice(0, $("[data-row] input[type=checkbox]") ? 4 : 2), ...(moves.length && !$("[data-row] input[type=checkbox]") ? [moves[3]] : [])];
    const list = make("dl", { class: "facts" }, ...rows.map(([key, name]) => make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, name))));
    const off = make("button", { class: "button small", type: "button" }, quiet() ? "Turn single keys on" : "Turn single keys off");
    off.addEventListener("click", () => { quiet(!quiet()); $("dialog[open]").close(); });
    sheet("sheet", "Keys", make("h2", {}, "Keys"), list, make("p", { class: "row" }, off));
  };

  // Single keys can be turned off (WCAG 2.1.4); the choice stays in this browser.
  const quiet = (set) => {
    try {
      if (set !== undefined) set ? localStorage.setItem("quiet-keys", "1") : localStorage.removeItem("quiet-keys");
      return localStorage.getItem("quiet-keys") === "1";
    } catch { return false; }
  };

  // Lines of a list: j and k go through them, x chooses one, a dot says what can be done with it.
  const lines = () => all("[data-row]");
  const line = (step) => {
    const rows = lines(), at = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
    if (!next) return;
    rows.forEach((row) => row.classList.toggle("here", row === next));
    const link = $("th a, a", next);
    if (link) link.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const chosen = () => (document.activeElement.closest && document.activeElement.closest("[data-row]")) || $("[data-row].here");
  const menu = () => {
    const row = chosen();
    if (!row || $("dialog[open]")) return;
    const to = row.dataset.row, box = $("input[type=checkbox]", row);
    const places = [["Open it", to], ["Reply", `${to}#f-text`], ["Change its priority", `${to}?open=reprioritise#act-reprioritise`], ["Say what kind it is", `${to}?open=classify#act-classify`], ["Resolve it", `${to}?open=resolve#act-resolve`]];
    const links = (box ? places : places.slice(0, 2)).map(([name, href]) => make("li", {}, make("a", { href, class: "offer" }, name)));
    const list = make("ul", {}, ...links);
    if (box) {
      const choose = make("button", { type: "button", class: "offer" }, box.checked ? "Choose it no longer" : "Choose it");
      choose.addEventListener("click", () => { box.checked = !box.checked; $("dialog[open]").close(); });
      list.append(make("li", {}, choose));
    }
    const dialog = sheet("sheet", "What can be done", make("h2", {}, $("th a, a", row).textContent), list);
    $("a", dialog).focus();
    dialog.addEventListener("close", () => $("th a, a", row).focus());
  };
  const onLine = { j: () => line(1), k: () => line(-1), ".": menu, x: () => { const row = chosen(), box = row && $("input[type=checkbox]", row); if (box) box.checked = !box.checked; } };

  // What a link or a key opens gets the first field.
  const unfold = (details) => {
    details.open = true;
    details.scrollIntoView({ block: "nearest" });
    const field = $("input:not([type=hidden]), select, textarea", details);
    if (field) field.focus();
  };
  addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]"), details = opener && document.getElementById(opener.dataset.opens);
    if (details) { event.preventDefault(); unfold(details); }
  });

  let before = "", timer = 0;
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") { event.preventDefault(); return palette(); }
    // A dialog that was just closed keeps the focus until the page is drawn again: what is pressed then is meant for the page.
    const from = event.target.closest && !event.target.closest("dialog:not([open])") ? event.target : document.body;
    const typing = from.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || quiet()) return;
    if (event.key === "?") { event.preventDefault(); return keys(); }
    const pressed = before ? `${before} ${event.key}` : event.key;
    clearTimeout(timer);
    before = "";
    const target = all("[data-key]").find((element) => element.dataset.key === pressed);
    if (target && target.matches("details.act > summary")) { event.preventDefault(); unfold(target.parentElement); }
    else if (target && target.hash && target.pathname === location.pathname && document.querySelector(target.hash)) { event.preventDefault(); document.querySelector(target.hash).focus(); }
    else if (target) { event.preventDefault(); target.focus(); target.click(); }
    else if (onLine[pressed] && lines().length) { event.preventDefault(); onLine[pressed](); }
    else if (event.key === "g") { before = "g"; timer = setTimeout(() => (before = ""), 1200); }
  });
  all("[data-open=palette], [data-keys]").forEach((element) => (element.hidden = false));
  addEventListener("click", (event) => {
    if (event.target.closest("[data-open=palette]")) palette();
    all("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
  });
  addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  // What somebody ticked, typed or opened in a region and has not sent goes on in the fresh one.
  const named = (field) => [field.form ? field.form.getAttribute("action") : "", field.name, /checkbox|radio/.test(field.type) ? field.value : ""].join(" ");
  const fields = (region) => all("input:not([type=hidden]):not([type=file]), select, textarea", region);
  const chosenFirst = (select) => { const first = [...select.options].findIndex((option) => option.defaultSelected); return first < 0 ? 0 : first; };
  const touched = (field) => field.options ? field.selectedIndex !== chosenFirst(field)
    : /checkbox|radio/.test(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const heading = (details) => details.id || $("summary", details).textContent;
  const standing = (region) => {
    const active = region.contains(document.activeElement) ? document.activeElement : null;
    return {
      kept: fields(region).filter(touched).map((field) => [named(field), field.checked, field.value]),
      open: all("details", region).filter((details) => details.open).map(heading),
      focus: active && (active.id ? `#${CSS.escape(active.id)}` : active.matches("a[href]") ? `a[href="${CSS.escape(active.getAttribute("href"))}"]` : ""),
      field: active && active.name !== undefined ? named(active) : "",
      caret: active && typeof active.selectionStart === "number" ? [active.selectionStart, active.selectionEnd] : null,
    };
  };
  const goOn = (region, was) => {
    all("details", region).forEach((details) => { if (was.open.includes(heading(details))) details.open = true; });
    const there = new Map(fields(region).map((field) => [named(field), field]));
    was.kept.forEach(([name, checked, value]) => { const field = there.get(name); if (field) { field.value = value; field.checked = checked; } });
    const active = (was.focus && (region.matches(was.focus) ? region : $(was.focus, region))) || (was.field && there.get(was.field));
    if (!active) return;
    active.focus({ preventScroll: true });
    if (was.caret && active.setSelectionRange) active.setSelectionRange(...was.caret);
  };

  // Regions marked data-live are read anew when the server says that something changed.
  const refresh = () => {
    const request = new XMLHttpRequest();
    request.open("GET", location.href);
    request.responseType = "document";
    request.onload = () => {
      const fresh = request.response;
      if (request.status !== 200 || !fresh) return;
      // The names of forms that were not sent stay: they are no change.
      const key = $("input[name=key]");
      if (key) all("input[name=key]", fresh).forEach((field) => field.setAttribute("value", key.getAttribute("value")));
      for (const old of all("[data-live][id]")) {
        const now = fresh.getElementById(old.id), before = old.cloneNode(true);
        before.classList.remove("moved");
        if (!before.classList.length) before.removeAttribute("class");
        all("details", before).forEach((details) => { details.open = false; });
        const after = now && now.cloneNode(true);
        if (after) all("details", after).forEach((details) => { details.open = false; });
        if (!after || after.isEqualNode(before)) continue;
        const was = standing(old), fitted = document.importNode(now, true);
        old.replaceWith(fitted);
        fitted.classList.add("moved");
        goOn(fitted, was);
      }
    };
    request.send();
  };
  // On a narrow screen the bar shows the section that we are in.
  const here = all(".sections [aria-current]").find((link) => link.offsetParent);
  if (here) { const bar = here.closest("nav"); bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2; }

  // The browser knows its own zone; choosing one is enough.
  const zone = $("select[data-zone]");
  if (zone) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (own && own.includes("/") && !all("option", zone).some((option) => option.value === own)) zone.options[0].after(make("option", {}, own));
    zone.addEventListener("change", () => zone.form.requestSubmit());
    $("button", zone.form).hidden = true;
  }

  // What is being written is kept by itself, so that it outlives the page, others see that somebody writes, and whoever writes has the
  // ticket. The button does the same without script.
  const draft = $("form[data-draft]");
  if (draft) {
    const text = draft.elements.text, kept = $("[data-kept]", draft);
    let last = text.value, due = 0, sending = false;
    const keep = async () => {
      due = 0;
      if (text.value === last || sending) return;
      const words = text.value;
      try {
        const answer = await fetch(draft.dataset.draft, { method: "POST", body: new URLSearchParams({ text: words, by: "script", key: draft.elements.key.value }), redirect: "manual" });
        if (answer.status !== 204) throw new Error(String(answer.status));
        last = words;
        kept.textContent = words.trim() ? "Kept as a draft." : "";
      } catch { kept.textContent = "Not kept: no connection, or you are signed out."; }
      if (text.value !== last && !due) due = setTimeout(keep, 2000);
    };
    text.addEventListener("input", () => { kept.textContent = ""; if (!due) due = setTimeout(keep, 1200); });
    draft.addEventListener("submit", () => (sending = true));
    all("form[data-insert]").forEach((form) => form.addEventListener("submit", (event) => {
      event.preventDefault();
      text.value = [text.value.trimEnd(), form.elements.text.value].filter(Boolean).join("\n\n");
      text.dispatchEvent(new Event("input"));
      form.closest("details").open = false;
      text.focus();
    }));
  }

  // What the agreement's catalogue says of what is being typed: as the server says it once the form is looked at.
  const seems = $("[data-seems]"), catalogue = all("#catalogue [data-stems]");
  if (seems && catalogue.length) {
    const stems = (text) => text.split(/[^\p{L}\p{N}]+/u).filter((word) => [...word].length >= 4).map((word) => [...word.toLowerCase()].slice(0, 5).join(""));
    const common = new Set(["about", "after", "anyth", "befor", "does", "else", "from", "have", "needi", "other", "pleas", "since", "that", "this", "when", "with"]);
    const look = () => {
      const said = new Set(all("#f-title, #f-text").flatMap((field) => stems(field.value)).filter((stem) => !common.has(stem)));
      const shared = (item) => item.dataset.stems.split(" ").filter((stem) => said.has(stem)).length;
      const found = catalogue.map((item) => [shared(item), item]).filter(([count]) => count).sort((a, b) => b[0] - a[0]).slice(0, 3);
      seems.replaceChildren(...found.map(([, item]) => item.cloneNode(true)));
    };
    let soon = 0;
    all("#f-title, #f-text").forEach((field) => field.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(look, 300); }));
  }

  const from = document.body.dataset.liveFrom;
  if (from && window.EventSource) {
    let due = 0;
    const soon = () => { if (!due) due = setTimeout(() => { due = 0; document.hidden ? (stale = true) : refresh(); }, 150); };
    let stale = false;
    addEventListener("visibilitychange", () => { if (!document.hidden && stale) { stale = false; refresh(); } });
    const source = new EventSource(from);
    source.addEventListener("changed", soon);
    // A stream ends every minute and is asked for again; what changed in between was not told.
    let first = true;
    source.addEventListener("open", () => { first ? (first = false) : soon(); });
  }
})();

// Push messages in this browser: asked for by the person only, and sent on as a plain form.
(() => {
  const form = document.querySelector("[data-push]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  form.hidden = false;
  const ours = "/worker.js";
  const policy = window.trustedTypes && trustedTypes.createPolicy("worker", { createScriptURL: () => ours });
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : ours);
      const worker = await navigator.serviceWorker.ready;
      const options = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
      const told = (await worker.pushManager.subscribe(options)).toJSON();
      form.elements.endpoint.value = told.endpoint;
      form.elements.p256dh.value = told.keys.p256dh;
      form.elements.auth.value = told.keys.auth;
      form.submit();
    } catch {
      document.querySelector("[data-push-no]").hidden = false;
    }
  });
})();

// Who takes push messages already may leave: only the browser knows by which address it is told.
(() => {
  const form = document.querySelector("[data-push-leave]");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  (async () => {
    const worker = await navigator.serviceWorker.getRegistration();
    const told = worker && (await worker.pushManager.getSubscription());
    if (!told) return;
    form.elements.endpoint.value = told.endpoint;
    form.hidden = false;
  })().catch(() => {});
})();
