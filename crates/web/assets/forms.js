// @ts-check
/**
 * Forms that survive a lost network. A form marked `data-keep` is sent in the background:
 *
 * - it arrived: the server's next page takes the place of this one;
 * - it did not arrive, or nobody can say: what was typed stays, "Not saved" is shown, and the same form goes
 *   out again by itself, with growing pauses, and by the Retry button. It carries the same idempotency key each
 *   time, so that a form whose answer was lost is still saved only once;
 * - it was refused with nothing to fill in: what was typed stays, with the answer's sentence;
 * - the sign-in ran out: what was typed stays, and a link opens the sign-in beside it.
 *
 * Each try says how long ago the form was tapped, so that "now" stays the time of the tap. Whatever is changed
 * after a tap ends that sending: half a number never goes out by itself.
 *
 * While something typed is unsaved, leaving the page asks first.
 */
import { clocks_start } from "./clocks.js";

const PAUSE_FIRST_MS = 2000;
const PAUSE_MAX_MS = 30000;
const SEND_TIMEOUT_MS = 15000;

/** How far the phone's two clocks may come apart while a form waits, before nobody knows how long it waited. */
const CLOCKS_APART_MAX_MS = 30000;

/** Forms with something typed that the server has not confirmed. @type {Set<HTMLFormElement>} */
const unsaved = new Set();

/**
 * What somebody said by pressing a button, and when. Every try of one sending carries the same.
 * @typedef {object} Tap
 * @property {string} name the button's; empty when it has none
 * @property {string} value the button's
 * @property {number} steady_ms by the phone's steady count
 * @property {number} wall_ms by the phone's clock
 */

/**
 * @typedef {object} Sending
 * @property {number} pause_ms
 * @property {number | undefined} timer
 * @property {boolean} busy
 * @property {Tap | null} tap null: nothing was tapped yet, or what was tapped has been changed since
 */

/** @typedef {"again" | "sign-in" | "refused" | "changed" | "time"} NoteKind */

/** The words of each note; the form is still there under them. @type {Record<NoteKind, string>} */
const NOTES = {
  again: "Not saved. Trying again\u2026 What you typed stays here.",
  "sign-in": "Not saved: you are signed out. What you typed stays here.",
  refused: "Not saved. What you typed stays here.",
  changed: "Not saved. You have changed it since: save again when it is right.",
  time: "Not saved: the phone slept, or its clock was set, so it is not known when you tapped. Choose “Other time”, enter when it was, and save again.",
};

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
  sendings.set(form, { pause_ms: PAUSE_FIRST_MS, timer: undefined, busy: false, tap: null });
  form.addEventListener("input", () => form_changed(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    form_tapped(form, event.submitter instanceof HTMLButtonElement ? event.submitter : null);
  });
}

/**
 * The same button once more, with nothing changed, is impatience: the first tap stays the one that counts.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button
 */
function form_tapped(form, button) {
  const sending = sendings.get(form);
  if (!sending || sending.busy) return;
  const name = button?.name ?? "";
  const value = button?.value ?? "";
  if (sending.tap === null || sending.tap.name !== name || sending.tap.value !== value) {
    sending.tap = { name, value, steady_ms: performance.now(), wall_ms: Date.now() };
    sending.pause_ms = PAUSE_FIRST_MS;
  }
  form_send(form);
}

/** @param {HTMLFormElement} form */
function form_changed(form) {
  unsaved.add(form);
  const sending = sendings.get(form);
  if (!sending?.tap) return;
  sending.tap = null;
  clearTimeout(sending.timer);
  sending.timer = undefined;
  if (form.querySelector(".unsaved")) note_show(form, "changed");
}

/**
 * Sends what was tapped, for the first time or again.
 * @param {HTMLFormElement} form
 */
function form_send(form) {
  const sending = sendings.get(form);
  if (!sending?.tap || sending.busy) return;
  clearTimeout(sending.timer);
  sending.timer = undefined;
  unsaved.add(form);
  const body = body_of(form, sending.tap);
  if (body === null) {
    note_show(form, "time");
    return;
  }
  sending.busy = true;
  buttons_set(form, true);

  // XMLHttpRequest, because it hands back a parsed document: no text is turned into HTML by a script.
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.timeout = SEND_TIMEOUT_MS;
  request.setRequestHeader("Accept", "text/html");
  request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8");
  request.onload = () => answer_take(form, request);
  request.onerror = () => send_again_later(form);
  request.ontimeout = () => send_again_later(form);
  request.send(body.toString());
}

/**
 * What is sent: the fields, the button, and the age of the tap. Null when the form says "now" and nobody can say
 * any more when that was.
 * @param {HTMLFormElement} form
 * @param {Tap} tap
 * @returns {URLSearchParams | null}
 */
function body_of(form, tap) {
  const data = new FormData(form);
  if (tap.name) data.append(tap.name, tap.value);
  const age_s = tap_age_s(tap);
  if (age_s === null && data.get("when") === "now") return null;
  const body = new URLSearchParams();
  for (const [name, value] of data) if (typeof value === "string") body.append(name, value);
  if (age_s !== null) body.append("age_s", String(age_s));
  return body;
}

/**
 * Whole seconds since the tap, by the phone's steady count: a clock that is wrong does not matter. But the steady
 * count stands still while the phone sleeps, so the clock is a witness: when the two come apart, it is not known.
 * The first try has the age 0, so that a demo's clock, which is held, is not moved by a form that is sent at once.
 * @param {Tap} tap
 * @returns {number | null}
 */
function tap_age_s(tap) {
  const steady_ms = performance.now() - tap.steady_ms;
  const wall_ms = Date.now() - tap.wall_ms;
  if (Math.abs(wall_ms - steady_ms) > CLOCKS_APART_MAX_MS) return null;
  return Math.max(0, Math.floor(steady_ms / 1000));
}

/**
 * @param {HTMLFormElement} form
 * @param {XMLHttpRequest} request
 */
function answer_take(form, request) {
  const sending = sendings.get(form);
  if (sending) sending.busy = false;
  buttons_set(form, false);
  if (request.status === 401) {
    note_show(form, "sign-in");
    return;
  }
  if (request.status >= 500 || request.status === 429 || request.status === 408) {
    send_again_later(form);
    return;
  }
  const answer = request.response;
  if (!(answer instanceof Document) || answer.querySelector("main") === null) {
    send_again_later(form);
    return;
  }
  const refused = request.status >= 400;
  if (refused && answer.querySelector("form[data-keep]") === null) {
    // A page without a form would throw away what was typed: its sentence comes here instead.
    const sentence = answer.querySelector("[data-sentence]")?.textContent?.trim();
    note_show(form, "refused", sentence || `The answer was ${request.status}.`);
    return;
  }
  unsaved.delete(form);
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
  if (moved && address) {
    history.pushState(null, "", address);
    page_address = location.pathname + location.search;
  }
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

/** @param {HTMLFormElement} form */
function send_again_later(form) {
  const sending = sendings.get(form);
  if (!sending) return;
  sending.busy = false;
  buttons_set(form, false);
  if (sending.tap === null) {
    note_show(form, "changed");
    return;
  }
  const pause_ms = sending.pause_ms;
  sending.pause_ms = Math.min(pause_ms * 2, PAUSE_MAX_MS);
  sending.timer = setTimeout(() => form_send(form), pause_ms);
  note_show(form, "again");
}

/**
 * The note over a form that is not saved: words, and one thing to do. It comes into view and is read out once; the
 * tries that follow leave it alone, so that nobody is pulled away from what they are doing.
 * @param {HTMLFormElement} form
 * @param {NoteKind} kind
 * @param {string} [why] the server's own sentence
 */
function note_show(form, kind, why = "") {
  const before = form.querySelector(".unsaved");
  if (before instanceof HTMLElement && before.dataset["kind"] === kind && before.dataset["why"] === why) {
    // The button that was pressed was out of use meanwhile, and lost the focus.
    if (document.activeElement === document.body) before.focus({ preventScroll: true });
    return;
  }
  before?.remove();
  const note = document.createElement("div");
  note.className = "unsaved note warn";
  note.tabIndex = -1;
  note.setAttribute("role", "alert");
  note.dataset["outcome"] = "unsaved";
  note.dataset["kind"] = kind;
  note.dataset["why"] = why;
  note.append(document.createElement("span"), note_inside(form, kind, why));
  form.prepend(note);
  // Whoever is typing stays where they are.
  if (kind === "changed") return;
  note.focus({ preventScroll: true });
  note.scrollIntoView({ block: "nearest" });
}

/**
 * @param {HTMLFormElement} form
 * @param {NoteKind} kind
 * @param {string} why
 */
function note_inside(form, kind, why) {
  const inside = document.createElement("div");
  const words = document.createElement("strong");
  words.textContent = NOTES[kind];
  inside.append(words);
  if (why) {
    const sentence = document.createElement("p");
    sentence.textContent = why;
    inside.append(sentence);
  }
  const row = document.createElement("div");
  row.className = "row";
  if (kind === "sign-in") {
    const link = document.createElement("a");
    link.className = "button";
    link.href = "/floor/sign-in";
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Sign in";
    row.append(link);
  }
  if (kind === "sign-in" || kind === "again") {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "Retry";
    again.addEventListener("click", () => form_send(form));
    row.append(again);
  }
  if (row.childElementCount > 0) inside.append(row);
  return inside;
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

/** The address that the page on the screen was made for, without its place within the page. */
let page_address = location.pathname + location.search;

// Back and forward change the address only; the page for it has to be fetched. A link to a place within the page changes it
// too, and there the page is the right one already: reloading it would lose what was typed.
window.addEventListener("popstate", () => {
  if (location.pathname + location.search !== page_address) location.reload();
});

// Only what waits for its next try: it carries the button that was tapped, like every other try of it.
window.addEventListener("online", () => {
  for (const form of unsaved) {
    if (form.isConnected && sendings.get(form)?.timer !== undefined) form_send(form);
  }
});
