// Keeps figures fresh while the page is looked at. The page is complete
// without it. Only regions marked data-live whose markup changed are replaced,
// and never one that holds the focus or a selection, so nothing moves under
// the reader's hands.
(() => {
  "use strict";
  const every = Number(document.documentElement.dataset.refresh || 0) * 1000;
  if (!every || !window.fetch || !window.DOMParser) return;

  const busy = (node) => {
    const selection = document.getSelection();
    return node.contains(document.activeElement) ||
      (selection && !selection.isCollapsed && node.contains(selection.anchorNode)) ||
      node.matches(":hover") && node.querySelector("details[open]");
  };

  const refresh = async () => {
    if (document.hidden) return;
    let text;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) return;
      text = await answer.text();
    } catch {
      return; // The old data stay; they say how far they reach.
    }
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const top = scrollY;
    for (const node of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${CSS.escape(node.dataset.live)}"]`);
      if (next && next.innerHTML !== node.innerHTML && !busy(node)) {
        node.replaceChildren(...next.childNodes);
      }
    }
    if (scrollY !== top) scrollTo({ top, behavior: "instant" });
  };

  setInterval(refresh, every);
  document.addEventListener("visibilitychange", refresh);
})();
