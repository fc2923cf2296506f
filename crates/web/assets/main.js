// @ts-check
/**
 * The pages work without any of this. These modules add five things: clocks that move, forms that survive a
 * lost network, a warning before typed text is thrown away, folds that open when a link leads to them, and a
 * button that names who was chosen.
 *
 * Nothing is kept in the browser's storage, and nothing is parsed from text (Trusted Types hold).
 */
import { clocks_start } from "./clocks.js";
import { forms_start } from "./forms.js";

clocks_start(document);
forms_start(document);

/**
 * Opens the fold under the heading that a link of this page leads to (`#steps`): one tap instead of two.
 * @param {string} hash
 */
function fold_open(hash) {
  if (hash.length < 2) return;
  const fold = document.getElementById(hash.slice(1))?.parentElement?.querySelector(":scope > details.fold");
  if (fold instanceof HTMLDetailsElement) fold.open = true;
}

fold_open(location.hash);
document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a[href^='#']") : null;
  if (link instanceof HTMLAnchorElement) fold_open(link.hash);
});

/**
 * Puts who was chosen into the words of the form's button.
 * @param {EventTarget | null} radio
 */
function chosen_name(radio) {
  if (!(radio instanceof HTMLInputElement) || !radio.checked) return;
  const place = radio.form?.querySelector("[data-chosen]");
  const name = radio.labels?.[0]?.querySelector("span")?.firstChild?.textContent;
  if (place && name) place.textContent = name;
}

document.addEventListener("change", (event) => chosen_name(event.target));
// A browser that comes back to a page still has the choice checked.
addEventListener("pageshow", () => document.querySelectorAll("input[type=radio]:checked").forEach(chosen_name));
