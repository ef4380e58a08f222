// Sends the form when there is a connection and keeps what was written until then: in the page, at the officer's wish
// in this tab, or in a file that only her passphrase opens. Nothing is kept unasked: the phone may be shared. Budget and
// debts are never kept in the tab, where they would lie open.
"use strict";
(() => {
  const STORE = "riskscore-application";
  const ROUNDS = 600000;
  const HOUSEHOLD = /^(budget|debt|month)_/;
  const find = (id) => document.getElementById(id);
  const text = new TextEncoder();
  let waiting = null;
  let opened = Date.now();
  let timed = false; // the moment at which she told it was set by hand, or when the first of it was written

  const form = () => find("apply-form");
  const say = (name) => { find("apply-status").textContent = name ? form().dataset[name] : ""; };
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const bytes = (coded) => Uint8Array.from(atob(coded), (one) => one.charCodeAt(0));

  function written() {
    return Object.fromEntries([...new FormData(form())].filter(([name]) => name !== "csrf_token"));
  }

  function write(fields) {
    const debts = Object.keys(fields).filter((name) => /^debt_\d+_lender_kind$/.test(name)).length;
    find("debt-rows").replaceChildren(...Array.from({ length: debts }, blank));
    renumber();
    for (const one of form().elements) {
      if (!one.name || one.name === "csrf_token") continue;
      if (one.type === "checkbox") one.checked = fields[one.name] === one.value;
      else if (typeof fields[one.name] === "string") one.value = fields[one.name];
      if (one.value && /^month_/.test(one.name)) find("months").open = true;
    }
  }

  function remember() {
    const kept = Object.entries(written()).filter(([name]) => !HOUSEHOLD.test(name) && name !== "told_at");
    if (find("remember").checked) sessionStorage.setItem(STORE, JSON.stringify(Object.fromEntries(kept)));
    else sessionStorage.removeItem(STORE);
  }

  const blank = () => find("debt-row").content.firstElementChild.cloneNode(true);

  function renumber() {
    const debts = [...find("debt-rows").children];
    debts.forEach((debt, place) => {
      for (const one of debt.querySelectorAll(".number")) one.textContent = place + 1;
      for (const one of debt.querySelectorAll("[name], [id], [for]")) {
        for (const { name } of [...one.attributes]) {
          if (!["name", "id", "for", "aria-describedby"].includes(name)) continue;
          one.setAttribute(name, one.getAttribute(name).replaceAll(/debt_\d+/g, `debt_${place + 1}`));
        }
      }
    });
    find("add-debt").hidden = debts.length >= Number(find("add-debt").dataset.most);
  }

  function turn(button) {
    const adds = button.id === "add-debt";
    const debt = adds ? blank() : button.closest(".debt");
    if (adds) find("debt-rows").append(debt);
    else debt.remove();
    renumber();
    find("debts-status").textContent = form().dataset[adds ? "added" : "dropped"];
    (adds ? debt.querySelector("select") : find("add-debt")).focus();
  }

  // The page may have been open for days without a connection: what she tells is of now, by the institution's clock.
  function time({ target }) {
    const at = form().elements.told_at;
    if (timed || !HOUSEHOLD.test(target.name)) {
      timed ||= target === at;
      return;
    }
    timed = true;
    const shown = Date.parse(`${at.defaultValue}Z`);
    if (!Number.isNaN(shown)) at.value = new Date(shown + Date.now() - opened).toISOString().slice(0, 16);
  }

  async function keyOf(passphrase, salt, use) {
    const raw = await crypto.subtle.importKey("raw", text.encode(passphrase), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
    return crypto.subtle.deriveKey(how, raw, { name: "AES-GCM", length: 256 }, false, [use]);
  }

  async function keepFile() {
    const passphrase = find("secret").value;
    if (!globalThis.crypto?.subtle) return say("insecure");
    // As of the officer's file of a meeting (riskscore.service.sealed).
    if ([...passphrase].length < 14 || new Set(passphrase).size < 6) return say("short");
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const key = await keyOf(passphrase, salt, "encrypt");
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text.encode(JSON.stringify(written())));
    const file = { format: "riskscore-application-1", salt: base64(salt), iv: base64(iv), sealed: base64(sealed) };
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
    link.download = `${form().elements.key.value.slice(0, 8)}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
    say("kept");
  }

  async function openFile(file) {
    if (!globalThis.crypto?.subtle) return say("insecure");
    try {
      const { salt, iv, sealed } = JSON.parse(await file.text());
      const key = await keyOf(find("secret").value, bytes(salt), "decrypt");
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(iv) }, key, bytes(sealed));
      write(JSON.parse(new TextDecoder().decode(plain)));
      timed = true;
      remember();
      say("opened");
    } catch {
      say("unopened"); // another passphrase, or another file: the two cannot be told apart
    }
  }

  // The key in the form names this application: sent twice, it is on record once.
  async function send() {
    clearTimeout(waiting);
    waiting = null;
    say("sending");
    let reply;
    try {
      reply = await fetch("/apply", { method: "POST", body: new URLSearchParams(new FormData(form())) });
    } catch {
      say("waiting");
      waiting = setTimeout(send, 15000);
      return;
    }
    if (reply.redirected) {
      sessionStorage.removeItem(STORE);
      location.assign(reply.url);
      return;
    }
    if (reply.status >= 500 || reply.status === 429) {
      say("waiting");
      waiting = setTimeout(send, 15000);
      return;
    }
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!page.getElementById("faults")) return say("ended"); // another page: the session is over
    document.querySelector("main").replaceWith(page.querySelector("main"));
    begin();
    find("faults").querySelector("a")?.focus();
  }

  function begin() {
    find("keep-box").hidden = false;
    form().addEventListener("submit", (event) => { event.preventDefault(); send(); });
    form().addEventListener("input", (event) => { time(event); remember(); });
    form().addEventListener("click", (event) => {
      const button = event.target.closest("button[name=rows]");
      if (!button) return;
      event.preventDefault();
      turn(button);
      remember();
    });
    find("remember").addEventListener("change", remember);
    find("keep-form").addEventListener("submit", (event) => { event.preventDefault(); keepFile(); });
    find("open-file").addEventListener("change", (event) => event.target.files[0] && openFile(event.target.files[0]));
  }

  begin();
  addEventListener("offline", () => { if (!waiting) say("offline"); });
  addEventListener("online", () => (waiting ? send() : say("online")));
  const kept = sessionStorage.getItem(STORE);
  if (kept) {
    write(JSON.parse(kept));
    find("remember").checked = true;
  }
})();
