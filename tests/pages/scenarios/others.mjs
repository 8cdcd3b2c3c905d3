// The pages beside the owner's way: each is there, linked, within its weight and without barriers.
import assert from "node:assert/strict";
import { inspect } from "../inspect.mjs";
import { Visitor } from "../visitor.mjs";

export default async function (browser, { free }) {
  const visitor = await Visitor.enter(browser);
  const { page } = visitor;
  const weights = {};
  for (const name of ["criteria", "use", "statistics", "mirrors", "exclusion"]) {
    await visitor.visit(`/${name}`);
    assert.equal(await page.locator("h1").count(), 1, `/${name}: one heading`);
    assert.ok((await page.title()).length > 0);
    assert.ok(await page.evaluate(() => document.documentElement.lang.length > 0));
    weights[name] = await visitor.weight();
    assert.ok(weights[name] <= 100 * 1024, `/${name} weighs ${weights[name]} bytes`);
    await inspect(visitor, name);
  }
  await visitor.visit(`/lookup?address=${free}`);
  assert.match(await visitor.text("h1"), /not listed/i);
  await inspect(visitor, "not-listed");

  // Asking to be left alone: what is missing is said, then the request has a page.
  await visitor.visit("/exclusion");
  await page.getByLabel("Address or network").fill(free);
  await page.getByLabel("Your mail address").fill("");
  await page.getByLabel("Why it should be left alone").fill("a telescope");
  visitor.expected.push(400);
  await page.getByRole("button", { name: "Ask to be left alone" }).click();
  assert.match(await visitor.text("#mistake"), /leave a mail address/);
  assert.equal(await page.getByLabel("Why it should be left alone").inputValue(), "a telescope");
  await inspect(visitor, "exclusion-refused");
  await page.getByLabel("Your mail address").fill("noc@example.net");
  await page.getByRole("button", { name: "Ask to be left alone" }).click();
  await page.waitForURL(/\/exclusion\/\d+-/);
  assert.match(await visitor.text("#request-state"), /waits for the operator/);
  await inspect(visitor, "exclusion-waiting");

  // Every link of ours leads somewhere.
  const checked = new Set();
  for (const from of ["/", "/criteria", "/use", "/statistics", "/mirrors"]) {
    await visitor.visit(from);
    const links = await page.evaluate(() => [...document.links].map((link) => link.href));
    for (const link of links.filter((each) => each.startsWith(new URL("/", page.url()).href))) {
      const target = link.split("#")[0];
      if (checked.has(target)) continue;
      checked.add(target);
      const response = await page.request.get(target);
      assert.ok(response.status() < 400, `${from} links to ${target}, which answers ${response.status()}`);
    }
  }
  await visitor.leave();
  return { weights, links: checked.size };
}
