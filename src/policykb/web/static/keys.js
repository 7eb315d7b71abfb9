// Keys for hands that stay on them: / to the box, j and k through the hits, Enter opens, o to the next page.
"use strict";
(() => {
  const hits = () => [...document.querySelectorAll(".hit h2 a")];
  const step = (by) => {
    const all = hits();
    const at = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next) next.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "/") {
      const box = document.getElementById("q");
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
  if (matchMedia("(max-width: 48rem)").matches) document.querySelectorAll("details.facets").forEach((one) => (one.open = false));
})();
