// The treatment floor as tests use it: a demo of its own, hands that fill in forms, the demo's clock.

import { spawn } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const TARGET = process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache", "clerestory", "target");
const PROGRAM = process.env.CLERESTORY ?? join(TARGET, "debug", "clerestory");

/** A demo of its own, in a new folder, until `stop`. */
export async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), "cl-"));
  await chmod(folder, 0o755); // as root, server and database are users of their own and have to get through
  const data = join(folder, "d");
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
  const up = spawn(PROGRAM, ["up", "--no-play", "--data", data, "--listen", `127.0.0.1:${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  up.stderr.on("data", (chunk) => (said += chunk));
  await new Promise((resolve, reject) => {
    up.stdout.on("data", (chunk) => {
      said += chunk;
      if (said.includes("Running.")) resolve();
    });
    up.on("exit", (code) => reject(new Error(`clerestory up ended with ${code}:\n${said}`)));
  });
  const demo = JSON.parse(await readFile(join(data, "server", "demo.json"), "utf8"));
  return {
    origin: `https://localhost:${port}`,
    code: demo.code,
    pin: (login) => demo.people.find((person) => person.login === login).pin,
    name: (login) => demo.people.find((person) => person.login === login).name,
    /** Ends it and leaves its folder, which is answered. */
    async end() {
      up.removeAllListeners("exit");
      const ended = new Promise((resolve) => up.on("exit", resolve));
      if (up.exitCode === null) {
        up.kill("SIGTERM");
        await ended;
      }
      return data;
    },
    async stop() {
      await this.end();
      await rm(join(data, ".."), { recursive: true, force: true });
    },
  };
}

/** Which of these bytes stand in which file below a folder, as `name in file`; `files` is how many were looked at. */
export async function search(folder, needles) {
  const found = [];
  let files = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    files += 1;
    for (const [name, needle] of needles) if (bytes.includes(needle)) found.push(`${name} in ${join(entry.parentPath, entry.name)}`);
  }
  return { files, found };
}

/** A hand: how somebody fills in forms and presses buttons. */
export const finger = {
  async fill(page, field, value) {
    const one = page.locator(`main form [name="${field}"]`);
    const kind = await one.first().getAttribute("type");
    if (kind === "radio" || kind === "checkbox") {
      for (const each of [value].flat()) await page.locator(`main form [name="${field}"][value="${each}"]`).check({ force: true });
    } else if ((await one.first().evaluate((element) => element.tagName)) === "SELECT") {
      await one.selectOption(value.label === undefined ? value : { label: value.label });
    } else {
      await one.fill(String(value));
    }
  },
  async press(page, selector) {
    await page.locator(selector).first().click();
  },
};

/** Somebody who uses no pointer: Tab, arrows, Space, Enter and letters. */
export const keyboard = {
  async reach(page, selector) {
    for (let tabs = 0; tabs < 300; tabs += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${selector} is not reached by Tab`);
  },
  async fill(page, field, value) {
    const named = `main form [name="${field}"]`;
    const kind = await page.locator(named).first().getAttribute("type");
    const tag = await page.locator(named).first().evaluate((element) => element.tagName);
    if (kind === "checkbox") {
      for (const each of [value].flat()) {
        await this.reach(page, `${named}[value="${each}"]`);
        if (!(await page.locator(`${named}[value="${each}"]`).isChecked())) await page.keyboard.press("Space");
      }
    } else if (kind === "radio") {
      await this.reach(page, named);
      for (let turns = 0; !(await page.locator(`${named}[value="${value}"]`).isChecked()); turns += 1) {
        if (turns > 20) throw new Error(`${field} cannot be set to ${value} with the arrows`);
        await page.keyboard.press(turns === 0 ? "Space" : "ArrowDown");
      }
    } else if (tag === "SELECT") {
      await this.reach(page, named);
      const wanted = value.label ?? value;
      const shown = () => page.locator(named).evaluate((element) => [element.value, element.selectedOptions[0]?.label]);
      await page.keyboard.press("Home");
      for (let turns = 0; !(await shown()).includes(wanted); turns += 1) {
        if (turns > 50) throw new Error(`${field} cannot be set to ${wanted} with the arrows`);
        await page.keyboard.press("ArrowDown");
      }
    } else if (kind === "date") {
      await this.reach(page, named);
      const [year, month, day] = value.split("-");
      await page.keyboard.type(`${month}${day}${year}`);
    } else {
      await this.reach(page, named);
      await page.keyboard.press("ControlOrMeta+A");
      await page.keyboard.type(String(value));
    }
  },
  async press(page, selector) {
    await this.reach(page, selector);
    await page.keyboard.press("Enter");
  },
};

/** Moves the demo's clock on, as its own page does. */
export async function clock(page, demo, at) {
  const answer = await page.request.post(`${demo.origin}/demo/clock`, { form: { to: at.toISOString() }, maxRedirects: 0 });
  if (answer.status() >= 400) throw new Error(`the clock was answered ${answer.status()}`);
}

export async function signIn(page, demo, hand, login) {
  await page.goto(`${demo.origin}/floor/sign-in`);
  for (const [field, value] of [["code", demo.code], ["name", login], ["pin", demo.pin(login)]]) await hand.fill(page, field, value);
  await hand.press(page, "main form button[type=submit]");
  await page.waitForURL("**/floor");
}

/** Chooses a person or patient by the beginning of what the list shows. */
export async function label(page, field, beginning) {
  const labels = await page.locator(`main form select[name="${field}"] option`).allTextContents();
  const found = labels.find((text) => text.includes(beginning));
  if (found === undefined) throw new Error(`${field} does not offer ${beginning}: ${labels.join(", ")}`);
  return { label: found };
}

/** A person's choice: in a list by its words, among buttons by the value behind their words. */
async function person(page, field, name) {
  const choice = page.locator("main form label.choice", { hasText: name }).locator(`[name="${field}"]`);
  return (await choice.count()) > 0 ? choice.getAttribute("value") : label(page, field, name);
}

export async function fillStep(page, demo, hand, fields) {
  for (const [field, value] of Object.entries(fields)) {
    await hand.fill(page, field, value.person === undefined ? value : await person(page, field, demo.name(value.person)));
  }
}

/**
 * Plans a session for a patient, and answers with its address. `filled` is called before the form is sent; `asked` says that
 * the patient has a session on that day already, and is called when the page asks whether a second one is meant.
 */
export async function planSession(page, demo, hand, patient, { filled = async () => {}, asked } = {}) {
  await page.goto(`${demo.origin}/floor/sessions/new`);
  const plan = {
    patient: await label(page, "patient", patient),
    indication: "treatment_resistant",
    first_treatment: "later",
    dose_mg: "56",
    prescriber: await label(page, "prescriber", demo.name("tobias")),
    monitor: await label(page, "monitor", demo.name("mara")),
    room: "Room 1",
  };
  for (const [field, value] of Object.entries(plan)) await hand.fill(page, field, value);
  await filled();
  await hand.press(page, "main form button[type=submit]");
  if (asked) {
    await page.locator('[data-refusal="double_booked"]').waitFor();
    await asked();
    await hand.fill(page, "beside", await page.locator('main form [name="beside"]').getAttribute("value"));
    await hand.press(page, "main form button[type=submit]");
  }
  await page.waitForURL(/sessions\/[0-9a-f-]{36}/);
  return page.url().split("?")[0];
}

/** Takes a step and waits until it is saved. */
export async function takeStep(page, demo, hand, address, step, fields) {
  await page.goto(`${address}/steps/${step}`);
  await fillStep(page, demo, hand, fields);
  await hand.press(page, "main form .form-dock button[type=submit]");
  await page.waitForURL(/saved=/);
}

const YES_NO = (answer) => (answer ? "yes" : "no");

/** The day: minutes from its beginning, the step, its fields, and how it ends. */
export const DAY = [
  [0, "arrival", {}],
  [2, "checklist", Object.fromEntries([
    ...["identity", "enrolled", "food", "liquids", "nasal", "ride"].map((item) => [`item_${item}`, YES_NO(true)]),
    ...["aneurysm", "malformation", "haemorrhage", "hypersensitivity", "benzodiazepines", "hypnotics", "psychostimulants", "maois", "opioids"].map((item) => [`item_${item}`, YES_NO(false)]),
  ])],
  [4, "vitals", { systolic: 128, diastolic: 82, pulse: 72, spo2: 98, respiration: 14 }],
  [6, "clearing", { prescriber_on_site: { person: "tobias" } }],
  [10, "device", { lot: "7K3301", expires: "2027-06-30", dots_before: "2", sprays: "2", dots_after: "0" }],
  [12, "device", { lot: "7K3302", expires: "2027-06-30", dots_before: "2", sprays: "2", dots_after: "0" }, "refused"],
  [16, "device", { lot: "7K3302", expires: "2027-06-30", dots_before: "2", sprays: "2", dots_after: "0" }],
  [56, "vitals", { systolic: 137, diastolic: 86, pulse: 80, spo2: 97, respiration: 14 }],
  [90, "vitals", { systolic: 131, diastolic: 82, pulse: 74, spo2: 98, respiration: 14 }],
  [124, "vitals", { systolic: 124, diastolic: 79, pulse: 70, spo2: 98, respiration: 14 }],
  [130, "none-observed", { kinds: ["sedation", "dissociation", "respiratory_depression"] }],
  [138, "readiness", { alert: "yes", no_dissociation: "yes", breathing_in_range: "yes", pressure_safe: "yes" }],
  [140, "discharge", { clinically_stable: "yes", instructions_given: "yes", escort: "Her brother" }],
];
