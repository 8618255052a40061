// Walks through an application with a browser: signs in, creates, changes and deletes a row of each entity, and looks at
// every page for errors in the console, faults of accessibility, and how it looks.
//
// Usage: node walk.mjs DESCRIPTION.json; the description is made by `headwater.synthesis.project.frontend.walk` and holds
// besides: `base` (where the application answers), `modules` (a folder node_modules with playwright-core and axe-core),
// `chromium` (the program), `email` and `password` (who may do everything; absent where nobody signs in), `pictures` (a
// folder for screenshots; absent: none are taken). Writes a line of JSON for each page, and ends with 1 if one has faults.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const walk = JSON.parse(readFileSync(process.argv[2], "utf8"));
const require = createRequire(join(walk.modules, "walk.cjs"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };
const PATIENCE = walk.patience ?? 10_000;
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

const browser = await chromium.launch({ executablePath: walk.chromium, args: ["--no-sandbox"] });
let page;
let faults = [];
let failed = 0;
let pictures = 0;

try {
  await visit("desktop", { viewport: DESKTOP }, tour);
  await visit("phone", { viewport: PHONE, colorScheme: "dark" }, glance);
} finally {
  await browser.close();
}
process.exitCode = failed > 0 ? 1 : 0;

/** Opens a window, and notes all that its console complains about. */
async function visit(name, options, steps) {
  const context = await browser.newContext({ ...options, locale: "en-GB", timezoneId: "Europe/Vienna" });
  page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      faults.push(`console: ${message.text()} ${message.location().url ?? ""}`);
    }
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      faults.push(`request: ${request.url()} ${request.failure()?.errorText}`);
    }
  });
  await steps(name);
  await context.close();
}

/** Everything that can be done, as who may do most of it. */
async function tour(name) {
  await look(name, "start", () => page.goto(walk.base));
  if (walk.email) {
    await look(name, "register", async () => {
      await page.goto(`${walk.base}/register`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    });
    await look(name, "registered", register);
    await look(name, "sign in", () => page.goto(`${walk.base}/login`));
    await look(name, "signed in", signIn);
  }
  for (const entity of walk.entities) {
    await look(name, `${entity.path}: list`, () => open(`/${entity.path}`));
    if (entity.create) {
      await look(name, `${entity.path}: faulty form`, () => leaveEmpty(entity));
      await look(name, `${entity.path}: create`, () => create(entity));
      await look(name, `${entity.path}: list with rows`, () => open(`/${entity.path}`));
    }
    if (entity.create && entity.update) {
      await look(name, `${entity.path}: edit`, () => edit(entity));
    }
  }
  for (const path of walk.pages) {
    await look(name, path, () => open(path));
  }
  for (const entity of [...walk.entities].reverse()) {
    if (entity.create && entity.delete) {
      await look(name, `${entity.path}: delete?`, () => ask(entity));
      await look(name, `${entity.path}: delete`, remove);
    }
  }
  if (walk.email) {
    await look(name, "signed out", async () => {
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("link", { name: "Sign in" }).first().waitFor();
    });
  }
}

/** The pages once more on a phone, and with dark colours. */
async function glance(name) {
  await look(name, "start", () => page.goto(walk.base));
  if (walk.email) {
    await page.goto(`${walk.base}/login`);
    await look(name, "signed in", signIn);
  }
  await look(name, "menu", () => page.getByRole("button", { name: "Menu" }).click());
  for (const entity of walk.entities) {
    await look(name, `${entity.path}: list`, () => open(`/${entity.path}`));
    if (entity.create) {
      await look(name, `${entity.path}: form`, () => open(`/${entity.path}/new`));
    }
  }
}

/** Takes a step, and tells what is wrong with the page that it leads to. */
async function look(window, step, action) {
  const began = performance.now();
  faults = [];
  await action().catch((error) => faults.push(`step: ${error.message.split("\n").slice(0, 4).join(" ")}`));
  await page.waitForLoadState("networkidle").catch(() => faults.push("step: the page does not come to rest"));
  await page
    .locator(".loading")
    .first()
    .waitFor({ state: "detached" })
    .catch(() => faults.push("step: loading for ever"));
  faults.push(...(await inaccessible()));
  const picture = await photograph();
  failed += faults.length > 0 ? 1 : 0;
  const milliseconds = Math.round(performance.now() - began);
  console.log(JSON.stringify({ window, step, url: page.url(), faults, picture, milliseconds }));
}

async function inaccessible() {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"],
    }),
  );
  return violations.map(({ id, impact, nodes }) => `axe: ${id} (${impact}) ${nodes[0]?.html.slice(0, 160)}`);
}

async function photograph() {
  if (!walk.pictures) {
    return undefined;
  }
  pictures += 1;
  const file = `${String(pictures).padStart(3, "0")}.png`;
  await page.screenshot({ path: join(walk.pictures, file), fullPage: true });
  return file;
}

/** Goes to a page without loading the application again. */
async function open(path) {
  await page.evaluate((to) => {
    window.history.pushState({ key: "walk" }, "", to);
    window.dispatchEvent(new PopStateEvent("popstate", { state: { key: "walk" } }));
  }, path);
  await page.getByRole("heading", { level: 1 }).waitFor();
}

async function register() {
  await fill(walk.register, "value");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.waitForLoadState("networkidle");
  await page.getByRole("button", { name: "Sign out" }).click();
}

async function signIn() {
  const form = page.locator("form.form");
  await form.locator("[id$='-email']").fill(walk.email);
  await form.locator("[id$='-password']").fill(walk.password);
  await form.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** An empty form tells what it needs and goes to the first of it, unless it needs nothing. */
async function leaveEmpty(entity) {
  await open(`/${entity.path}/new`);
  if (!entity.fields.some((field) => field.required && field.type !== "boolean" && !field.initial)) {
    return;
  }
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator(".field-error").first().waitFor();
  const focused = await page.evaluate(() => document.activeElement?.closest("[data-invalid]") !== null);
  if (!focused) {
    faults.push("step: the first fault of the form has not the focus");
  }
}

async function create(entity) {
  await open(`/${entity.path}`);
  await open(`/${entity.path}/new`);
  await fill(entity.fields, "value");
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator(".notice").waitFor();
  entity.row = new URL(page.url()).pathname;
}

async function edit(entity) {
  await open(entity.row);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Save" }).waitFor();
  await fill(entity.fields, "changed");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator(".notice").waitFor();
}

async function ask(entity) {
  await open(entity.row);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("dialog").waitFor();
}

async function remove() {
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.locator(".notice").waitFor();
}

/** Fills a form with the values that the description has for its fields. */
async function fill(fields, which) {
  for (const field of fields) {
    const value = field[which];
    const control = page.locator(`form.form [id$="-${field.name}"]`);
    if (value === undefined || value === null) {
      continue;
    }
    if (field.type === "reference") {
      await control.locator("option").nth(1).waitFor({ state: "attached" });
      await control.selectOption({ index: value });
    } else if (field.type === "references") {
      await control.getByRole("checkbox").first().check();
    } else if (field.type === "file") {
      await control.setInputFiles({ name: "walk.png", mimeType: "image/png", buffer: PICTURE });
      await page.getByText("The file was sent.").waitFor();
    } else if (field.type === "enum" || (field.type === "boolean" && !field.required)) {
      await control.selectOption(String(value));
    } else if (field.type === "boolean") {
      await control.setChecked(value);
    } else {
      await control.fill(String(value));
    }
  }
}
