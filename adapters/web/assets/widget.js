// Puts the library's chat into any page: <script src="https://ask.library.example/widget.js" async></script>
// data-label on the script is what the button says; data-lang the language of the chat.
"use strict";

(() => {
  const script = document.currentScript;
  const home = new URL(script.src).origin;
  const lang = script.dataset.lang || document.documentElement.lang || "";
  const french = lang.startsWith("fr");
  const label = script.dataset.label || (french ? "Une question ?" : "Ask the library");
  const title = french ? "Conversation avec la bibliothèque" : "Chat with the library";

  const style = (element, rules) => Object.assign(element.style, rules);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.setAttribute("aria-expanded", "false");
  style(button, {
    position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483000", padding: "14px 20px",
    border: "0", borderRadius: "28px", background: "#7a4d00", color: "#fff", font: "600 16px/1.2 system-ui, sans-serif",
    cursor: "pointer", boxShadow: "0 4px 16px rgba(0, 0, 0, .25)",
  });

  let frame = null;
  // Whether the chat is there: until then it can be closed from here alone.
  let here = false;
  const place = () => {
    const small = window.innerWidth < 520;
    style(button, { visibility: small && here && isOpen() ? "hidden" : "visible" });
    style(frame, small
      ? { inset: "0", width: "100%", height: here ? "100%" : "calc(100% - 72px)", borderRadius: "0" }
      : { inset: "auto 16px 80px auto", width: "400px", height: "min(640px, calc(100vh - 112px))", borderRadius: "16px" });
  };
  const open = () => {
    if (!frame) {
      frame = document.createElement("iframe");
      frame.src = `${home}/embed?in=embed${lang ? `&lang=${encodeURIComponent(lang.slice(0, 2))}` : ""}`;
      frame.title = title;
      frame.allow = "clipboard-write";
      style(frame, {
        position: "fixed", zIndex: "2147483000", border: "0", background: "#fff",
        boxShadow: "0 8px 40px rgba(0, 0, 0, .3)", colorScheme: "light dark",
      });
      document.body.append(frame);
      window.addEventListener("resize", place);
    }
    style(frame, { display: "block" });
    button.setAttribute("aria-expanded", "true");
    button.textContent = french ? "Fermer" : "Close";
    place();
    frame.focus();
  };
  const close = () => {
    style(frame, { display: "none" });
    button.setAttribute("aria-expanded", "false");
    button.textContent = label;
    place();
    button.focus();
  };
  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  button.addEventListener("click", () => (isOpen() ? close() : open()));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen()) close(); });
  window.addEventListener("message", (event) => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow) return;
    if (event.data === "pollen:here") { here = true; place(); }
    if (event.data === "pollen:close" && isOpen()) close();
  });
  const add = () => document.body.append(button);
  if (document.body) add(); else document.addEventListener("DOMContentLoaded", add);
})();
