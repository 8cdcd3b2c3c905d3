// node run.mjs SCENARIO: one scenario of scenarios/, against PROVENBL_PAGES (http://host:port). Its last line is
// {"done": ...} on standard output; a failure tells itself on standard error and ends with 1.
import { openBrowser } from "./visitor.mjs";

const { default: scenario } = await import(`./scenarios/${process.argv[2]}.mjs`);
const browser = await openBrowser();
try {
  const result = await scenario(browser, JSON.parse(process.argv[3] ?? "{}"));
  process.stdout.write(JSON.stringify({ done: result ?? {} }) + "\n");
} catch (error) {
  process.stderr.write(`${process.argv[2]}: ${error.stack ?? error}\n`);
  process.exitCode = 1;
} finally {
  await browser.close();
  process.stdin.destroy();
}
