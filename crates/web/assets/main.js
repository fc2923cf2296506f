// @ts-check
/**
 * The pages work without any of this. These modules add three things: clocks that move, forms that survive a
 * lost network, and a warning before typed text is thrown away.
 *
 * Nothing is kept in the browser's storage, and nothing is parsed from text (Trusted Types hold).
 */
import { clocks_start } from "./clocks.js";
import { forms_start } from "./forms.js";

clocks_start(document);
forms_start(document);
