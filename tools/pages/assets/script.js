// What is live on the pages: a visit as it happens, and the time until caches forget. Everything else, and everything that
// must work, works without. Texts of others are set as text, never as markup.
"use strict";

(() => {
  const live = document.getElementById("live-scan");
  // Whoever asked for a visit goes on from there with the keyboard, also when the page has loaded itself again.
  if (live && location.hash === "#live-scan") live.focus();
  const source = live && live.dataset.follow;
  if (source && "EventSource" in window) {
    const state = live.querySelector(".state-line");
    const list = live.querySelector("ol");
    const seen = new Set();
    const events = new EventSource(source);
    const reload = (after) => setTimeout(() => location.reload(), after);
    const read = (event) => JSON.parse(event.data);
    events.addEventListener("state", (event) => {
      const { state: now } = read(event);
      state.textContent = now === "running" ? "The visit is under way." : "The visit waits for its turn.";
      // Taken up again after an interruption: it begins anew.
      list.replaceChildren();
      seen.clear();
    });
    events.addEventListener("step", (event) => {
      const step = read(event);
      if (seen.has(step.number)) return;
      seen.add(step.number);
      const item = document.createElement("li");
      item.textContent = `${step.technique}, port ${step.port}: ${step.verdict}. ${step.detail}`;
      list.append(item);
    });
    events.addEventListener("finished", (event) => {
      const done = read(event);
      events.close();
      state.textContent = `${done.outcome} ${done.listed ? "The address is listed." : "The address is not listed."}`;
      reload(2000);
    });
    events.addEventListener("gone", () => {
      events.close();
      reload(0);
    });
    events.addEventListener("error", () => {
      // The server has no room for followers, or ended the stream: look again the plain way. A lost line is taken up again
      // by the browser itself.
      if (events.readyState === EventSource.CLOSED) reload(5000);
    });
    addEventListener("pagehide", () => events.close());
  }

  const countdown = document.getElementById("countdown");
  const until = countdown && Date.parse(countdown.dataset.until || "");
  const left = countdown && countdown.querySelector(".left");
  if (left && until) {
    // The server's clock counts, not this machine's: its time came with the page.
    const skew = Date.parse(countdown.dataset.now) - Date.now();
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((until - Date.now() - skew) / 1000));
      left.textContent = seconds === 0 ? "over now" : seconds === 1 ? "1 second" : `${seconds} seconds`;
      if (seconds > 0) setTimeout(tick, 1000);
    };
    tick();
  }

  // A second click would only be told that it came too soon.
  const check = document.getElementById("check-now");
  if (check && check.form) check.form.addEventListener("submit", () => setTimeout(() => { check.disabled = true; }, 0));
})();
