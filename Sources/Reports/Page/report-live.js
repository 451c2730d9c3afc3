// Follows report.js where a server shows a run while it trains; the report on disk is without it.

// Shows news of the server's as they come; not while something is held, such as a slider.
function follow() {
  let isHeld = false, isStale = false, isLoading = false;
  addEventListener("pointerdown", () => { isHeld = true; });
  for (const kind of ["pointerup", "pointercancel"]) {
    addEventListener(kind, () => {
      isHeld = false;
      if (isStale) load();
    });
  }
  async function load() {
    isStale = true;
    if (isHeld || isLoading || document.hidden) return;
    [isStale, isLoading] = [false, true];
    try {
      const answer = await fetch(`${live.root}api/runs/${live.run}/report`);
      const facts = await answer.json();
      if (answer.ok) show(facts);
      else if (!run) page.replaceChildren(element("p", { class: "note" }, facts.error));
    } catch {
      if (!run) page.replaceChildren(element("p", { class: "note" }, "The server does not answer."));
    } finally {
      isLoading = false;
    }
  }
  load();
  let known = "";
  const told = ({ data }) => {
    const own = JSON.stringify(JSON.parse(data).find(one => one.id === live.run) ?? null);
    if (own !== known && known) load();
    known = own;
  };
  // Inside the studio, its page passes on what it is told: a browser has few connections to a server.
  addEventListener("message", event => {
    if (event.origin === location.origin && event.data?.runs) told({ data: event.data.runs });
  });
  document.addEventListener("visibilitychange", () => { if (isStale) load(); });
  if (parent === window) {
    new EventSource(`${live.root}api/runs/events`).addEventListener("runs", told);
  }
}

follow();
