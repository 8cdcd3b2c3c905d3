// Steps of the owner's way that several scenarios take.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

// From `/` by the form to the case page.
export async function lookUp(visitor, address) {
  await visitor.page.fill("#lookup-form #address", address);
  await Promise.all([visitor.page.waitForURL(/lookup|\d$/), visitor.page.press("#address", "Enter")]);
  assert.ok((await visitor.text("main")).includes(address), "the answer does not name the address");
}

// Opens all that is folded away, as a reader does.
export async function unfold(page) {
  for (const summary of await page.$$("details:not([open]) > summary"))
    if (await summary.isVisible()) await summary.click();
}

// The proof, the conversation and the fix are there, for what runs on this host.
export async function readCase(visitor, { software, technique }) {
  const { page } = visitor;
  await unfold(page);
  const evidence = await page.locator(".evidence").allInnerTexts();
  assert.ok(evidence.length > 0, "no evidence");
  const text = evidence.join("\n");
  assert.ok(text.includes(technique), `no ${technique} in the evidence:\n${text}`);
  if (technique.startsWith("smtp")) {
    assert.match(text, /MAIL FROM:/, "the conversation is missing");
    assert.match(text, /\[token\]/, "tokens are not the public's");
  }
  const fix = await visitor.text("#fix");
  assert.ok(fix.includes(software), `the fix does not speak of ${software}:\n${fix}`);
}

// The receipt behind #receipt, whether it opens as a page or is taken as a file.
export async function takeReceipt(visitor) {
  const { page } = visitor;
  const hook = page.locator("#receipt").first();
  const link = (await hook.evaluate((element) => element.tagName)) === "A" ? hook : hook.locator("a").first();
  const file = page.waitForEvent("download", { timeout: 10_000 }).catch(() => null);
  const opened = page.waitForResponse((response) => /receipt/.test(response.url()));
  await link.click();
  const response = await opened;
  assert.equal(response.status(), 200);
  const download = (response.headers()["content-disposition"] ?? "").startsWith("attachment") ? await file : null;
  return download ? readFileSync(await download.path(), "utf8") : await response.text();
}
