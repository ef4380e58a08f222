// Turns the lists of amounts and terms into sliders that answer at once: all answers come in one grid, at the first
// touch, and are looked up from then on. Without this script the form sends one question.
"use strict";
(() => {
  const form = document.getElementById("try-form");
  if (!form) return;
  const words = form.dataset;
  const answer = document.getElementById("try-answer");
  const lists = { amount: form.elements.amount, term_days: form.elements.term_days };
  const valuesOf = (list) => [...list.options].map((option) => Number(option.value));
  const chosen = (list) => list.options[list.selectedIndex];
  const spell = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const keyOf = (amount, term) => `${amount} ${term}`;
  let grid = null;

  function say(point, more = "") {
    const lines = [
      spell(words.sentence, {
        amount: chosen(lists.amount).text, term: chosen(lists.term_days).text,
        score: Math.round(point.score), grade: point.grade,
      }),
      point.state === "ready" ? words.ready : words.talk,
    ];
    if (point.nii_post !== null) {
      const share = spell(words.share, { count: Math.round(100 * point.nii_post) });
      lines.push(point.nii_post >= Number(words.most) ? words.nothing : share);
    }
    if (point.off_support) lines.push(words.unlike);
    answer.textContent = [...lines, more].join(" ").trim();
  }

  async function ask(question) {
    const reply = await fetch(words.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
      body: JSON.stringify({
        amount: Number(lists.amount.value), term_days: Number(lists.term_days.value), ...question,
      }),
    });
    if (!reply.ok) throw new Error(String(reply.status));
    return reply.json();
  }

  function load() {
    grid ??= ask({ grid: { amounts: valuesOf(lists.amount), term_days: valuesOf(lists.term_days) } })
      .then((found) => new Map(found.grid.map((point) => [keyOf(point.amount, point.term_days), point])));
    return grid;
  }

  async function show(more) {
    try {
      const points = await load();
      say(points.get(keyOf(Number(lists.amount.value), Number(lists.term_days.value))), more);
    } catch {
      grid = null;
      answer.textContent = words.failed;
    }
  }

  for (const list of Object.values(lists)) {
    const slider = document.createElement("input");
    const shown = document.createElement("output");
    Object.assign(slider, { type: "range", min: 0, max: list.options.length - 1, step: 1, id: list.id });
    slider.value = list.selectedIndex;
    list.removeAttribute("id");
    list.hidden = true;
    shown.htmlFor = slider.id;
    shown.setAttribute("aria-live", "off"); // the slider says its own value, the answer says the rest
    const tell = () => {
      list.selectedIndex = Number(slider.value);
      shown.textContent = chosen(list).text;
      slider.setAttribute("aria-valuetext", chosen(list).text);
    };
    slider.addEventListener("focus", () => load().catch(() => { grid = null; }), { once: true });
    slider.addEventListener("input", () => { tell(); show(); });
    list.after(slider, " ", shown);
    tell();
  }

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.hasAttribute("formaction")) return; // a new request is the server's to answer
    event.preventDefault();
    try {
      await ask({});
      await show(words.noted);
    } catch {
      answer.textContent = words.failed;
    }
  });
})();
