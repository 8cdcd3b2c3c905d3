// A relay that writes HTML into everything it says: it is shown as text, and nothing of it runs. The same goes for what a
// visitor writes into the address.
import assert from "node:assert/strict";
import { inspect } from "../inspect.mjs";
import { unfold } from "../steps.mjs";
import { Visitor } from "../visitor.mjs";

// What markup of others would have left behind.
async function unharmed(visitor) {
  const traces = await visitor.page.evaluate(() => ({
    ran: window.pwned ?? null,
    scripts: [...document.scripts].filter((script) => /pwned/.test(script.textContent)).length,
    pictures: [...document.images].filter((image) => /pwned/.test(image.outerHTML)).length,
    handlers: [...document.querySelectorAll("*")].filter((element) =>
      [...element.attributes].some(({ name, value }) => name.startsWith("on") ||
        (["href", "src", "action", "formaction"].includes(name) && /^\s*javascript:/i.test(value)))).length,
    bases: document.querySelectorAll("base, iframe, object, embed").length,
  }));
  assert.deepEqual(traces, { ran: null, scripts: 0, pictures: 0, handlers: 0, bases: 0 }, visitor.page.url());
}

export default async function (browser, { address, marks }) {
  const visitor = await Visitor.enter(browser);
  const { page } = visitor;
  await visitor.visit(`/${address}`);
  await unfold(page);
  const text = await visitor.text("main");
  for (const mark of marks) assert.ok(text.includes(mark), `'${mark}' is not shown as text:\n${text}`);
  await unharmed(visitor);
  await inspect(visitor, "hostile");

  const hostile = "<script>window.pwned=1</script>\"'><img src=pwned onerror=window.pwned=1>";
  for (const path of [`/lookup?address=${encodeURIComponent(hostile)}`, `/${encodeURIComponent(hostile)}`,
                      `/lookup?address=${encodeURIComponent("javascript:window.pwned=1")}`]) {
    visitor.expected.push(400, 404, 422);
    const response = await page.goto(path);
    assert.ok([400, 404, 422].includes(response.status()), `${path}: ${response.status()}`);
    await unharmed(visitor);
  }
  await inspect(visitor, "not-an-address");
  await visitor.leave();
}
