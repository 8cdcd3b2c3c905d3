// The same way without JavaScript: forms, links, and a page that renews itself.
import assert from "node:assert/strict";
import { lab } from "../lab.mjs";
import { Visitor } from "../visitor.mjs";
import { inspect } from "../inspect.mjs";
import { lookUp, readCase, takeReceipt } from "../steps.mjs";

export default async function (browser, { address }) {
  const visitor = await Visitor.enter(browser, { script: false, width: 390 });
  const { page } = visitor;
  await visitor.visit("/");
  await lookUp(visitor, address);
  assert.match(await visitor.text("h1"), /listed/i);
  await readCase(visitor, { software: "Postfix", technique: "smtp-relay/" });
  // Too early. The page renews itself while the visit lasts; nobody presses anything.
  await page.click("#check-now");
  await visitor.waitForText("#live-scan", /Last visit.*Still open/s);
  await inspect(visitor, "still-open-without-script");
  await lab("close", { address });
  await page.click("#check-now");
  await visitor.waitForText("h1", /not listed any more/);
  assert.equal((await lab("dns", { address })).status, "NXDOMAIN");
  await inspect(visitor, "delisted-without-script");
  const said = await lab("verify", { receipt: await takeReceipt(visitor) });
  assert.match(said, new RegExp(`Good signature.*${address}.*not listed`));
  await visitor.leave();
}
