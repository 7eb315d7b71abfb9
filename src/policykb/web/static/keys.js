// Keys for hands that stay on them: / to the box, j and k through the hits, Enter opens, ? shows help; and what only a
// script can do: print, copy, narrow a list. Every page works without it.
"use strict";
(() => {
  const hits = () => [...document.querySelectorAll(".hit h2 a")];
  const step = (by) => {
    const all = hits();
    const next = all[Math.min(Math.max(all.indexOf(document.activeElement) + by, 0), all.length - 1)];
    if (next) next.focus();
  };
  const go = (selector) => document.querySelector(selector)?.click();
  const keys = {
    "/": () => {
      const box = document.getElementById("q");
      if (!box) return go("header .name");
      box.focus();
      box.select();
    },
    j: () => step(1),
    k: () => step(-1),
    "[": () => go("a[rel=prev]"),
    "]": () => go("a[rel=next]"),
    "?": () => go("a[href='/help']"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });
  for (const label of document.querySelectorAll(".narrow")) {
    label.hidden = false;
    const items = [...label.parentElement.querySelectorAll("li")];
    const input = label.querySelector("input");
    input.addEventListener("input", () => {
      for (const one of items) one.hidden = !one.textContent.includes(input.value.trim());
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy);
      text.select();
      if (navigator.clipboard) await navigator.clipboard.writeText(text.value);
      else document.execCommand("copy");
    });
  }
  if (matchMedia("(max-width: 48rem)").matches) document.querySelectorAll("details.facets").forEach((one) => (one.open = false));
})();
