// What makes the pages live: events of the server, forms that are sent without a new page, and the
// words that tell of a lost connection. Without this script the pages work, each press a new page.
"use strict";

(() => {
  const area = document.querySelector("[data-events]");
  const lines = document.getElementById("lines");
  const notice = document.getElementById("notice");
  const typing = document.getElementById("typing");
  const newer = document.getElementById("newer");
  const text = document.getElementById("text");
  const menu = document.querySelector(".menu");
  const hasKeys = matchMedia("(pointer: fine)").matches;

  // How long "is writing" stands when no answer comes: longer than any answer takes.
  const TYPING_MS = 8000;
  // How long good news stands.
  const BRIEFLY_MS = 5000;
  // The first pause before a connection is tried again, and the longest.
  const FIRST_PAUSE_MS = 500;
  const LONGEST_PAUSE_MS = 15000;
  // How often a message that could not be sent is sent again by itself, and after what pause.
  const TRIES_MAX = 300;
  const TRY_AGAIN_MS = 2000;
  const MANY_LINES = 400;
  // What a screen's keyboard takes at least.
  const KEYBOARD_PX = 120;
  // How long after a refusal of the desk what it says is the reason.
  const REASON_MS = 3000;

  // A name for something that is done: what is sent again under it is done once.
  const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(10)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");

  let silence = 0;
  const say = (words, briefly) => {
    if (!notice) return;
    clearTimeout(silence);
    notice.textContent = words;
    if (briefly) silence = setTimeout(() => { notice.textContent = ""; }, BRIEFLY_MS);
  };

  // ---- times, as the reader's own clock and country have them
  const lang = document.documentElement.lang;
  const locale = navigator.languages.find((one) => one.split("-")[0] === lang) || lang;
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const tell = (root) => {
    for (const time of root.querySelectorAll("time[datetime]:empty")) {
      const at = new Date(time.dateTime);
      const today = new Date().toDateString() === at.toDateString();
      time.textContent = today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`;
    }
  };
  tell(document);

  // ---- where the lines scroll
  const box = () => {
    const own = lines.closest(".scrolls");
    return getComputedStyle(own).overflowY === "visible" ? document.scrollingElement : own;
  };
  let follows = true;
  const isAtEnd = () => box().scrollHeight - box().scrollTop - box().clientHeight < 120;
  const toEnd = () => { box().scrollTop = box().scrollHeight; };
  // To the end, but not past the beginning of a line that is higher than the window.
  const toLine = (line) => {
    toEnd();
    if (line && line.offsetHeight > box().clientHeight) line.scrollIntoView({ block: "start" });
  };
  if (lines) {
    document.addEventListener("scroll", () => {
      follows = isAtEnd();
      if (follows && newer) newer.hidden = true;
    }, { capture: true, passive: true });
    new ResizeObserver(() => { if (follows) toEnd(); }).observe(lines.closest(".scrolls"));
  }
  if (newer) newer.addEventListener("click", () => { toEnd(); newer.hidden = true; if (hasKeys) text.focus(); });

  // Where a keyboard lies over the page instead of making it lower, the page makes itself lower.
  const view = window.visualViewport;
  if (view && document.body.classList.contains("chat")) {
    view.addEventListener("resize", () => {
      const covered = view.scale === 1 && window.innerHeight - view.height > KEYBOARD_PX;
      const root = document.documentElement.style;
      if (covered) root.setProperty("--view", `${view.height}px`); else root.removeProperty("--view");
      if (covered) window.scrollTo(0, 0);
    });
  }

  // ---- lines
  // The lines that this page has sent, by their names, and whether they stand in the conversation.
  const mine = new Map();
  // Until when the reason of a refusal is waited for; it stands beside the refusal, since the desk's
  // own lines are out of sight on a phone.
  let unexplained = 0;
  const explain = (line) => {
    unexplained = 0;
    const why = line.querySelector("p");
    if (why) say(`${notice.textContent} ${why.textContent}`);
  };
  // Lines of one's own whose change is on its way.
  const changing = new Set();
  let seen = 0;
  let arrived = 0;
  let unread = 0;
  const title = document.title;
  const put = (html, version) => {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const line = holder.content.firstElementChild;
    if (!line) return;
    const isReply = line.classList.contains("reply");
    const stays = follows || mine.has(line.id);
    const old = document.getElementById(line.id);
    if (old && Number(old.dataset.version) >= version) return;
    arrived += 1;
    // A change that was sent from here has arrived, perhaps before its answer: its form has done its
    // work. The answer then finds no line to come back to, since this one is gone.
    const changed = changing.delete(line.id);
    const open = old && !changed && old.querySelector("details[open]");
    const focused = document.activeElement;
    const held = old && old.contains(focused);
    if (old) old.replaceWith(line); else lines.append(line);
    if (open && line.querySelector("details")) line.querySelector("details").open = true;
    if (!old) line.classList.add("arrives");
    while (lines.children.length > MANY_LINES) lines.firstElementChild.remove();
    tell(line);
    htmx.process(line);
    if (isReply && typing) typing.hidden = true;
    const welcome = document.getElementById("welcome");
    const leaves = welcome && welcome.contains(document.activeElement);
    if (welcome) welcome.remove();
    // Whoever turns a page by keyboard goes on from the same button, if there is one still.
    const again = held && [...line.querySelectorAll("button[name=act]")].find((one) => one.value === focused.value);
    if (again) again.focus(); else if ((held || leaves) && text) text.focus();
    if (Date.now() < unexplained) explain(line);
    if (mine.has(line.id)) mine.set(line.id, true);
    for (const form of waiting.keys()) if (line.id === `u-${form.dataset.key}`) hasArrived(form);
    if (isReply && document.hidden) {
      unread += 1;
      if (text) document.title = `(${unread}) ${title}`;
    }
    if (stays && !old) toLine(line); else if (stays && follows) toEnd();
    if (newer && isReply && !stays && !old) newer.hidden = false;
  };
  document.addEventListener("visibilitychange", () => {
    unread = 0;
    if (text) document.title = title;
  });

  // ---- events
  let source = null;
  let pause = FIRST_PAUSE_MS;
  let lost = false;
  let typingEnds = 0;
  let erased = false;
  // What was erased in this page stands in the browser's other pages still.
  const others = "BroadcastChannel" in window ? new BroadcastChannel("pollen") : null;
  const showAnew = () => {
    if (others) others.postMessage("erased");
    location.reload();
  };
  if (others && text) others.addEventListener("message", () => location.reload());
  const listen = () => {
    const from = new URL(area.dataset.events, location.href);
    seen = Math.max(seen, Number(from.searchParams.get("after")) || 0);
    from.searchParams.set("after", String(seen));
    source = new EventSource(from);
    source.addEventListener("open", () => {
      pause = FIRST_PAUSE_MS;
      if (lost) { lost = false; say(area.dataset.back, true); }
      resend();
    });
    source.addEventListener("line", (event) => {
      seen = Math.max(seen, Number(event.lastEventId));
      if (erased) { showAnew(); return; }
      put(event.data, Number(event.lastEventId));
      htmx.trigger(document.body, "desk-news");
    });
    source.addEventListener("typing", () => {
      if (!typing) return;
      typing.hidden = false;
      clearTimeout(typingEnds);
      typingEnds = setTimeout(() => { typing.hidden = true; }, TYPING_MS);
      if (follows) toEnd();
    });
    source.addEventListener("error", () => {
      if (typing) typing.hidden = true;
      if (!lost) { lost = true; say(area.dataset.lost); }
      // The browser tries again by itself, but slowly, and not where it was refused.
      source.close();
      setTimeout(listen, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    });
  };
  if (area && lines) {
    for (const line of lines.children) seen = Math.max(seen, Number(line.dataset.version) || 0);
    listen();
    toLine(lines.lastElementChild);
    window.addEventListener("pagehide", () => source.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  }

  // ---- forms
  // Words that wait for a connection, by their forms: how often they have been sent.
  const waiting = new Map();
  const sendAgain = (form) => {
    if (waiting.has(form) && !form.classList.contains("htmx-request")) form.requestSubmit();
  };
  const resend = () => { for (const form of [...waiting.keys()]) sendAgain(form); };
  const isOwn = (form, request) => request.path === form.getAttribute("hx-post");
  // What was sent has arrived: the box is cleared of it, but not of what was written meanwhile.
  const hasArrived = (form, sent) => {
    delete form.dataset.key;
    const waited = waiting.delete(form);
    if (waited || sent !== undefined) say("");
    const field = form.elements.text;
    const same = sent === undefined ? waited : field && field.value === sent;
    if (same && (form.id === "say" || "clears" in form.dataset)) form.reset();
    if (form.id === "say") grow();
  };
  document.body.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("form");
    if (form && form.closest(".own")) changing.add(form.elements.line.value);
    if (!form || event.detail.verb !== "post" || !isOwn(form, event.detail)) return;
    // A form has one name for what it sends until that has arrived.
    if (!form.dataset.key) form.dataset.key = draw();
    event.detail.parameters.set("key", form.dataset.key);
    if (!mine.has(`u-${form.dataset.key}`)) mine.set(`u-${form.dataset.key}`, false);
    form.dataset.before = String(arrived);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const request = event.detail.requestConfig;
    const form = request.elt.closest("form");
    if (!form || request.verb !== "post") return;
    if (form.closest(".own")) changing.delete(form.elements.line.value);
    const { status, responseText } = event.detail.xhr;
    const hasNews = arrived > Number(form.dataset.before || 0);
    // The answer may be lost on its way while what was sent has arrived.
    if (event.detail.successful || (status === 0 && mine.get(`u-${form.dataset.key}`))) {
      succeeded(form, request, hasNews);
    } else if (status === 0 || status === 502 || status === 503 || status === 504) {
      const tries = (waiting.get(form) || 0) + 1;
      if (form.id !== "say" || tries > TRIES_MAX) {
        waiting.delete(form);
        say(area ? area.dataset.failed : "");
        return;
      }
      waiting.set(form, tries);
      say(area.dataset.waits);
      setTimeout(() => sendAgain(form), TRY_AGAIN_MS);
    } else {
      // What was refused is not what will be sent next.
      delete form.dataset.key;
      waiting.delete(form);
      say(responseText || (area ? area.dataset.failed : ""));
      if (status === 409 && hasNews) explain(lines.lastElementChild);
      else if (status === 409) unexplained = Date.now() + REASON_MS;
    }
  });
  const succeeded = (form, request, hasNews) => {
    if (!isOwn(form, request)) {
      if (form.closest(".own")) isChanged(form);
      return;
    }
    // A new name for each press, and no word of the last failure.
    hasArrived(form, form.elements.text ? request.parameters.get("text") : null);
    const preview = form.querySelector("#preview");
    if (preview) preview.replaceChildren();
    for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = false;
    // What was erased stands on this page still.
    if (request.parameters.get("act") === "f") {
      erased = true;
      if (hasNews) showAnew();
    }
    if (form.id === "say") text.focus();
    if (form.closest(".own")) isChanged(form);
    if (form.closest(".menu")) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) (hasKeys ? text : menu.querySelector("summary")).focus();
    }
    const more = form.closest("details.more");
    if (more) { more.open = false; more.querySelector("summary").focus(); }
  };
  // The form of a line closes once the line is changed; the line may have been put anew meanwhile.
  const isChanged = (form) => {
    const line = document.getElementById(form.elements.line.value);
    const own = line && line.querySelector(".own");
    if (own) own.open = false;
    if (hasKeys) text.focus();
  };

  // ---- where one writes
  const grow = () => {
    text.rows = 1;
    // The words that stand in an empty box do not make it higher.
    if (!text.value) return;
    const most = 6;
    while (text.scrollHeight > text.clientHeight + 2 && text.rows < most) text.rows += 1;
  };
  if (text) {
    text.addEventListener("input", () => {
      grow();
      // Words that are being changed are not sent as they are.
      if (waiting.delete(text.form)) { delete text.form.dataset.key; say(area.dataset.lost); }
    });
    text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (text.value.trim()) text.form.requestSubmit();
    });
    if (hasKeys) text.focus();
  }

  // ---- the menu
  if (menu) {
    const close = () => { menu.open = false; };
    document.addEventListener("click", (event) => { if (!menu.contains(event.target)) close(); });
    menu.addEventListener("focusout", (event) => {
      if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      event.stopPropagation();
      close();
      menu.querySelector("summary").focus();
    });
  }

  // ---- a line of one's own that is being changed
  document.body.addEventListener("toggle", (event) => {
    const own = event.target;
    if (!own.matches(".own") || !own.open) return;
    const field = own.querySelector("textarea");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    own.scrollIntoView({ block: "nearest" });
  }, true);
  document.body.addEventListener("keydown", (event) => {
    const own = event.key === "Escape" && event.target.closest(".own[open]");
    if (!own) return;
    event.stopPropagation();
    own.open = false;
    own.querySelector("summary").focus();
  });

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
  if (answers) {
    answers.form.addEventListener("reset", () => {
      answer("");
      setTimeout(grow);
    });
  }

  // ---- a link that is copied
  document.body.addEventListener("click", (event) => {
    const link = event.target.closest(".back-link a");
    if (!link || !navigator.clipboard) return;
    event.preventDefault();
    navigator.clipboard.writeText(link.href)
      .then(() => say(link.dataset.copied, true), () => window.open(link.href, "_blank", "noopener"));
  });

  // ---- the desk: what is shown anew keeps the focus, and the title says what waits
  const count = () => {
    const queue = document.querySelector("[data-waiting]");
    const waits = queue ? Number(queue.dataset.waiting) : 0;
    if (queue) document.title = waits ? `(${waits}) ${title}` : title;
  };
  count();
  let focused = false;
  // A case shows the end of its conversation, unless somebody reads further up.
  const log = document.getElementById("view");
  let readsEnd = true;
  const toLast = () => { if (log && readsEnd && log.querySelector(".log > li")) log.scrollTop = log.scrollHeight; };
  toLast();
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    focused = event.detail.target.contains(document.activeElement);
    readsEnd = log && log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    tell(document);
    count();
    toLast();
    if (!focused || document.activeElement !== document.body) return;
    const reply = document.getElementById("reply-text");
    (event.detail.target.id === "view" && reply && reply.offsetParent ? reply : event.detail.target).focus();
  });

  // ---- within another site's page
  if (document.body.classList.contains("embedded") && parent !== window) {
    const leave = document.getElementById("leave");
    const close = () => parent.postMessage("pollen:close", "*");
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
    leave.hidden = false;
    leave.addEventListener("click", close);
    // The chat is here and can be closed from within.
    parent.postMessage("pollen:here", "*");
  }
})();
