// @ts-check
/**
 * Moves what the server wrote: `<time data-since>` counts up, `<time data-until>` counts down.
 *
 * The page carries the server's time in `body[data-now]`; the phone's own clock is never trusted, only its
 * steps are counted. A held clock (`data-clock="held"`, demonstrations) is left alone.
 */

const TICK_MS = 1000;

/** Server time at the moment when the page came in, and the phone's steady count at that moment. */
const start = { server_ms: 0, steady_ms: 0 };

/** @type {number | undefined} */
let timer;

/**
 * Hours and minutes, as the server writes them: `0:07`, `2:31`.
 * @param {number} span_ms
 * @returns {string}
 */
export function span_words(span_ms) {
  const minutes = Math.max(0, Math.floor(span_ms / 60000));
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/**
 * How far away a moment is, in the words of the pages.
 * @param {number} span_ms positive: in the future
 * @returns {string}
 */
export function distance_words(span_ms) {
  const minutes = span_ms >= 0 ? Math.ceil(span_ms / 60000) : Math.ceil(-span_ms / 60000);
  const words = minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
  if (minutes === 0) return "now";
  return span_ms >= 0 ? `in ${words}` : `${words} late`;
}

/** @returns {number} the server's time now, in ms */
function server_now_ms() {
  return start.server_ms + (performance.now() - start.steady_ms);
}

/** @param {ParentNode} root */
function tick(root) {
  const now_ms = server_now_ms();
  for (const node of root.querySelectorAll("[data-since]")) {
    const since_ms = Date.parse(node.getAttribute("data-since") ?? "");
    if (!Number.isNaN(since_ms)) text_set(node, span_words(now_ms - since_ms));
  }
  for (const node of root.querySelectorAll("[data-until]")) {
    const until_ms = Date.parse(node.getAttribute("data-until") ?? "");
    if (!Number.isNaN(until_ms)) text_set(node, distance_words(until_ms - now_ms));
  }
}

/**
 * Writes only what changed, so that a screen reader is not woken every second.
 * @param {Element} node
 * @param {string} words
 */
function text_set(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** @param {Document} page */
export function clocks_start(page) {
  clearInterval(timer);
  const now = page.body.dataset["now"];
  if (!now || page.body.dataset["clock"] === "held") return;
  start.server_ms = Date.parse(now);
  start.steady_ms = performance.now();
  tick(page);
  timer = setInterval(() => tick(page), TICK_MS);
}
