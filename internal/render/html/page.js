"use strict";
(function () {
  var root = document.documentElement, said = document.getElementById("said");
  root.classList.add("on");

  // Copying. Where there is no clipboard (an old browser, no permission) the
  // command is selected, so that the keyboard can copy it.
  function tell(button, text) {
    said.textContent = text;
    button.textContent = text;
    setTimeout(function () { button.textContent = "Copy"; said.textContent = ""; }, 1500);
  }
  function select(node) {
    var range = document.createRange(), s = getSelection();
    range.selectNodeContents(node);
    s.removeAllRanges();
    s.addRange(range);
  }
  document.addEventListener("click", function (e) {
    var button = e.target.closest && e.target.closest("button.copy");
    if (!button) return;
    var code = button.parentNode.querySelector("code");
    function byHand() {
      select(code);
      var ok = false;
      try { ok = document.execCommand("copy"); } catch (_) { ok = false; }
      tell(button, ok ? "Copied" : "Selected");
    }
    if (navigator.clipboard && navigator.clipboard.writeText) {
      navigator.clipboard.writeText(code.textContent).then(function () { tell(button, "Copied"); }, byHand);
    } else {
      byHand();
    }
  });

  // Filters. A row is shown if it has every word of the search, each chosen
  // value, and one of the checked values.
  document.querySelectorAll(".filtered").forEach(function (part) {
    var bar = part.querySelector(".filters");
    if (!bar) return;
    var rows = Array.prototype.slice.call(part.querySelectorAll(".row"));
    var texts = rows.map(function (r) { return r.textContent.toLowerCase(); });
    var search = bar.querySelector("input[type=search]"), selects = bar.querySelectorAll("select"), checks = bar.querySelectorAll("input[type=checkbox]");
    var out = bar.querySelector("output");
    function apply() {
      var words = search.value.toLowerCase().split(/\s+/).filter(Boolean), on = {}, n = 0;
      checks.forEach(function (c) { on[c.value] = c.checked; });
      rows.forEach(function (r, i) {
        var show = words.every(function (w) { return texts[i].indexOf(w) >= 0; });
        selects.forEach(function (s) { show = show && (!s.value || r.getAttribute("data-" + s.dataset.key) === s.value); });
        if (checks.length) show = show && on[r.dataset.status] !== false;
        r.classList.toggle("off", !show);
        if (show) n++;
      });
      out.textContent = n + " of " + rows.length + " shown";
    }
    function reset() {
      search.value = "";
      selects.forEach(function (s) { s.value = ""; });
      checks.forEach(function (c) { c.checked = true; });
      apply();
    }
    bar.addEventListener("input", apply);
    bar.addEventListener("change", apply);
    bar.querySelector(".reset").addEventListener("click", reset);
    part.showAll = reset;
    checks.forEach(function (c) { if ("calm" in c.dataset) c.checked = false; });
    if (checks.length && !Array.prototype.some.call(checks, function (c) { return c.checked; })) reset();
    apply();
  });

  // A link from a picture leads to a row that may be filtered out or folded.
  function follow() {
    var id = decodeURIComponent(location.hash.slice(1)), to = id && document.getElementById(id);
    if (!to) return;
    if (to.classList.contains("off")) { var part = to.closest(".filtered"); if (part && part.showAll) part.showAll(); }
    for (var d = to.closest("details"); d; d = d.parentNode.closest("details")) d.open = true;
    if (to.classList.contains("item")) to.querySelectorAll("details").forEach(function (x) { x.open = true; });
    to.scrollIntoView({ block: "start" });
    to.focus({ preventScroll: true });
  }
  addEventListener("hashchange", follow);
  // The same link again changes no hash.
  document.addEventListener("click", function (e) {
    var a = e.target.closest && e.target.closest("a[href^='#']");
    if (a && a.getAttribute("href") === location.hash) follow();
  });
  follow();

  // Paper has no folds.
  var opened = [];
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (d) { d.open = true; opened.push(d); });
  });
  addEventListener("afterprint", function () { opened.forEach(function (d) { d.open = false; }); opened = []; });
})();
