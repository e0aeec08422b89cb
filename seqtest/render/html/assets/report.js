// What the pages do where scripts may run. Without them everything is still there to read, one thing below the other.
"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const one = (selector, inside = document) => inside.querySelector(selector);
  const times = window.seqtestTimes || { at: "", flows: {} };
  root.classList.add("js");

  const seconds = (value) =>
    value === null || value === undefined ? ""
      : value >= 60 ? `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`
      : value >= 1 ? `${value.toFixed(2)} s`
      : value >= 0.0995 ? `${Math.round(value * 1000)} ms`
      : `${(value * 1000).toFixed(1)} ms`;

  // Light or dark: the reader's choice, else the system's.
  const theme = one("#theme");
  const isDark = () =>
    root.classList.contains("dark") ||
    (!root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
  const show = (choice) => {
    root.classList.toggle("dark", choice === "dark");
    root.classList.toggle("light", choice === "light");
    theme.textContent = isDark() ? "Light" : "Dark";
  };
  let chosen = null;
  try { chosen = localStorage.getItem("seqtest-theme"); } catch { /* no storage here: the system's scheme it is */ }
  show(chosen);
  theme.hidden = false;
  const turn = () => {
    chosen = isDark() ? "light" : "dark";
    show(chosen);
    try { localStorage.setItem("seqtest-theme", chosen); } catch { /* kept for this page only */ }
  };
  theme.addEventListener("click", turn);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(chosen));
  addEventListener("beforeprint", () => show("light"));
  addEventListener("afterprint", () => show(chosen));

  const help = one("#help");
  one("#help-open").hidden = false;
  one("#help-open").addEventListener("click", () => help.showModal());
  if (times.at) one("#made").textContent = `Real times are those of ${times.at.replace("T", " ").replace("Z", " UTC")}.`;

  const keys = { t: turn, "?": () => help.showModal() };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const isTyping = event.target.matches("input, textarea, select");
    if (isTyping && event.key === "Escape") return event.target.blur();
    if (isTyping || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  const pages = { index, case: oneCase, comparison, gone: () => { keys.u = () => { location.href = one(".home").href; }; } };
  pages[document.body.className.split(" ")[0]]();

  function index() {
    for (const cell of all("[data-time]")) cell.textContent = seconds((times.flows[cell.dataset.time] || [])[0]);
    const search = one("#search");
    if (!search) return;
    const sections = all(".file").map((section) => {
      const heading = one("h2", section).textContent;
      const rows = all(".row", section).map((row) => ({
        row, state: row.dataset.state, text: `${heading} ${row.textContent}`.toLowerCase(),
      }));
      return { section, rows };
    });
    const total = sections.reduce((sum, { rows }) => sum + rows.length, 0);
    let state = "all";
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = (row) =>
        (state === "all" || state === row.state || (state === "not kept" && row.state !== "passed" && row.state !== "skipped")) &&
        words.every((word) => row.text.includes(word));
      let count = 0;
      for (const { section, rows } of sections) {
        let here = 0;
        for (const row of rows) {
          const isWanted = wanted(row);
          row.row.hidden = !isWanted;
          here += isWanted;
        }
        section.hidden = here === 0;
        count += here;
      }
      one("#nothing").hidden = count > 0;
      one("#found").textContent = count === total ? "" : `${count} of ${total} cases`;
      for (const chip of all("[data-show]")) chip.setAttribute("aria-pressed", String(chip.dataset.show === state));
      const hash = new URLSearchParams();
      if (search.value) hash.set("q", search.value);
      if (state !== "all") hash.set("show", state);
      try { history.replaceState(null, "", `#${hash}`); } catch { /* the address stays as it is */ }
    };
    const set = (next) => { state = next; apply(); };
    for (const chip of all("[data-show]")) chip.addEventListener("click", () => set(chip.dataset.show));
    search.addEventListener("input", apply);
    one("#reset").addEventListener("click", () => { search.value = ""; set("all"); search.focus(); });
    const kept = new URLSearchParams(location.hash.slice(1));
    search.value = kept.get("q") || "";
    state = kept.get("show") || "all";
    if (search.value || state !== "all") apply();

    const step = (by) => {
      const links = all(".row:not([hidden]) > a").filter((link) => !link.closest("[hidden]"));
      if (!links.length) return;
      const at = links.indexOf(document.activeElement);
      links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)].focus();
    };
    Object.assign(keys, {
      "/": () => { search.focus(); search.select(); },
      j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
      f: () => set(state === "all" ? "not kept" : "all"),
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "Enter") { event.preventDefault(); step(1); }
    });
  }

  function oneCase() {
    const [whole, real, took] = times.flows[document.body.dataset.slug] || [null, null, {}];
    if (whole !== null && whole !== undefined) {
      const place = one("[data-total]");
      place.textContent = `${place.parentElement.textContent.trim() ? "; " : ""}really took ${seconds(whole)}`;
    }
    const longest = Math.max(...Object.values(took), 1e-9);
    for (const cell of all("[data-took]")) {
      const value = took[cell.dataset.took];
      if (value === undefined) continue;
      const bar = document.createElement("span");
      bar.className = "amount";
      bar.style.width = `${(60 * value / longest).toFixed(1)}%`;
      cell.append(bar, seconds(value));
    }
    for (const place of all("[data-real]")) {
      const value = took[place.dataset.real];
      if (value !== undefined) place.textContent = ` · really took ${seconds(value)}`;
    }
    for (const button of all("[data-copy]")) {
      button.hidden = !navigator.clipboard;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      });
    }

    // A flow that is used stands for all its messages.
    const arrows = all(".canvas .message, .canvas .ref[tabindex]");
    const halves = all(".half");
    const unreached = one("#unreached");
    const rounds = (arrow) => (arrow.dataset.occurrences || "").split(" ").filter(Boolean);
    const halfOf = (arrow) => {
      const happened = rounds(arrow);
      const failed = happened.find((index) => one(`#m${index}.s-failed`));
      if (happened.length) return one(`#m${failed || happened[0]}`);
      return halves.find((half) => half.dataset.line === arrow.dataset.line && half.id.startsWith("s")) || null;
    };
    const arrowOf = (half) =>
      arrows.find((arrow) => half.id.startsWith("m") && rounds(arrow).includes(half.id.slice(1))) ||
      arrows.find((arrow) => half.dataset.line && arrow.dataset.line === half.dataset.line) || null;
    const choose = (half, arrow) => {
      for (const other of arrows) other === arrow ? other.setAttribute("aria-current", "true") : other.removeAttribute("aria-current");
      for (const other of halves) other.classList.toggle("is-chosen", other === half);
      // An arrow in a loop has an exchange for each round.
      const shown = [half, ...(arrow ? rounds(arrow).map((index) => one(`#m${index}`)) : [])].filter(Boolean);
      for (const exchange of all(".exchange")) {
        exchange.classList.toggle("is-open", shown.some((other) => exchange.contains(other)));
      }
      const lines = [half?.dataset.line, arrow?.dataset.line].filter(Boolean);
      for (const line of all(".source .line")) line.classList.toggle("is-current", lines.includes(line.id.slice(1)));
      if (unreached) unreached.hidden = half !== null;
    };
    const go = (half, arrow) => {
      choose(half, arrow);
      tab(side.classList.contains("shows-source") ? "source" : "said");
      if (half) { try { history.replaceState(null, "", `#${half.id}`); } catch { /* the address stays as it is */ } }
      if (arrow) arrow.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (half && side.scrollHeight > side.clientHeight) half.scrollIntoView({ block: "nearest" });
    };
    for (const arrow of arrows) {
      arrow.setAttribute("role", "button");
      arrow.addEventListener("click", (event) => { if (!event.target.closest("a")) go(halfOf(arrow), arrow); });
      arrow.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        go(halfOf(arrow), arrow);
      });
    }
    // The two tabs beside the picture.
    const side = one(".side");
    const tabs = all('[role="tab"]');
    const tab = (name) => {
      if (!side) return;
      side.classList.toggle("shows-source", name === "source");
      for (const button of tabs) {
        const isChosen = button.getAttribute("aria-controls") === name;
        button.setAttribute("aria-selected", String(isChosen));
        button.tabIndex = isChosen ? 0 : -1;
      }
      const current = one(".source .is-current, .source .is-wrong");
      if (name === "source" && current) current.scrollIntoView({ block: "nearest" });
    };
    const otherTab = () => tab(side?.classList.contains("shows-source") ? "said" : "source");
    for (const button of tabs) {
      button.addEventListener("click", () => tab(button.getAttribute("aria-controls")));
      button.addEventListener("keydown", (event) => {
        if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
        otherTab();
        tabs.find((one) => one.tabIndex === 0).focus();
      });
    }
    if (side) {
      one(".tabs").hidden = false;
      for (const button of tabs) {
        const panel = document.getElementById(button.getAttribute("aria-controls"));
        panel.setAttribute("role", "tabpanel");
        panel.setAttribute("aria-labelledby", button.id);
      }
    }
    const byHash = () => {
      if (/^#L\d+$/.test(location.hash)) {
        tab("source");
        one(location.hash)?.scrollIntoView({ block: "center" });
        return null;
      }
      const half = /^#[ms]\d+$/.test(location.hash) ? one(location.hash) : null;
      if (half && half.matches(".half")) choose(half, arrowOf(half));
      return half;
    };
    addEventListener("hashchange", () => {
      const half = byHash();
      if (!half) return;
      tab("said");
      half.scrollIntoView({ block: "nearest" });
    });
    const isAsked = byHash();
    if (halves.length && !isAsked) {
      const first = one(".half.s-failed, .half.s-unexpected") || halves[0];
      choose(first, arrowOf(first));
    }

    const step = (by, isWanted = (arrow) => arrow.dataset.state !== "not reached") => {
      const wanted = arrows.filter(isWanted);
      if (!wanted.length) return;
      const at = wanted.indexOf(arrows.find((arrow) => arrow.hasAttribute("aria-current")));
      const next = wanted[at < 0 ? 0 : (at + by + wanted.length) % wanted.length];
      go(halfOf(next), next);
      next.focus({ preventScroll: true });
    };
    const follow = (selector) => { const link = one(selector); if (link) location.href = link.href; };
    Object.assign(keys, {
      j: () => step(1), k: () => step(-1),
      n: () => step(1, (arrow) => ["failed", "unexpected"].includes(arrow.dataset.state)),
      s: otherTab,
      z: () => one(".picture")?.classList.toggle("is-own-size"),
      "[": () => follow('a[rel="prev"]'), "]": () => follow('a[rel="next"]'), u: () => follow(".home"),
    });
  }

  function comparison() {
    const figure = one("#real-times");
    const sides = ["left", "right"].map((side) => [side, (times.flows[figure.dataset[side]] || [])[1]]);
    const longest = Math.max(...sides.map(([, value]) => value || 0));
    if (longest > 0) {
      for (const [side, value] of sides) {
        const row = document.createElement("div");
        const bar = document.createElement("i");
        bar.className = side;
        bar.style.width = `${(70 * (value || 0) / longest).toFixed(1)}%`;
        row.append(bar, seconds(value));
        one(".real", figure).append(row);
      }
      figure.hidden = false;
    }
    keys.u = () => { location.href = one(".home").href; };
  }
})();
