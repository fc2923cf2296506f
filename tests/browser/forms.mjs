// Forms on a bad network, in a real Chromium: what was tapped is recorded as of the tap, by the button that was tapped,
// and whatever the answer is, what was typed stays on the screen.

import assert from "node:assert/strict";

import { clock, DAY, finger, fillStep, planSession, signIn, startDemo, takeStep } from "./floor.mjs";
import { finish, launch, open, picture, test } from "./lib.mjs";

const MINUTE_MS = 60_000;
const SAVE = "main form .form-dock button[type=submit]";
const READING = { systolic: 137, diastolic: 86, pulse: 80, spo2: 97, respiration: 14 };

const after = (begins, minutes) => new Date(begins.getTime() + minutes * MINUTE_MS);

/** A patient who has arrived, on the phone of her nurse. `steady`: the phone's clocks are in the test's hands. */
async function arrive(browser, demo, { patient, begins, steady = false }) {
  const { context, page } = await open(browser, { screen: "phone" });
  if (steady) await page.clock.install({ time: begins });
  await clock(page, demo, begins);
  await signIn(page, demo, finger, "mara");
  const address = await planSession(page, demo, finger, patient);
  await takeStep(page, demo, finger, address, "arrival", {});
  return { context, page, address };
}

/** The bodies of all forms that are sent to a step from now on, those that never arrive among them. */
function sentTo(page, step) {
  const sent = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith(`/${step}`)) sent.push(new URLSearchParams(request.postData()));
  });
  return sent;
}

/** Lets no form through to a step, until it is told to. */
async function cutOff(page, step) {
  let cut = true;
  await page.route(`**/${step}`, (route) =>
    cut && route.request().method() === "POST" ? route.abort("internetdisconnected") : route.continue());
  return () => (cut = false);
}

/** The note over a form: there, in view, and in focus, so that it is read out. */
async function noteSeen(page, kind) {
  const note = page.locator(`form [data-outcome="unsaved"][data-kind="${kind}"]`);
  await note.waitFor();
  const seen = await note.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return { role: element.getAttribute("role"), focused: document.activeElement === element, inside: top >= 0 && bottom <= innerHeight };
  });
  assert.deepEqual(seen, { role: "alert", focused: true, inside: true }, `the note ${kind}`);
  return note;
}

/** A reading taken at minute 40 and delivered at minute 60 is of minute 40, and marked as late. */
async function lateForm(browser, demo, begins) {
  const { context, page, address } = await arrive(browser, demo, { patient: "Brookhollow", begins, steady: true });
  await clock(page, demo, after(begins, 40));
  await page.goto(`${address}/steps/vitals`);
  const sent = sentTo(page, "vitals");
  const through = await cutOff(page, "vitals");
  await fillStep(page, demo, finger, READING);
  await finger.press(page, SAVE);
  await noteSeen(page, "again");
  await clock(page, demo, after(begins, 60));
  await page.clock.fastForward(20 * MINUTE_MS);
  through();
  await page.waitForURL(/saved=/, { timeout: 45_000 });

  const ages_s = sent.map((form) => Number(form.get("age_s")));
  assert.equal(ages_s[0], 0, "the first try is as old as its tap");
  const last_s = ages_s.at(-1);
  assert.ok(last_s >= 1200 && last_s < 1260, `the last try says ${last_s} s`);
  assert.equal(new Set(sent.map((form) => form.get("key"))).size, 1, "one form, one key");
  const entry = page.locator(".timeline li", { hasText: "137/86" });
  assert.equal(await entry.count(), 1, "saved once");
  const at = new Date(await entry.locator("time").first().getAttribute("datetime"));
  const early_ms = after(begins, 40) - at;
  assert.ok(early_ms >= 0 && early_ms < MINUTE_MS, `recorded at ${at.toISOString()}`);
  assert.ok((await page.locator('[data-mark="late_entry"]').count()) > 0, "marked as entered late");
  await context.close();
  return address;
}

/** The steady count stands still in a phone that sleeps: then the form waits for a person to say when it was. */
async function phoneThatSlept(browser, demo, address, now) {
  const { context, page } = await open(browser, { screen: "phone" });
  await page.clock.install({ time: now });
  await clock(page, demo, now);
  await signIn(page, demo, finger, "mara");
  await page.goto(`${address}/steps/vitals`);
  const through = await cutOff(page, "vitals");
  await fillStep(page, demo, finger, { ...READING, pulse: 81 });
  await finger.press(page, SAVE);
  await noteSeen(page, "again");
  await page.clock.setSystemTime(after(now, 30));
  await noteSeen(page, "time");
  through();
  // Changed and tapped anew: from here on "now" is this tap.
  await finger.fill(page, "when", "other");
  await page.locator('form [data-kind="changed"]').waitFor();
  await finger.fill(page, "when", "now");
  await finger.press(page, SAVE);
  await page.waitForURL(/saved=/);
  await context.close();
}

/** “It was already given” stays that in every try, those after the network is back among them. */
async function sameButton(browser, demo, begins) {
  const { context, page, address } = await arrive(browser, demo, { patient: "Lindqvale", begins });
  for (const [minutes, step, fields] of DAY.slice(1, 5)) {
    await clock(page, demo, after(begins, minutes));
    await takeStep(page, demo, finger, address, step, fields);
  }
  const [minutes, , fields, ends] = DAY[5];
  assert.equal(ends, "refused");
  await clock(page, demo, after(begins, minutes));
  await page.goto(`${address}/steps/device`);
  await fillStep(page, demo, finger, fields);
  await finger.press(page, SAVE);
  await page.locator('[data-offer="already"]').waitFor();
  await finger.fill(page, "already_reason", "Both devices were given one after the other");
  const sent = sentTo(page, "device");
  await context.setOffline(true);
  await finger.press(page, 'main form button[name="basis"]');
  await noteSeen(page, "again");
  await context.setOffline(false);
  await page.waitForURL(/saved=/, { timeout: 30_000 });
  assert.ok(sent.length >= 2, `sent ${sent.length} times`);
  for (const form of sent) assert.deepEqual(form.getAll("basis"), ["already"]);
  await context.close();
}

/** A sign-in that ran out: the link leads to one that works, and what was typed is saved afterwards. */
async function lostSignIn(browser, demo, begins) {
  const { context, page, address } = await arrive(browser, demo, { patient: "Merriden", begins });
  await clock(page, demo, after(begins, 10));
  await page.goto(`${address}/steps/vitals`);
  await fillStep(page, demo, finger, READING);
  await context.clearCookies();
  await finger.press(page, SAVE);
  const note = await noteSeen(page, "sign-in");
  await picture(page, "phone-signed-out");
  const link = note.getByRole("link", { name: "Sign in" });
  assert.equal(await link.getAttribute("href"), "/floor/sign-in");
  const [beside] = await Promise.all([context.waitForEvent("page"), link.click()]);
  for (const [field, value] of [["code", demo.code], ["name", "mara"], ["pin", demo.pin("mara")]]) await finger.fill(beside, field, value);
  await finger.press(beside, "main form button[type=submit]");
  await beside.waitForURL("**/floor");
  await beside.close();
  await note.getByRole("button", { name: "Retry" }).click();
  await page.waitForURL(/saved=/);
  assert.equal(await page.locator(".timeline li", { hasText: "137/86" }).count(), 1);
  await context.close();
}

/** An answer without a form does not take the place of one that is filled in. */
async function refusedWithoutForm(browser, demo, begins) {
  const { context, page, address } = await arrive(browser, demo, { patient: "Oakenshade", begins });
  await clock(page, demo, after(begins, 10));
  await page.goto(`${address}/steps/vitals`);
  await fillStep(page, demo, finger, READING);
  const seen = page.locator('main form [name="seen"]');
  const version = await seen.inputValue();
  await seen.evaluate((element) => (element.value = "none"));
  await finger.press(page, SAVE);
  const note = await noteSeen(page, "refused");
  assert.match(await note.innerText(), /does not say which version it saw/);
  assert.equal(await page.locator('main form [name="systolic"]').inputValue(), "137");
  await picture(page, "phone-refused-without-form");
  await seen.evaluate((element, value) => (element.value = value), version);
  await finger.press(page, SAVE);
  await page.waitForURL(/saved=/);
  await context.close();
}

const demo = await startDemo();
const browser = await launch();
try {
  let address;
  await test("late_form_is_recorded_as_of_its_tap", async () => {
    address = await lateForm(browser, demo, new Date("2026-03-02T14:00:00Z"));
  });
  await test("phone_that_slept_asks_for_the_time", () => phoneThatSlept(browser, demo, address, new Date("2026-03-02T15:10:00Z")));
  await test("tries_carry_the_button_that_was_tapped", () => sameButton(browser, demo, new Date("2026-03-02T15:30:00Z")));
  await test("lost_sign_in_keeps_what_was_typed", () => lostSignIn(browser, demo, new Date("2026-03-02T16:30:00Z")));
  await test("refusal_without_a_form_keeps_what_was_typed", () => refusedWithoutForm(browser, demo, new Date("2026-03-02T17:30:00Z")));
} finally {
  await browser.close();
  await demo.stop();
}
finish();
