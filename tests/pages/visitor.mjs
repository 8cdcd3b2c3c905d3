// A visitor with a browser: Debian's Chromium, driven by Playwright. All that goes wrong in a page is kept, and makes
// `leave` fail: errors on the console (violations of the content security policy are such), exceptions, requests that
// failed, and requests to anybody but us.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

// Bounds against hanging for ever: a sanitizer on two busy cores is slow.
export const patience = 60_000;

export const server = process.env.PROVENBL_PAGES;

export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.PROVENBL_CHROMIUM,
    // In a room there is root alone, and Chromium's own sandbox wants somebody else.
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
}

export class Visitor {
  static async enter(browser, { script = true, width = 1280 } = {}) {
    const context = await browser.newContext({
      baseURL: server,
      javaScriptEnabled: script,
      viewport: { width, height: 900 },
      locale: "en-GB",
      acceptDownloads: true,
    });
    const visitor = new Visitor(context, await context.newPage());
    visitor.script = script;
    if (script) await visitor.watchLive();
    return visitor;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
    this.live = []; // {page, text}: each text that a live region has shown, and in which document
    this.complaints = [];
    this.loaded = []; // since the last `visit`
    this.expected = []; // statuses of answers that a scenario asks for on purpose
    page.setDefaultTimeout(patience);
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      // Chromium tells of every answer beyond 399 on the console.
      const status = /status of (\d+)/.exec(message.text());
      if (status && this.expected.includes(Number(status[1]))) return;
      this.complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.complaints.push(`exception: ${error.stack ?? error}`));
    page.on("dialog", async (dialog) => {
      this.complaints.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(server) && !request.url().startsWith("data:"))
        this.complaints.push(`a request to somebody else: ${request.url()}`);
    });
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // A page that is left ends its own requests, and a receipt is taken as a file.
      if (reason !== "net::ERR_ABORTED") this.complaints.push(`failed: ${request.url()} ${reason}`);
    });
    page.on("requestfinished", (request) => this.loaded.push(request));
  }

  // Keeps what #live-scan shows from now on, from document to document.
  async watchLive() {
    await this.context.exposeBinding("tellLive", (_, page, text) => this.live.push({ page, text }));
    await this.context.addInitScript(() => {
      const page = Math.random();
      let last = "";
      const look = () => {
        const text = document.querySelector("#live-scan")?.innerText.trim() ?? "";
        if (text !== last) window.tellLive(page, text);
        last = text;
      };
      addEventListener("DOMContentLoaded", () => {
        look();
        new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
      });
    });
  }

  // Waits until the live region has shown it.
  async waitForLive(pattern) {
    const end = Date.now() + patience;
    while (!this.live.some(({ text }) => pattern.test(text))) {
      if (Date.now() > end) throw new Error(`the live region never said ${pattern}: ${JSON.stringify(this.live)}`);
      await this.page.waitForTimeout(50);
    }
  }

  // The most texts that one document has shown without being loaded again.
  changesWithoutLoading() {
    const counts = new Map();
    for (const { page } of this.live) counts.set(page, (counts.get(page) ?? 0) + 1);
    return Math.max(0, ...counts.values());
  }

  // Goes to a page of ours; `status` is what it must answer with.
  async visit(path, status = 200) {
    this.loaded = [];
    if (status >= 400) this.expected.push(status);
    const response = await this.page.goto(path, { waitUntil: "load" });
    assert.equal(response.status(), status, `${path}: ${response.status()}`);
    return response;
  }

  // Bytes over the wire of all that the page took since `visit`, heads included.
  async weight() {
    let bytes = 0;
    for (const request of this.loaded) {
      const sizes = await request.sizes();
      bytes += sizes.responseBodySize + sizes.responseHeadersSize;
    }
    return bytes;
  }

  text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  // Waits until a text of the page says it; the page renews itself, nobody does it here.
  async waitForText(selector, pattern) {
    const end = Date.now() + patience;
    let text = "";
    while (Date.now() < end) {
      try {
        text = await this.text(selector);
        if (pattern.test(text)) return text;
        await this.page.waitForTimeout(100);
      } catch (error) {
        // A page that renews itself is not there for a moment.
        if (!/context was destroyed|Navigat|navigat|interrupted|ERR_ABORTED/.test(String(error))) throw error;
      }
    }
    throw new Error(`${selector} still says '${text}', not ${pattern}`);
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.complaints, [], "the browser complained");
  }
}
