// Tells a page that is served by `seqtest watch` what happens, and loads it anew when it has changed.
"use strict";
(() => {
  const status = document.querySelector("#watch");
  const here = location.pathname.replace(/^\//, "") || "index.html";
  const tell = (words, state) => {
    status.textContent = words;
    status.dataset.state = state;
  };
  const events = new EventSource(`/events?since=${encodeURIComponent(status.dataset.version)}`);
  events.addEventListener("running", (event) => tell(`running ${JSON.parse(event.data).what}`, "running"));
  events.addEventListener("done", (event) => {
    const { words, state, changed } = JSON.parse(event.data);
    tell(words, state);
    if (changed === null || changed.includes(here)) location.reload();
  });
  events.addEventListener("error", () => tell("not watching any more", "gone"));
  addEventListener("pagehide", () => events.close());
})();
