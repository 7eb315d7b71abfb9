// Keys for hands that stay on them: / to the box, j and k through the hits, Enter opens, ? shows help; and what only a
// script can do: search as one types, print, copy, narrow a list. Every page works without it.
"use strict";
(() => {
  const hits = () => [...document.querySelectorAll(".hit h2 a, .row h2 a")];
  const step = (by) => {
    const all = hits();
    const next = all[Math.min(Math.max(all.indexOf(document.activeElement) + by, 0), all.length - 1)];
    if (next) next.focus();
  };
  // The inbox: y, n, e, x decide about the row that the hand is in, or the first; u takes back.
  const press = (key) => {
    const row = document.activeElement.closest(".row") || document.querySelector(".row");
    const found = key === "u" ? document.querySelector('[data-key="u"]')
      : row && row.querySelector(key === "x" ? 'input[name="pick"]' : `[data-key="${key}"]`);
    if (found) found.click();
  };
  const less = (kind) => document.querySelectorAll(`[data-count=""], [data-count="${kind}"]`).forEach((one) => {
    one.textContent = Math.max(0, Number(one.textContent.replace(/,/g, "")) - 1).toLocaleString("en");
  });
  const decided = (row, answer) => {
    for (const [entry, state] of Object.entries(answer.states)) {
      for (const other of document.querySelectorAll(".row")) {
        if (other.dataset.entry === entry) other.querySelectorAll('[name="key"], [name="pick"]').forEach((one) => {
          one.value = one.value.replace(/@.*/, "@" + state);
        });
      }
    }
    row.querySelectorAll(".problem").forEach((one) => one.remove());
    for (const text of answer.again) {
      const said = document.createElement("p");
      said.className = "problem";
      said.setAttribute("role", "alert");
      said.textContent = text;
      row.querySelector(".evidence").append(said);
    }
    const undo = document.querySelector("form.undo");
    undo.querySelector("span").textContent = answer.last;
    undo.hidden = !answer.last;
    if (answer.again.length) return;
    const next = row.nextElementSibling || row.previousElementSibling;
    less(row.dataset.kind);
    row.remove();
    if (next) next.querySelector("h2 a").focus();
    else location.reload();
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const row = form.closest(".row");
    if (!row || !form.matches(".deciding")) return;
    event.preventDefault();
    if (row.hasAttribute("aria-busy")) return;
    row.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    fetch(form.action, { method: "POST", body, headers: { accept: "application/json" } })
      .then((answer) => answer.json())
      .then((answer) => decided(row, answer))
      .catch(() => location.reload())
      .finally(() => row.removeAttribute("aria-busy"));
  });
  // Forms: another box where the last one is filled; files dropped beside their button.
  document.addEventListener("input", (event) => {
    const boxes = event.target.closest(".boxes.many");
    if (!boxes || !event.target.value || boxes.lastElementChild !== event.target) return;
    const more = event.target.cloneNode();
    more.value = "";
    more.removeAttribute("id");
    more.setAttribute("aria-label", event.target.getAttribute("aria-label") || event.target.name);
    boxes.append(more);
  });
  const drop = document.querySelector(".dropping");
  if (drop) {
    drop.addEventListener("dragover", (event) => event.preventDefault());
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) drop.querySelector("input").files = event.dataTransfer.files;
    });
  }
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
    ...Object.fromEntries([..."ynexu"].map((key) => [key, () => press(key)])),
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
  // What a list of results needs, those that came with the page and those that took their place.
  const prepare = (open) => {
    for (const label of document.querySelectorAll(".narrow")) {
      label.hidden = false;
      const items = [...label.parentElement.querySelectorAll("li")];
      const input = label.querySelector("input");
      input.addEventListener("input", () => {
        for (const one of items) one.hidden = !one.textContent.includes(input.value.trim());
      });
    }
    document.querySelectorAll("details.facets").forEach((one) => (one.open = open));
  };
  prepare(!matchMedia("(max-width: 48rem)").matches);
  // As one types: what the same address gives takes the place of what is below the box; nothing is asked for while an
  // input method composes, and the history has one place for all of it.
  const box = document.querySelector("form.search #q");
  if (box) {
    const form = box.form;
    const said = form.appendChild(document.createElement("p"));
    said.className = "unseen";
    said.setAttribute("role", "status");
    const address = () => {
      const given = [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
      return given.length ? `/?${new URLSearchParams(given)}` : "/";
    };
    let shown = address(), waiting, asking;
    const show = async () => {
      const way = address();
      if (way === shown) return;
      shown = way;
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(way, { signal: asking.signal });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const below = [...page.querySelectorAll("form.search ~ *")];
        if (!below.length) throw new Error(answer.status);
        const open = document.querySelector("details.facets")?.open ?? !matchMedia("(max-width: 48rem)").matches;
        document.querySelectorAll("form.search ~ *").forEach((one) => one.remove());
        form.after(...below);
        prepare(open);
        document.title = page.title;
        history.replaceState(history.state, "", way);
        said.textContent = document.querySelector(".total p, .problem")?.textContent.trim() ?? "";
      } catch (error) {
        if (error.name !== "AbortError") shown = "";
      }
    };
    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, 250);
    };
    box.addEventListener("input", (event) => event.isComposing || soon());
    box.addEventListener("compositionstart", () => clearTimeout(waiting));
    box.addEventListener("compositionend", soon);
  }
})();
