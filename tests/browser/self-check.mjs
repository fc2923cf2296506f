// The browser tests' own tools, tried on pages whose faults are known: what finds nothing there would find nothing
// on ours.

import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";

import { accessibility, expectNone, finish, launch, open, overflow, picture, test } from "./lib.mjs";

const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; require-trusted-types-for 'script'; img-src 'self'";
const HEAD = '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Page</title></head>';
const PAGES = {
  "/good": `${HEAD}<body><main><h1>Vitals</h1><form><label for="a">Pulse</label> <input id="a"></form></main></body></html>`,
  "/unlabelled": `${HEAD}<body><main><h1>Vitals</h1><form><input></form></main></body></html>`,
  "/foreign": `${HEAD}<body><main><h1>Vitals</h1><img alt="" src="http://elsewhere.invalid/a.png"></main></body></html>`,
  "/wide": `${HEAD}<body><main><h1>Vitals</h1><img alt="" width="900" height="10"></main></body></html>`,
};

const server = createServer((request, response) => {
  if (request.url === "/favicon.ico") return response.writeHead(204).end();
  const page = PAGES[request.url];
  response.writeHead(page ? 200 : 404, { "content-type": "text/html; charset=utf-8", "content-security-policy": POLICY });
  response.end(page ?? "");
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const address = `http://127.0.0.1:${server.address().port}`;
const browser = await launch();

async function visit(path, look, wanted) {
  const { context, page, complaints } = await open(browser, wanted);
  await page.goto(address + path);
  await look(page, complaints);
  await context.close();
}

await test("self-check: a sound page passes on a phone and in the dark", () =>
  visit("/good", async (page, complaints) => {
    expectNone(await accessibility(page), "axe");
    expectNone(await overflow(page), "overflow");
    expectNone(complaints, "complaints");
    const { size } = await stat(await picture(page, "self-check"));
    assert.ok(size > 1000, "the picture is empty");
    assert.equal(await page.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches), true);
    assert.equal(await page.evaluate(() => innerWidth), 390);
  }, { scheme: "dark" }));

await test("self-check: a field without a label is found", () =>
  visit("/unlabelled", async (page) => {
    const found = await accessibility(page);
    assert.ok(found.some((line) => line.startsWith("label:")), `found: ${found.join("; ")}`);
  }));

await test("self-check: a request to elsewhere is found", () =>
  visit("/foreign", async (page, complaints) => {
    await page.waitForLoadState("load");
    assert.ok(complaints.length > 0, "nobody complained");
  }));

await test("self-check: a page wider than the phone is found", () =>
  visit("/wide", async (page) => {
    assert.equal((await overflow(page)).length, 1);
  }, { screen: "narrow" }));

await browser.close();
server.close();
finish();
