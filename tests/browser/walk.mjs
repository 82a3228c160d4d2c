// Walks through the pages in a real browser: register, prove the address, log in, consent, code, token, refresh, revoke. What is
// not as it should be ends it with an error. Screenshots of each page go to a folder.
//
// A browser on a busy machine now and then fails by itself: it goes nowhere by a link (`about:blank#blocked`), takes no
// picture, or waits for a page that it never asked for. Such a walk is told of and begun anew, a few times. One that fails while
// the program owes an answer is not: that is the program's.
//
//   node walk.mjs BASE CLIENT FOLDER BROWSER     with playwright-core to be found from the working folder
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [base, client, folder, executablePath] = process.argv.slice(2);
const { chromium } = createRequire(join(process.cwd(), "walk.mjs"))("playwright-core");
mkdirSync(folder, { recursive: true });

const demand = (sound, what) => {
  if (!sound) throw new Error(what);
};
const TRIES = 3;
const password = "four quiet herons";
const base64url = (bytes) => Buffer.from(bytes).toString("base64url");

// The vendor: it keeps what it was answered.
const answers = [];
const vendor = createServer((request, response) => {
  if (request.url.startsWith("/cb")) answers.push(new URL(request.url, "http://vendor"));
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html><title>Vendor</title><h1>Back at the vendor</h1>");
});
await new Promise((done) => vendor.listen(0, "127.0.0.1", done));
const redirect = `http://127.0.0.1:${vendor.address().port}/cb`;

let email, browser, context, page, refused, asked, number;
const begin = async () => {
  email = `ana.${randomBytes(4).toString("hex")}@example.org`;
  [refused, asked, number] = [[], new Set(), 0];
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  context = await browser.newContext({ locale: "en-GB", javaScriptEnabled: false, viewport: { width: 900, height: 900 } });
  page = await context.newPage();
  page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
  page.on("request", (request) => asked.add(request));
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => asked.delete(request));
};

/** A picture at two widths and in the dark; nothing may stick out, and each field has its label. */
const look = async (name) => {
  number += 1;
  const file = (kind) => join(folder, `${String(number).padStart(2, "0")}-${name}-${kind}.png`);
  await browserDoes(page.screenshot({ path: file("wide"), fullPage: true }));
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 320, height: 640 });
  await browserDoes(page.screenshot({ path: file("narrow-dark"), fullPage: true }));
  await page.emulateMedia({ colorScheme: "light" });
  const cdp = await context.newCDPSession(page);
  const { cssContentSize } = await cdp.send("Page.getLayoutMetrics");
  await cdp.detach();
  demand(cssContentSize.width <= 320, `${name}: ${cssContentSize.width} px wide where there are 320`);
  await page.setViewportSize({ width: 900, height: 900 });
  const { nodes } = await axTree();
  for (const node of nodes) {
    const role = node.role?.value;
    if (["textbox", "button", "link"].includes(role) && !node.ignored) {
      demand(node.name?.value?.trim(), `${name}: a ${role} without a name`);
    }
  }
  demand((await page.locator("html").getAttribute("lang")) !== null, `${name}: no language`);
  demand((await page.locator("h1").count()) === 1, `${name}: not one heading`);
};
const axTree = async () => {
  const cdp = await context.newCDPSession(page);
  const tree = await cdp.send("Accessibility.getFullAXTree");
  await cdp.detach();
  return tree;
};
/** What fails in this fails by the browser: nothing of ours decides whether it is done. */
const browserDoes = (work) => work.catch((error) => {
  throw Object.assign(error, { isBrowsers: true });
});
/** Whatever is clicked here is there, and leads to another page, which is waited for. */
const follow = async (what) => {
  await what.waitFor();
  await browserDoes(Promise.all([page.waitForEvent("load"), what.click()]));
};
/** A link of a message is opened as a mail program would. */
const open = async (message) => page.goto(await message.getByRole("link").first().getAttribute("href"));
const press = (name) => follow(page.getByRole("button", { name, exact: true }));
const heading = async (text) => {
  const found = await page.locator("h1").innerText();
  demand(found === text, `"${found}" stands where "${text}" should`);
};
const form = async (path, fields) => {
  const response = await fetch(base + path, { method: "POST", body: new URLSearchParams(fields) });
  return { status: response.status, body: await response.json().catch(() => ({})) };
};
const authorize = () => {
  const verifier = base64url(randomBytes(32));
  const state = base64url(randomBytes(8));
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = new URLSearchParams({
    response_type: "code", client_id: client, redirect_uri: redirect, scope: "pets:read appointments:read appointments:write",
    state, code_challenge: challenge, code_challenge_method: "S256",
  });
  return { verifier, state, url: `${base}/oauth/authorize?${query}` };
};

const walk = async () => {
  // Register.
  await page.goto(`${base}/account/register`);
  await look("register");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("First name").fill("Ana");
  await page.getByLabel("Last name").fill("Ruiz");
  await page.getByLabel("Password").fill("password123");
  await press("Make the account");
  await look("register-refused");
  demand(await page.getByText("among those that are tried first").count(), "a common password is not told");
  await page.getByLabel("Password").fill(password);
  await press("Make the account");
  await heading("Look into your mail");
  await look("sent");

  // The message, and its link.
  await page.goto(`${base}/account/mail`);
  await look("mail");
  await open(page.locator("article").filter({ hasText: email }));
  await heading("Confirm your address");
  await look("verify");
  const link = page.url();
  await press("Confirm");
  await heading("Your address is confirmed");
  await page.goto(link);
  await heading("This link is not valid");
  await look("dead-link");

  // A vendor asks; logging in leads on to consent.
  const first = authorize();
  await page.goto(first.url);
  await heading("Log in");
  await look("login");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill("not the password");
  await press("Log in");
  demand(await page.getByRole("alert").count(), "a wrong password is not told");
  await look("login-refused");
  await page.getByLabel("Password").fill(password);
  await press("Log in");
  await look("consent");
  demand((await page.locator("h1").innerText()).startsWith("Allow "), "nobody asks for consent");
  demand(await page.getByText("see your pets").count(), "what is asked is not said");
  demand(await page.getByText("see or change your pets' medical records").count(), "what is not given is not said");
  await follow(page.getByRole("link", { name: "Español" }));
  await look("consent-es");
  await follow(page.getByRole("link", { name: "English" }));

  // No, then yes.
  await press("Do not allow");
  await heading("Back at the vendor");
  demand(answers.at(-1).searchParams.get("error") === "access_denied", "a no is not told");
  const second = authorize();
  await page.goto(second.url);
  await press("Allow");
  await heading("Back at the vendor");
  const answer = answers.at(-1).searchParams;
  demand(answer.get("state") === second.state && answer.get("iss") === base, "state or iss is not what it was");

  // Code, token, refresh.
  const exchange = { grant_type: "authorization_code", client_id: client, code: answer.get("code"), redirect_uri: redirect };
  const token = await form("/oauth/token", { ...exchange, code_verifier: second.verifier });
  demand(token.status === 200 && token.body.access_token, `no token: ${JSON.stringify(token)}`);
  const renewed = await form("/oauth/token", {
    grant_type: "refresh_token", client_id: client, refresh_token: token.body.refresh_token,
  });
  demand(renewed.status === 200, `no refresh: ${JSON.stringify(renewed)}`);

  // The account's page: the consent is there, and is taken back; then nothing is renewed.
  await page.goto(`${base}/account`);
  await look("account");
  await follow(page.getByRole("button", { name: /^Take back what is allowed/ }));
  demand(await page.getByText("It is taken back.").count(), "that it was taken back is not told");
  await look("account-after");
  const dead = await form("/oauth/token", {
    grant_type: "refresh_token", client_id: client, refresh_token: renewed.body.refresh_token,
  });
  demand(dead.status === 400 && dead.body.error === "invalid_grant", `renewed after all: ${JSON.stringify(dead)}`);

  // A form of another site is not taken, and the password is changed by who knows it.
  const foreign = await context.request.post(`${base}/account/logout`, { form: { guard: "x" } });
  demand(foreign.status() === 403, `a foreign form was taken: ${foreign.status()}`);
  await page.getByLabel("Present password").fill(password);
  await page.getByLabel("New password").fill("five quiet herons");
  await press("Change it");
  demand(await page.getByText("Your password is changed.").count(), "the password is not changed");
  await press("Log out");
  await heading("Log in");

  // Forgotten.
  await follow(page.getByRole("link", { name: "Forgotten your password?" }));
  await look("forgot");
  await page.getByLabel("E-mail address").fill(email);
  await press("Send the link");
  await heading("Look into your mail");
  await page.goto(`${base}/account/mail`);
  await open(page.locator("article").filter({ hasText: "Set a new password" }));
  await look("reset");
  await page.getByLabel("New password").fill("six quiet herons");
  await press("Set the password");
  await heading("Your password is set");
  demand(refused.filter((text) => !text.includes("status of 4")).length === 0, `the browser refused: ${refused}`);
  console.log(`walked ${number} pages`);
};

/** Whether the browser failed, and nothing that it asked for is left unanswered. */
const isItsOwn = (error) => {
  const isStuck = error.isBrowsers || /crashed|has been closed|Protocol error/.test(error.message);
  // Where an answer broke off, the browser shows an error of its own.
  return asked.size === 0 && !page.url().startsWith("chrome-error:") && (isStuck || page.url().startsWith("about:"));
};
for (let left = TRIES - 1; left >= 0; left -= 1) {
  await begin();
  try {
    await walk();
    break;
  } catch (error) {
    await page.screenshot({ path: join(folder, "failed.png"), fullPage: true }).catch(() => {});
    const unanswered = [...asked].map((request) => `not answered: ${request.method()} ${request.url()}`);
    console.error([`at ${page.url()}: ${error.stack}`, ...refused, ...unanswered].join("\n"));
    if (left === 0 || !isItsOwn(error)) {
      process.exitCode = 1;
      break;
    }
    console.error("the browser failed by itself; once more");
  } finally {
    await browser.close();
  }
}
vendor.close();
