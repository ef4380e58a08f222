(function () {
  "use strict";
  var root = document.getElementById("meeting"), name = "riskscore:" + root.dataset.file, kept = {};
  try { kept = JSON.parse(localStorage.getItem(name)) || {}; } catch (error) { kept = {}; }
  function keep() { try { localStorage.setItem(name, JSON.stringify(kept)); } catch (error) { /* it stays on the page */ } }
  // The clock of a phone may be wrong: nothing here is older than the scores are.
  var first = root.dataset.first;
  function today() {
    var d = new Date(), told = new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
    return told < first ? first : told;
  }
  // Three digits after a comma or a point may be thousands: that is no number.
  function number(text) {
    var told = text.trim();
    if (told === "") return null;
    return /^([0-9]{1,15}|[0-9]{1,13}[.,][0-9]{1,2})$/.test(told) ? Number(told.replace(",", ".")) : NaN;
  }
  function key() { return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (b) { return ("0" + b.toString(16)).slice(-2); }).join(""); }
  function told(code) {
    var one = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(code), function (c) { return c.charCodeAt(0); })));
    return { said: one[0], ready: one[1], ceiling: one[2] };
  }
  // As where the file is entered, which is after the meeting: there a reason that is missing keeps every decision out.
  function against(state, asked, amount) {
    if (state.ready) return amount === null || amount < asked;
    return amount > 0 && !(amount <= state.ceiling && state.ceiling < asked);
  }
  // One form at a time is open, of her and else of the first with something to do: 27 are too long for a phone.
  function due(seat) {
    return Array.from(seat.querySelectorAll(".acts details")).find(function (one) { return !one.hidden && !one.dataset.done; });
  }
  function onward(hers) {
    var seats = Array.from(root.querySelectorAll("li[data-score]")), next = hers && due(hers) ? hers : seats.find(due);
    var line = document.getElementById("onward"), link = line.firstChild;
    line.hidden = !next;
    if (!next) return;
    due(next).open = true;
    link.href = "#" + next.id;
    link.textContent = line.dataset.text.replace("NAME", next.querySelector("h3").textContent);
  }
  root.querySelectorAll("li[data-score]").forEach(function (seat) {
    var id = seat.dataset.score, asked = Number(seat.dataset.asked), one = kept[id] = kept[id] || {};
    var opinion = seat.querySelector(".opine"), decision = seat.querySelector(".decide"), acts = decision.parentNode;
    var name = seat.querySelector("h3").textContent, asks = decision.querySelector("summary").textContent;
    function named(text) { return text.replace("NAME", function () { return name; }); }
    // What all women have lies once in the file, and each gets a copy: 30 times it would be too long.
    function copied(id) { return document.getElementById(id).content.cloneNode(true); }
    function fill(part) {
      part.appendChild(copied(part.className));
      var legend = part.querySelector("legend");
      legend.textContent = named(legend.textContent);
    }
    acts.insertBefore(copied("told"), acts.firstChild);
    var fault = acts.querySelector(".fault"), was = acts.querySelector(".was");
    function show() {
      var open = !opinion || one.opinion;
      if (opinion) opinion.hidden = Boolean(one.opinion);
      decision.dataset.done = one.decision || seat.dataset.decided ? "yes" : "";
      decision.querySelector("summary").textContent = decision.dataset.done ? named(root.dataset.again) : asks;
      if (open && seat.dataset.state) seat.querySelector(".state-of").textContent = told(seat.dataset.state).said;
      decision.hidden = !(open && seat.dataset.state);
      was.hidden = !one.decision;
    }
    function wrong(message) { fault.textContent = message; fault.hidden = !message; }
    [opinion, decision].forEach(function (part) { if (part) fill(part); });
    if (opinion) opinion.addEventListener("submit", function (event) {
      event.preventDefault();
      var f = event.target.elements, would = f.would_approve.value, amount = would === "less" ? number(f.amount.value) : null;
      if (would === "less" && !(amount > 0 && amount < asked)) return wrong(root.dataset.less);
      wrong("");
      one.opinion = { would_approve: would, amount: amount, words: f.words.value.trim() || null, written_on: today() };
      keep(); show(); onward(seat); seat.querySelector(".state-of").focus();
    });
    decision.addEventListener("submit", function (event) {
      event.preventDefault();
      var f = event.target.elements, choice = f.choice.value;
      var amount = choice === "approve" ? number(f.amount_approved.value) : choice === "reject" ? 0 : null;
      if (choice === "approve" && !(amount > 0 && amount <= asked)) return wrong(root.dataset.amount);
      if (f.decided_on.value < first) return wrong(root.dataset.day);
      if (!f.reason.value.trim() && seat.dataset.state && against(told(seat.dataset.state), asked, amount)) return wrong(root.dataset.reason);
      if (amount > 0 && root.dataset.owed && !f.reason.value.trim()) return wrong(root.dataset.owed);
      wrong("");
      one.decision = {
        key: key(), score_id: id, who: f.who.value.trim(), role: "committee",
        amount_approved: amount, currency: root.dataset.currency, decided_on: f.decided_on.value,
        reason: f.reason.value.trim() || null
      };
      decision.open = false;
      keep(); show(); onward(seat); was.focus();
    });
    decision.querySelector("form").elements.decided_on.value = today();
    show();
  });
  onward();
  document.getElementById("save").addEventListener("click", function () {
    var lines = Object.keys(kept).filter(function (id) { return kept[id].decision; }).map(function (id) {
      var one = kept[id].decision, opinion = kept[id].opinion;
      if (!opinion) return one;
      // It came before the decision, whose day people saw and could put right.
      var day = opinion.written_on > one.decided_on ? one.decided_on : opinion.written_on;
      return Object.assign({}, one, { opinion: Object.assign({}, opinion, { written_on: day }) });
    });
    var said = document.getElementById("saved");
    if (!lines.length) { said.textContent = root.dataset.nothing; return; }
    var file = { format: "riskscore-decisions-1", group: root.dataset.group, decisions: lines };
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(file, null, 1)], { type: "application/json" }));
    link.download = "decisiones-" + root.dataset.group.replace(/[^\w-]/g, "_") + ".json";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
    said.textContent = root.dataset.done;
  });
  document.getElementById("forget").addEventListener("click", function () {
    try { localStorage.removeItem(name); } catch (error) { /* nothing was kept */ }
    location.reload();
  });
  document.getElementById("tools").hidden = false;
})();
