// What every page has to be, whatever it shows: free of serious barriers (axe), readable on a narrow phone without
// sideways scrolling, in light and in dark. Keeps a picture of each.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { say } from "./lab.mjs";

const pictures = process.env.PROVENBL_SCREENSHOTS;
const widths = { phone: 390, desktop: 1280 };
const narrowest = 360;

// A live page loads itself anew when its visit has ended, which may be in the middle of this.
async function examined(page, again = 3) {
  try {
    await page.evaluate(axe.source);
    return await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  } catch (error) {
    if (again === 0 || !/navigation|not defined|of undefined/.test(String(error))) throw error;
    await page.waitForLoadState("load");
    return examined(page, again - 1);
  }
}

async function barriers(page) {
  const found = await examined(page);
  return found.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ").slice(0, 500)}`);
}

async function scrollsSideways(page) {
  return page.evaluate(() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return null;
    const wide = [...document.querySelectorAll("body *")]
      .filter((element) => element.getBoundingClientRect().right > root.clientWidth)
      .map((element) => element.outerHTML.slice(0, 120));
    return `${root.scrollWidth} px wide in ${root.clientWidth}: ${wide.slice(0, 5).join(" ")}`;
  });
}

// The page as it stands, in every shape; then again as it was.
export async function inspect(visitor, name) {
  const { page } = visitor;
  const before = page.viewportSize();
  const wrong = [];
  if (pictures) mkdirSync(pictures, { recursive: true });
  for (const scheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [shape, width] of Object.entries(widths)) {
      await page.setViewportSize({ width, height: 900 });
      if (pictures)
        await page.screenshot({ path: join(pictures, `${name}-${shape}-${scheme}.png`), fullPage: true, animations: "disabled" });
    }
    // axe is a script itself.
    if (visitor.script) for (const barrier of await barriers(page)) wrong.push(`${scheme}: ${barrier}`);
  }
  await page.setViewportSize({ width: narrowest, height: 780 });
  const sideways = await scrollsSideways(page);
  if (sideways) wrong.push(`scrolls sideways: ${sideways}`);
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
  say(`  looked at ${name}`);
  assert.deepEqual(wrong, [], `${name} (${page.url()})`);
}
