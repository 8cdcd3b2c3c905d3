// The owner's whole way, with JavaScript: looks the address up, reads the proof, the fix and the conversation, presses the
// button too early, repairs the server, presses it again, watches, is off the list, and takes a receipt along.
import assert from "node:assert/strict";
import { lab } from "../lab.mjs";
import { inspect } from "../inspect.mjs";
import { Visitor } from "../visitor.mjs";
import { lookUp, readCase, takeReceipt } from "../steps.mjs";

export default async function (browser, { address }) {
  const visitor = await Visitor.enter(browser);
  const { page } = visitor;
  await visitor.visit("/");
  await inspect(visitor, "home");
  await lookUp(visitor, address);
  assert.match(await visitor.text("h1"), /listed/i);
  await inspect(visitor, "listed");
  await readCase(visitor, { software: "Postfix", technique: "smtp-relay/" });
  await visitor.visit(`/${address}`);
  const weight = await visitor.weight();
  assert.ok(weight <= 100 * 1024, `the case page weighs ${weight} bytes`);

  // Too early: it is still open. What is tried is seen while the visit lasts, and the page says how it ended.
  await page.click("#check-now");
  await visitor.waitForLive(/The address is listed/);
  assert.ok(visitor.live.some(({ text }) => /smtp-relay\/.*open/.test(text)), JSON.stringify(visitor.live));
  assert.ok(visitor.changesWithoutLoading() >= 2, `nothing was seen live: ${JSON.stringify(visitor.live)}`);
  const changes = visitor.changesWithoutLoading();
  await inspect(visitor, "live");
  await visitor.waitForText("#live-scan", /Last visit.*Still open/s);
  assert.match(await visitor.text("h1"), /is listed/);
  assert.equal((await lab("dns", { address })).status, "NOERROR");
  await inspect(visitor, "still-open");

  await lab("close", { address });
  const pressed = Date.now();
  await page.click("#check-now");
  await visitor.waitForText("h1", /not listed any more/);
  const seconds = (Date.now() - pressed) / 1000;
  assert.match(await visitor.text("#live-scan"), /smtp-relay\/.*refused/s);
  const { status, answers } = await lab("dns", { address });
  assert.deepEqual({ status, answers }, { status: "NXDOMAIN", answers: [] });
  // How long others may still believe the old answer, and it runs.
  const left = await visitor.text("#countdown .left");
  assert.match(await visitor.text("#countdown"), /caches until/);
  await page.waitForFunction((before) => document.querySelector("#countdown .left").innerText !== before, left);
  await inspect(visitor, "delisted");

  const receipt = await takeReceipt(visitor);
  const said = await lab("verify", { receipt });
  assert.match(said, new RegExp(`Good signature.*${address}.*not listed`));
  await visitor.leave();
  return { weight, changes, seconds };
}
