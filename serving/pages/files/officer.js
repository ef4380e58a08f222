(function () {
  "use strict";
  var form = document.getElementById("open"), said = document.getElementById("said");
  var sealed = JSON.parse(document.getElementById("sealed").textContent);
  function bytes(text) { return Uint8Array.from(atob(text), function (c) { return c.charCodeAt(0); }); }
  if (!window.crypto || !crypto.subtle || !window.DecompressionStream) { said.textContent = form.dataset.cannot; return; }
  form.hidden = false;
  form.addEventListener("submit", async function (event) {
    event.preventDefault();
    said.textContent = form.dataset.opening;
    var raw = new TextEncoder().encode(form.elements.passphrase.value), plain;
    try {
      var base = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveKey"]);
      var key = await crypto.subtle.deriveKey(
        { name: "PBKDF2", hash: "SHA-256", salt: bytes(sealed.salt), iterations: sealed.rounds },
        base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
      plain = await crypto.subtle.decrypt(
        { name: "AES-GCM", iv: bytes(sealed.nonce), additionalData: new TextEncoder().encode(sealed.label) },
        key, bytes(sealed.closed));
    } catch (error) { said.textContent = form.dataset.wrong; return; }
    var stream = new Blob([plain]).stream().pipeThrough(new DecompressionStream("deflate"));
    document.getElementById("inside").innerHTML = await new Response(stream).text();
    form.reset();
    form.hidden = true;
    said.textContent = "";
    document.getElementById("inside").focus();
  });
})();
