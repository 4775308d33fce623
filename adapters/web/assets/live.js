// What makes the pages live: events of the server, forms that are sent without a new page, and the
// words that tell of a lost connection. Without this script the pages work, each press a new page.
"use strict";

(() => {
  const area = document.querySelector("[data-events]");
  const lines = document.getElementById("lines");
  const notice = document.getElementById("notice");
  const typing = document.getElementById("typing");

  // How long "is writing" stands when no answer comes: longer than any answer takes.
  const TYPING_MS = 8000;
  // The first pause before a connection is tried again, and the longest.
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 15000;
  // How often a message that could not be sent is sent again by itself.
  const TRIES_MAX = 40;
  const MANY_LINES = 400;

  // A name for something that is done: what is sent again under it is done once.
  const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(10)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");

  const say = (words) => { if (notice) notice.textContent = words; };

  // ---- times, as the reader's own clock has them
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short" });
  const tell = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:empty")) {
      const at = new Date(time.dateTime);
      const today = new Date().toDateString() === at.toDateString();
      time.textContent = today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
    }
  };
  tell(document);

  // ---- lines
  let seen = 0;
  const isAtEnd = () => {
    const box = lines.closest(".scrolls") || document.scrollingElement;
    return box.scrollHeight - box.scrollTop - box.clientHeight < 160;
  };
  const toEnd = () => {
    const last = lines.lastElementChild;
    if (last) last.scrollIntoView({ block: "nearest" });
  };
  const put = (html, version) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const line = holder.content.firstElementChild;
    if (!line || !lines) return;
    const stays = isAtEnd() || line.classList.contains("said");
    const old = document.getElementById(line.id);
    if (old && Number(old.dataset.version) >= version) return;
    const open = old && old.querySelector("details[open]");
    if (old) old.replaceWith(line); else lines.append(line);
    if (open && line.querySelector("details")) line.querySelector("details").open = true;
    while (lines.children.length > MANY_LINES) lines.firstElementChild.remove();
    tell(line);
    htmx.process(line);
    if (line.classList.contains("reply") && typing) typing.hidden = true;
    const welcome = document.getElementById("welcome");
    if (welcome) welcome.remove();
    if (stays) toEnd();
  };

  // ---- events
  let source = null;
  let pause = FIRST_PAUSE_MS;
  let lost = false;
  let typingEnds = 0;
  let erased = false;
  const listen = () => {
    const from = new URL(area.dataset.events, location.href);
    seen = Math.max(seen, Number(from.searchParams.get("after")) || 0);
    from.searchParams.set("after", String(seen));
    source = new EventSource(from);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE_MS;
      if (lost) { lost = false; say(area.dataset.back); }
      resend();
    });
    source.addEventListener("line", (event) => {
      seen = Math.max(seen, Number(event.lastEventId));
      if (erased) { location.reload(); return; }
      put(event.data, Number(event.lastEventId));
      htmx.trigger(document.body, "desk-news");
    });
    source.addEventListener("typing", () => {
      if (!typing) return;
      typing.hidden = false;
      clearTimeout(typingEnds);
      typingEnds = setTimeout(() => { typing.hidden = true; }, TYPING_MS);
      if (isAtEnd()) typing.scrollIntoView({ block: "nearest" });
    });
    source.addEventListener("error", () => {
      if (!lost) { lost = true; say(area.dataset.lost); }
      // The browser tries again by itself unless it was refused.
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(listen, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    });
  };
  if (area && lines) {
    for (const line of lines.children) seen = Math.max(seen, Number(line.dataset.version) || 0);
    listen();
    toEnd();
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // ---- forms
  // Words that wait for a connection, by their forms.
  const waiting = new Map();
  const resend = () => {
    for (const [form, tries] of [...waiting]) {
      if (tries < TRIES_MAX) form.requestSubmit(); else waiting.delete(form);
    }
  };
  // A form has one name for what it sends until that has arrived.
  const keyOf = (form) => {
    if (!form.dataset.key) form.dataset.key = draw();
    return form.dataset.key;
  };
  document.body.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form && event.detail.verb === "post") event.detail.parameters.set("key", keyOf(form));
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (!form || event.detail.requestConfig.verb !== "post") return;
    const status = event.detail.xhr.status;
    if (event.detail.successful) {
      delete form.dataset.key;
      waiting.delete(form);
      say("");
      const sent = event.detail.requestConfig.path === form.getAttribute("hx-post");
      if (sent && (form.id === "say" || "clears" in form.dataset)) {
        form.reset();
        const preview = form.querySelector("#preview");
        if (preview) preview.replaceChildren();
      }
      // What was erased stands on this page still.
      if (event.detail.requestConfig.parameters.get("act") === "f") erased = true;
      if (form.id === "say") { grow(); text.focus(); }
      return;
    }
    if (status === 0 || status === 502 || status === 503 || status === 504) {
      if (form.id === "say") {
        waiting.set(form, (waiting.get(form) || 0) + 1);
        say(area.dataset.waits);
        setTimeout(() => { if (waiting.has(form)) form.requestSubmit(); }, 2000);
      } else {
        say(area ? area.dataset.failed : "");
      }
      return;
    }
    // What was refused is not what will be sent next.
    delete form.dataset.key;
    waiting.delete(form);
    say(event.detail.xhr.responseText || (area ? area.dataset.failed : ""));
  });

  // ---- where one writes
  const text = document.getElementById("text");
  const grow = () => {
    text.rows = 1;
    const most = 6;
    while (text.scrollHeight > text.clientHeight + 2 && text.rows < most) text.rows += 1;
  };
  if (text) {
    text.addEventListener("input", grow);
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (text.value.trim()) text.form.requestSubmit();
    });
    if (matchMedia("(pointer: fine)").matches) text.focus();
  }

  // ---- a line of staff's that is answered
  const answers = document.querySelector("#say input[name=answers]");
  const answering = document.getElementById("answering");
  const answer = (id) => { answers.value = id; answering.hidden = !id; };
  document.body.addEventListener("click", (event) => {
    const link = event.target.closest("a.answer");
    if (!link || !answers) return;
    event.preventDefault();
    answer(link.dataset.answers);
    text.focus();
  });
  if (answers) answers.form.addEventListener("reset", () => answer(""));

  // ---- a link that is copied
  document.body.addEventListener("click", (event) => {
    const link = event.target.closest(".back-link a");
    if (!link || !navigator.clipboard) return;
    event.preventDefault();
    navigator.clipboard.writeText(link.href).then(() => say(link.dataset.copied), () => { location.href = link.href; });
  });

  // ---- within another site's page
  if (document.body.classList.contains("embedded")) {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") parent.postMessage("pollen:close", "*");
    });
  }
})();
