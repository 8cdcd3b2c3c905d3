// The other side of the pipe: the lab (tests/interop/browser.py) does what a browser can't. A question is a JSON line on
// standard output, its answer a JSON line on standard input.
import { createInterface } from "node:readline";

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Asks the lab to do `what`; its result. The lab's own failures end the scenario.
export async function lab(what, details = {}) {
  process.stdout.write(JSON.stringify({ ask: what, ...details }) + "\n");
  const { value, done } = await answers.next();
  if (done) throw new Error(`the lab went away at '${what}'`);
  const answer = JSON.parse(value);
  if (answer.error) throw new Error(`the lab, asked for '${what}': ${answer.error}`);
  return answer.result;
}

export function say(text) {
  process.stderr.write(text + "\n");
}
