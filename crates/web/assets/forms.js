// @ts-check
/**
 * Forms that survive a lost network. A form marked `data-keep` is sent in the background:
 *
 * - it arrived: the server's next page takes the place of this one;
 * - it did not arrive, or nobody can say: what was typed stays, "Not saved" is shown, and the same form goes
 *   out again by itself, with growing pauses, and by the Retry button. It carries the same idempotency key each
 *   time, so that a form whose answer was lost is still saved only once;
 * - the sign-in ran out: what was typed stays, and a link opens the sign-in beside it.
 *
 * While something typed is unsaved, leaving the page asks first.
 */
import { clocks_start } from "./clocks.js";

const PAUSE_FIRST_MS = 2000;
const PAUSE_MAX_MS = 30000;
const SEND_TIMEOUT_MS = 15000;

/** Forms with something typed that the server has not confirmed. @type {Set<HTMLFormElement>} */
const unsaved = new Set();

/**
 * @typedef {object} Sending
 * @property {number} pause_ms
 * @property {number | undefined} timer
 * @property {boolean} busy
 */

/** @type {WeakMap<HTMLFormElement, Sending>} */
const sendings = new WeakMap();

/** @param {Document} page */
export function forms_start(page) {
  for (const form of page.querySelectorAll("form[data-keep]")) {
    if (form instanceof HTMLFormElement) form_watch(form);
  }
  focus_place(page);
}

/** @param {HTMLFormElement} form */
function form_watch(form) {
  sendings.set(form, { pause_ms: PAUSE_FIRST_MS, timer: undefined, busy: false });
  form.addEventListener("input", () => unsaved.add(form));
  form.addEventListener("submit", (event) => {
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    event.preventDefault();
    form_send(form, button);
  });
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function form_send(form, button) {
  const sending = sendings.get(form);
  if (!sending || sending.busy) return;
  clearTimeout(sending.timer);
  sending.busy = true;
  unsaved.add(form);
  buttons_set(form, true);

  const data = new FormData(form);
  if (button?.name) data.append(button.name, button.value);
  const body = new URLSearchParams();
  for (const [name, value] of data) if (typeof value === "string") body.append(name, value);

  // XMLHttpRequest, because it hands back a parsed document: no text is turned into HTML by a script.
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.timeout = SEND_TIMEOUT_MS;
  request.setRequestHeader("Accept", "text/html");
  request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
  request.onload = () => answer_take(form, button, request);
  request.onerror = () => send_again_later(form, button);
  request.ontimeout = () => send_again_later(form, button);
  request.send(body.toString());
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 * @param {XMLHttpRequest} request
 */
function answer_take(form, button, request) {
  const sending = sendings.get(form);
  if (sending) sending.busy = false;
  buttons_set(form, false);
  if (request.status === 401) {
    note_show(form, "Not saved: you are signed out. What you typed stays here.", "sign-in", () => form_send(form, button));
    return;
  }
  if (request.status >= 500 || request.status === 429 || request.status === 408) {
    send_again_later(form, button);
    return;
  }
  const answer = request.response;
  if (!(answer instanceof Document) || answer.querySelector("main") === null) {
    send_again_later(form, button);
    return;
  }
  unsaved.delete(form);
  const refused = request.status >= 400;
  page_take(answer, request.responseURL, !refused);
  if (refused) for (const again of document.querySelectorAll("form[data-keep]")) if (again instanceof HTMLFormElement) unsaved.add(again);
}

/**
 * The server's answer takes the place of the page. Nodes are moved, not parsed.
 * @param {Document} answer
 * @param {string} address
 * @param {boolean} moved whether the address is a page of its own
 */
function page_take(answer, address, moved) {
  if (moved && address) history.pushState(null, "", address);
  document.title = answer.title;
  document.body.className = answer.body.className;
  for (const name of ["now", "clock"]) {
    const value = answer.body.dataset[name];
    if (value === undefined) delete document.body.dataset[name];
    else document.body.dataset[name] = value;
  }
  // Copied into a list first: the live one shrinks while its nodes move over.
  document.body.replaceChildren(...answer.body.childNodes);
  window.scrollTo(0, 0);
  clocks_start(document);
  forms_start(document);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function send_again_later(form, button) {
  const sending = sendings.get(form);
  if (!sending) return;
  sending.busy = false;
  buttons_set(form, false);
  const pause_ms = sending.pause_ms;
  sending.pause_ms = Math.min(pause_ms * 2, PAUSE_MAX_MS);
  sending.timer = setTimeout(() => form_send(form, button), pause_ms);
  note_show(form, "Not saved. Trying again\u2026 What you typed stays here.", "retry", () => form_send(form, button));
}

/**
 * The note over a form that is not saved: words, and one thing to do.
 * @param {HTMLFormElement} form
 * @param {string} words
 * @param {"retry" | "sign-in"} kind
 * @param {() => void} retry
 */
function note_show(form, words, kind, retry) {
  form.querySelector(".unsaved")?.remove();
  const note = document.createElement("div");
  note.className = "unsaved note warn";
  note.setAttribute("role", "alert");
  note.dataset["outcome"] = "unsaved";
  const inside = document.createElement("div");
  const sentence = document.createElement("strong");
  sentence.textContent = words;
  const row = document.createElement("div");
  row.className = "row";
  if (kind === "sign-in") {
    const link = document.createElement("a");
    link.className = "button";
    link.href = "/sign-in";
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Sign in";
    row.append(link);
  }
  const again = document.createElement("button");
  again.type = "button";
  again.textContent = "Retry";
  again.addEventListener("click", retry);
  row.append(again);
  inside.append(sentence, row);
  note.append(document.createElement("span"), inside);
  form.append(note);
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} busy
 */
function buttons_set(form, busy) {
  form.setAttribute("aria-busy", String(busy));
  const buttons = [...form.querySelectorAll("button"), ...document.querySelectorAll(`button[form="${form.id}"]`)];
  for (const button of buttons) if (button instanceof HTMLButtonElement) button.disabled = busy;
}

/**
 * After a page came in: to the list of what is wrong, or to what was just saved, so that it is read out.
 * @param {Document} page
 */
function focus_place(page) {
  const place = page.querySelector("[data-focus]");
  if (place instanceof HTMLElement) place.focus();
}

window.addEventListener("beforeunload", (event) => {
  for (const form of unsaved) if (!form.isConnected) unsaved.delete(form);
  if (unsaved.size > 0) event.preventDefault();
});

// Back and forward change the address only; the page for it has to be fetched.
window.addEventListener("popstate", () => location.reload());

window.addEventListener("online", () => {
  for (const form of unsaved) {
    const sending = sendings.get(form);
    if (form.isConnected && sending?.timer !== undefined && !sending.busy) form_send(form, null);
  }
});
