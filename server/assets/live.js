// Keeps figures fresh while the page is looked at. The page is complete
// without it. The server says that there is something new, never what; then
// the page is fetched again, and only regions marked data-live whose markup
// changed are replaced, and never one that holds the focus or a selection, so
// nothing moves under the reader's hands. Where nobody may listen, the page
// looks by itself every few seconds.
(() => {
  "use strict";
  const every = Number(document.documentElement.dataset.refresh || 0) * 1000;
  if (!every || !window.fetch || !window.DOMParser) return;

  // While hints come, a look now and then is enough: the clock of "known up to"
  // moves without any.
  const SELDOM = 60000;
  // Hints of one evening's storm are one look.
  const GATHER = 1500;

  const busy = (node) => {
    const selection = document.getSelection();
    return node.contains(document.activeElement) ||
      (selection && !selection.isCollapsed && node.contains(selection.anchorNode)) ||
      node.querySelector("details[open]");
  };

  let looking = false;
  let again = false;
  const refresh = async () => {
    if (document.hidden) return;
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
      if (answer.ok) show(await answer.text());
    } catch {
      // The old data stay; they say how far they reach.
    }
    looking = false;
    if (again) {
      again = false;
      soon();
    }
  };

  const show = (text) => {
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

  let waiting = 0;
  const soon = () => {
    if (!waiting) {
      waiting = setTimeout(() => {
        waiting = 0;
        refresh();
      }, GATHER);
    }
  };

  let timer = 0;
  const look = (period) => {
    clearInterval(timer);
    timer = setInterval(refresh, period);
  };

  let stream = null;
  const listen = () => {
    if (!window.EventSource || stream) return;
    let first = true;
    stream = new EventSource("/live");
    stream.addEventListener("open", () => look(SELDOM));
    stream.addEventListener("hint", () => {
      // The first hint of a stream only says where it begins.
      if (first) first = false;
      else soon();
    });
    stream.addEventListener("error", () => {
      first = false;
      look(every);
    });
  };
  const leave = () => {
    if (stream) stream.close();
    stream = null;
  };

  // A window that nobody looks at keeps no place.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      leave();
    } else {
      refresh();
      listen();
    }
  });
  addEventListener("pagehide", leave);
  look(every);
  if (!document.hidden) listen();
})();
