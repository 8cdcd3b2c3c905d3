// From the look-up to the button with Tab and Enter alone; what has the focus can be seen.
import assert from "node:assert/strict";
import { Visitor } from "../visitor.mjs";

async function tabTo(page, id) {
  for (let presses = 1; presses <= 80; ++presses) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        id: element.id,
        html: element.outerHTML.slice(0, 120),
        shown: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
        inside: element === document.body || (box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight),
      };
    });
    assert.ok(focus.shown || focus.html.startsWith("<body"), `no focus to be seen on ${focus.html}`);
    assert.ok(focus.inside, `the focus is where nobody sees it: ${focus.html}`);
    if (focus.id === id) return presses;
  }
  throw new Error(`80 times Tab, and never at #${id}`);
}

export default async function (browser, { address }) {
  const visitor = await Visitor.enter(browser);
  const { page } = visitor;
  await visitor.visit("/");
  // A page may put the focus into its one field by itself.
  if ((await page.evaluate(() => document.activeElement.id)) !== "address") await tabTo(page, "address");
  await page.keyboard.type(address);
  await Promise.all([page.waitForURL(/lookup|\d$/), page.keyboard.press("Enter")]);
  const presses = await tabTo(page, "check-now");
  await page.keyboard.press("Enter");
  await visitor.waitForLive(/The address is listed/);
  assert.match(page.url(), /#live-scan$/);
  await visitor.waitForText("#live-scan", /Last visit/);
  // Tab goes on from what is new, not from the top of the page.
  await page.keyboard.press("Tab");
  const order = await page.evaluate(() =>
    document.querySelector("#live-scan").compareDocumentPosition(document.activeElement));
  assert.ok(order & 4 || order & 16, "Tab begins at the top again"); // follows it, or is in it
  await visitor.leave();
  return { presses };
}
