// Opens report pages in Chromium, uses them as a person would, and says what it
// saw as JSON on standard output. The Go test beside it asks and judges.
//
// Standard input: {"chromium": PATH, "shots": FOLDER or "", "pages": [{"name", "file", "widths": [..], "search": {..}}]}
import { readFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ask = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({
  executablePath: ask.chromium,
  headless: true,
  chromiumSandbox: false,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(page, saw, url) {
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") saw.console.push(m.text()); });
  page.on("pageerror", (e) => saw.console.push(String(e)));
  page.on("dialog", (d) => { saw.dialogs.push(d.message()); d.dismiss(); });
  page.on("request", (r) => { if (r.url() !== url) saw.requests.push(r.url()); });
  await page.goto(url + "", { waitUntil: "load" });
}

// What lies on something else, leaves its picture, or makes the page wider than
// the window.
function layout() {
  const out = [];
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (wide > 0) out.push("the page is " + wide + " px wider than the window");
  for (const svg of document.querySelectorAll("svg.pic")) {
    const frame = svg.getBoundingClientRect();
    if (frame.width === 0) continue;
    const texts = [...svg.querySelectorAll("text")].map((t) => ({ t, r: t.getBoundingClientRect() })).filter((x) => x.r.width > 0);
    for (const { t, r } of texts) {
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1) out.push("leaves the picture: " + t.textContent);
    }
    texts.sort((a, b) => a.r.top - b.r.top);
    for (let i = 0; i < texts.length; i++) {
      for (let j = i + 1; j < texts.length && texts[j].r.top < texts[i].r.bottom - 3; j++) {
        const a = texts[i].r, b = texts[j].r;
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5) {
          out.push("lie on each other: " + texts[i].t.textContent + " | " + texts[j].t.textContent);
        }
      }
    }
  }
  return out.slice(0, 20);
}

function timing() {
  const n = performance.getEntriesByType("navigation")[0];
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  const search = document.querySelector("#findings") && document.querySelector("#findings").closest("section").querySelector("input[type=search]");
  let filter = 0;
  if (search) {
    const t = performance.now();
    search.value = "aws_";
    search.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.getBoundingClientRect();
    filter = performance.now() - t;
    search.value = "";
    search.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return { loaded: n.loadEventEnd, painted: paint ? paint.startTime : 0, filter, elements: document.getElementsByTagName("*").length };
}

const results = [];
const started = Date.now();
const took = (what) => console.error(`${((Date.now() - started) / 1000).toFixed(1)} s: ${what}`);
for (const p of ask.pages) {
  const url = pathToFileURL(p.file).href;
  const saw = { name: p.name, console: [], dialogs: [], requests: [], layout: {}, axe: {}, filters: {}, copied: null, timing: null, page: null, text: "", focus: [] };
  for (const scheme of ["light", "dark"]) {
    for (const width of scheme === "light" ? [400, 1280, 1920] : [1280]) { // colours move nothing
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, reducedMotion: "reduce", permissions: ["clipboard-read", "clipboard-write"] });
      const page = await context.newPage();
      await open(page, saw, url);
      saw.layout[scheme + " " + width] = await page.evaluate(layout);
      if (ask.shots) {
        mkdirSync(ask.shots, { recursive: true });
        const height = await page.evaluate(() => document.documentElement.scrollHeight);
        await page.screenshot({ path: `${ask.shots}/${p.name}-${width}-${scheme}.png`, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, 4000) } });
      }
      // Contrast is of the scheme, layout of the width; a big page has no other parts.
      if (width === 1280 && (scheme === "light" || !p.big) || (width === 400 && scheme === "light" && !p.big)) {
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
        await page.evaluate(axe);
        const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations", "incomplete"] }));
        saw.axe[scheme + " " + width] = found.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 240) + " :: " + (n.failureSummary || "").slice(0, 300)) }));
      }
      if (width === 1280 && scheme === "light") await use(page, p, saw);
      await context.close();
      took(`${p.name} ${width} ${scheme}`);
    }
  }
  // Without a script everything is still there to read.
  const bare = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await bare.newPage();
  await page.goto(url);
  saw.bare = { rows: await page.locator(".row:visible").count(), buttons: await page.locator("button:visible").count() };
  await bare.close();
  results.push(saw);
}

async function use(page, p, saw) {
  await page.reload({ waitUntil: "load" });
  saw.timing = await page.evaluate(timing);
  saw.page = await page.evaluate(() => ({
    scripts: document.scripts.length, images: document.images.length, frames: document.querySelectorAll("iframe,object,embed").length, inline: document.querySelectorAll("[style],[onclick],[onerror],[onload]").length,
    headings: document.querySelectorAll("h1").length, mains: document.querySelectorAll("main").length, title: document.title,
    dead: [...document.querySelectorAll("a[href^='#']")].map((a) => a.getAttribute("href").slice(1)).filter((id) => !document.getElementById(id)),
    twice: [...document.querySelectorAll("[id]")].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i),
    pictures: [...document.querySelectorAll("svg.pic")].filter((s) => s.getBoundingClientRect().width > 0).length,
  }));
  saw.text = await page.evaluate(() => document.body.innerText);

  // Filters: everything, one word, one status, nothing, everything again.
  const part = page.locator("section:has(#findings)"), bar = part.locator(".filters");
  if (await bar.count()) {
    const rows = part.locator("li.row"), shown = () => part.locator("li.row:visible").count();
    const f = saw.filters;
    f.first = await shown();
    await bar.getByRole("button", { name: "Show all" }).click();
    f.rows = await rows.count();
    f.all = await shown();
    f.said = await bar.locator("output").textContent();
    await bar.getByRole("searchbox").fill(p.word);
    f.word = await shown();
    f.wordRight = await part.locator("li.row:visible").evaluateAll((ls, w) => ls.every((l) => l.textContent.toLowerCase().includes(w.toLowerCase())), p.word);
    await bar.getByRole("searchbox").fill("nothing has this in it");
    f.none = await shown();
    await bar.getByRole("button", { name: "Show all" }).click();
    const type = await bar.locator("select").evaluate((s) => s.options[1].value);
    await bar.locator("select").selectOption(type);
    f.type = await shown();
    f.typeRight = await part.locator("li.row:visible").evaluateAll((ls, t) => ls.every((l) => l.dataset.type === t), type);
    await bar.getByRole("button", { name: "Show all" }).click();
    const boxes = bar.getByRole("checkbox");
    for (let i = 1; i < await boxes.count(); i++) await boxes.nth(i).uncheck();
    f.status = await shown();
    const status = await boxes.first().getAttribute("value");
    f.statusRight = await part.locator("li.row:visible").evaluateAll((ls, s) => ls.every((l) => l.dataset.status === s), status);

    // A link of the picture leads to its finding although a filter hides it.
    const link = page.locator("svg.pic.large a[href^='#f-'], svg.pic.large a[href^='#q-']").last();
    if (await link.count()) {
      const to = await link.getAttribute("href");
      await link.focus();
      await page.keyboard.press("Enter");
      await page.waitForFunction((id) => document.activeElement && "#" + document.activeElement.id === id, to, { timeout: 3000 }).catch(() => {});
      f.link = await page.evaluate((id) => { const e = document.querySelector(id); return e === document.activeElement && e.getBoundingClientRect().height > 0; }, to);
    }
  }

  // The keyboard: the first stop is the skip link; then all is reached in order.
  await page.evaluate(() => { document.activeElement.blur(); history.replaceState(null, "", location.pathname); scrollTo(0, 0); });
  await page.reload({ waitUntil: "load" });
  await page.keyboard.press("Tab");
  saw.focus.push(await page.evaluate(() => document.activeElement.textContent));

  // Copying, with the keyboard.
  const button = page.locator("button.copy:visible").first();
  if (await button.count()) {
    const want = await button.locator("xpath=..").locator("code").textContent();
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("said").textContent !== "", null, { timeout: 3000 }).catch(() => {});
    const said = await page.evaluate(() => document.getElementById("said").textContent);
    saw.copied = { want, said, got: await page.evaluate(() => navigator.clipboard.readText()).catch((e) => "no clipboard: " + e) };
  }
}

await browser.close();
process.stdout.write(JSON.stringify(results));
