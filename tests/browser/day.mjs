// Plays a treatment day through the pages in a real Chromium: on a phone with the finger, on a phone by keyboard alone,
// and what the pages look like on phone and desk, light and dark.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { clock, DAY, fillStep, finger, keyboard, planSession, search, signIn, startDemo, takeStep } from "./floor.mjs";
import { accessibility, expectNone, finish, launch, open, overflow, overflowLarge, picture, test } from "./lib.mjs";

/** Every look at a page: nothing for axe, nothing sideways. */
async function look(page, name, complaints) {
  expectNone(await accessibility(page), `${name}: accessibility`);
  expectNone(await overflow(page), `${name}: wider than the screen`);
  if ((await page.locator('main[data-page="session"], main[data-page="step"]').count()) > 0) {
    expectNone(await overflowLarge(page), `${name}: wider than the screen with large text`);
  }
  expectNone(complaints.splice(0), `${name}: complaints`);
  await picture(page, name);
}

/** Plays the whole day as one patient's nurse, and answers with the session's address. */
async function playDay(browser, demo, hand, { patient, begins, prefix, script }) {
  const { context, page, complaints } = await open(browser, { screen: "phone", script });
  await clock(page, demo, begins);
  await page.goto(`${demo.origin}/floor/sign-in`);
  if (prefix) await look(page, `${prefix}-1-sign-in`, complaints);
  await signIn(page, demo, hand, "mara");
  if (prefix) await look(page, `${prefix}-2-board`, complaints);
  const address = await planSession(page, demo, hand, patient, {
    filled: async () => {
      if (prefix) await look(page, `${prefix}-3-plan`, complaints);
    },
  });
  let number = 3;
  for (const [minutes, step, fields, ends = "saved"] of DAY) {
    number += 1;
    await clock(page, demo, new Date(begins.getTime() + minutes * 60_000));
    await page.goto(`${address}/steps/${step}`);
    await fillStep(page, demo, hand, fields);
    if (prefix) await look(page, `${prefix}-${number}-${step}`, complaints);
    await hand.press(page, "main form .form-dock button[type=submit]");
    if (ends === "refused") {
      await page.locator('[data-outcome="refused"]').waitFor();
      complaints.splice(0); // the browser calls a refusal (422) an error of the network
      if (prefix) await look(page, `${prefix}-${number}-${step}-refused`, complaints);
    } else {
      await page.waitForURL(/saved=/).catch(async () => {
        throw new Error(`${step} at ${minutes} min was not saved: ${(await page.locator("[data-outcome]").allInnerTexts()).join(" ")}`);
      });
      if (prefix) await look(page, `${prefix}-${number}-${step}-saved`, complaints);
    }
  }
  await page.goto(`${address}/record`);
  if (!(await page.content()).includes("137/86")) throw new Error("the record does not show the day's readings");
  if (prefix) await look(page, `${prefix}-${number + 1}-record`, complaints);
  const cookies = await context.cookies();
  await context.close();
  return { address, cookies };
}

/** The same pages on other screens and in the dark. */
async function lookAround(browser, demo, { address, cookies }) {
  for (const screen of ["phone", "desk", "narrow"]) {
    for (const scheme of ["light", "dark"]) {
      const { context, page, complaints } = await open(browser, { screen, scheme });
      await context.addCookies(cookies);
      const floor = `${demo.origin}/floor`;
      for (const [name, path] of [["board", floor], ["record", address], ["plan", `${floor}/sessions/new`], ["sessions", `${floor}/sessions?list=ended`]]) {
        await page.goto(path);
        await look(page, `${name}-${screen}-${scheme}`, complaints);
      }
      await context.close();
    }
  }
}

/** A network that fails keeps what was typed, says so, and the retry is one event. */
async function lostNetwork(browser, demo, { cookies }, begins) {
  const { context, page } = await open(browser, { screen: "phone" });
  await context.addCookies(cookies);
  await clock(page, demo, begins);
  const address = await planSession(page, demo, finger, "Lindqvale");
  await page.goto(`${address}/steps/arrival`);
  await context.setOffline(true);
  await finger.press(page, "main form .form-dock button[type=submit]");
  await page.getByText(/not saved/i).first().waitFor();
  await picture(page, "phone-not-saved");
  await context.setOffline(false);
  await page.waitForURL(/saved=/, { timeout: 30_000 });
  // On a phone the steps stand folded; the link that leads to them opens the fold.
  const vomiting = page.locator('[data-step="vomiting"]');
  if (await vomiting.isVisible()) throw new Error("a phone shows every step unfolded");
  await finger.press(page, 'nav.dock a[href="#steps"]');
  await vomiting.waitFor();
  await context.close();
}

/** What was recorded for the wrong patient moves in one tap, with its time, and the wrong session is gone. */
async function wrongPatient(browser, demo, begins) {
  const { context, page, complaints } = await open(browser, { screen: "phone" });
  await clock(page, demo, begins);
  await signIn(page, demo, finger, "mara");
  const wrong = await planSession(page, demo, finger, "Lindqvale", {
    asked: async () => {
      complaints.splice(0); // the browser calls the question (409) an error of the network
      await look(page, "plan-second-phone-light", complaints);
    },
  });
  const right = await planSession(page, demo, finger, "Oakenshade");
  for (const address of [right, wrong]) await takeStep(page, demo, finger, address, "arrival", {});
  await clock(page, demo, new Date(begins.getTime() + 5 * 60_000));
  await takeStep(page, demo, finger, wrong, "vitals", { systolic: 119, diastolic: 77, pulse: 66, spo2: 99, respiration: 13 });
  await clock(page, demo, new Date(begins.getTime() + 9 * 60_000));
  await page.goto(wrong);
  await page.locator('[data-step="wrong-patient"]').evaluate((link) => (link.closest("details") ?? {}).open = true);
  await finger.press(page, '[data-step="wrong-patient"]');
  await page.waitForURL("**/wrong-patient");
  await look(page, "wrong-patient-phone-light", complaints);
  await finger.press(page, "main form button[type=submit]");
  await page.locator('[data-outcome="refused"]').waitFor();
  await page.locator("main form label.choice", { hasText: "Oakenshade" }).click();
  await finger.press(page, "main form button[type=submit]");
  await page.waitForURL(/saved=/);
  assert.equal(page.url().split("?")[0], right);
  const entry = page.locator(".timeline li", { hasText: "119/77" });
  assert.equal(await entry.count(), 1);
  assert.equal(await entry.locator("time").first().getAttribute("datetime"), new Date(begins.getTime() + 5 * 60_000).toISOString().replace(".000", ""));
  assert.equal((await page.goto(wrong)).status(), 404);
  const cookies = await context.cookies();
  await context.close();
  const desk = await open(browser, { screen: "desk", scheme: "dark" });
  await desk.context.addCookies(cookies);
  await desk.page.goto(`${right}/wrong-patient`);
  await look(desk.page, "wrong-patient-desk-dark", desk.complaints);
  await desk.context.close();
}

/**
 * After the days: nothing of them stands in the database's files (heap, WAL, temporary files) or in any log, as this very
 * installation wrote them; no PIN, no code, no key.
 */
async function nothingReadable() {
  const data = await demo.end();
  const text = (words) => [words, Buffer.from(words)];
  const needles = [
    ...["Brookhollow", "Merriden", "Tallowby", "Quillfeather", "1984-05-17", "137/86", "systolic", "7K3301", "Her brother"].map(text),
    text(demo.code),
    ...["mara", "tobias"].map((login) => [`the PIN of ${login}`, Buffer.from(`pin=${demo.pin(login)}`)]),
  ];
  const root = (await readFile(join(data, "server", "root.key"), "latin1")).split("\n")[1];
  assert.match(root, /^[0-9a-f]{64}$/, "the second line of the root key's file is the key, in hex");
  needles.push(["root key in hex", Buffer.from(root.slice(0, 32))], ["root key", Buffer.from(root.slice(0, 32), "hex")]);
  for (const file of await readdir(join(data, "server", "keys"), { recursive: true, withFileTypes: true })) {
    if (file.isFile() && file.name.endsWith(".key")) needles.push([`key ${file.name}`, (await readFile(join(file.parentPath, file.name))).subarray(-24)]);
  }
  assert.ok(needles.length > 20, "keys were found to look for");
  for (const [folder, least] of [["cluster", 500], ["logs", 2]]) {
    const { files, found } = await search(join(data, folder), needles);
    assert.ok(files >= least, `${folder}: ${files} files`);
    assert.deepEqual(found, [], folder);
  }
  // The search finds what is there: a key lies in its own folder.
  assert.ok((await search(join(data, "server"), needles)).found.length > 10);
}

const demo = await startDemo();
const browser = await launch();
try {
  let played;
  await test("day_by_finger_on_a_phone", async () => {
    played = await playDay(browser, demo, finger, { patient: "Brookhollow", begins: new Date("2026-03-02T14:00:00Z"), prefix: "phone" });
  });
  await test("pages_on_phone_and_desk_in_light_and_dark", () => lookAround(browser, demo, played));
  await test("lost_network_keeps_what_was_typed", () => lostNetwork(browser, demo, played, new Date("2026-03-02T16:25:00Z")));
  await test("day_by_keyboard_alone", () =>
    playDay(browser, demo, keyboard, { patient: "Merriden", begins: new Date("2026-03-02T16:30:00Z") }));
  await test("day_without_script", () =>
    playDay(browser, demo, finger, { patient: "Tallowby", begins: new Date("2026-03-02T19:00:00Z"), script: false }));
  await test("wrong_patient_moves_what_was_recorded", () => wrongPatient(browser, demo, new Date("2026-03-02T21:40:00Z")));
  await test("nothing_of_the_days_can_be_read_in_files_and_logs", nothingReadable);
} finally {
  await browser.close();
  await demo.stop();
}
finish();
