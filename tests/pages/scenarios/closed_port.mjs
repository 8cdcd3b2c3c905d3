// A proxy that was switched off: three looks at a closed port, which follow by themselves, and off.
import assert from "node:assert/strict";
import { lab } from "../lab.mjs";
import { Visitor } from "../visitor.mjs";
import { readCase } from "../steps.mjs";

export default async function (browser, { address }) {
  const visitor = await Visitor.enter(browser);
  const { page } = visitor;
  await visitor.visit(`/${address}`);
  await readCase(visitor, { software: "SOCKS", technique: "socks" });
  await lab("stop", { address });
  await page.click("#check-now");
  // The next look comes by itself; the page says when, and goes on with it.
  await visitor.waitForLive(/closed-port/);
  await visitor.waitForLive(/The next visit is due \d/);
  await visitor.waitForText("h1", /not listed any more/);
  assert.equal((await lab("dns", { address })).status, "NXDOMAIN");
  await visitor.leave();
}
