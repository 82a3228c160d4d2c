// A person at a browser, as far as a test needs one: keeps cookies, fills forms, follows redirects, and stops where the
// client's own address begins. Prints where it ended: `node person.mjs URL EMAIL PASSWORD`, or with `choose` in front
// of a link by which a password is chosen.
import { pathToFileURL } from "node:url";

const CLIENTS = /^http:\/\/127\.0\.0\.1(:\d+)?\/callback|^https:\/\/vendor\.example\//;

export class Person {
  cookies = new Map();

  constructor(email, password) {
    this.fields = { email, password };
  }

  /** Fetches without following; keeps what is set. */
  async ask(url, init = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, ...(cookie && { cookie }), "accept-language": "en" };
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [pair] = line.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  /** Goes on from a URL until the client's own address, or a page with no form that is left to fill. */
  async go(url, more = {}) {
    let answer = await this.ask(url);
    for (let step = 0; step < 12; step += 1) {
      const to = answer.headers.get("location");
      if (to) {
        url = new URL(to, url).href;
        if (CLIENTS.test(url)) return url;
        answer = await this.ask(url);
        continue;
      }
      const page = await answer.text();
      if (answer.status >= 400) throw new Error(`${url} answers ${answer.status}: ${page}`);
      const form = page.match(/<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>|<form[^>]*action="([^"]*)"[^>]*method="post"[^>]*>/);
      const inner = form && page.slice(form.index, page.indexOf("</form>", form.index));
      const filled = inner && this.fill(inner, more);
      if (!filled) return page;
      url = new URL(unescape(form[1] ?? form[2]), url).href;
      answer = await this.ask(url, {
        method: "POST",
        body: new URLSearchParams(filled).toString(),
        headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin },
      });
    }
    throw new Error(`too many steps; the last was ${url}`);
  }

  /** The fields of a form; nothing where it asks for what this person does not know. */
  fill(inner, more) {
    const filled = {};
    for (const [tag] of inner.matchAll(/<input[^>]*>/g)) {
      const of = (name) => unescape(tag.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? "");
      const name = of("name");
      if (!name) continue;
      if (of("type") === "hidden") filled[name] = of("value");
      else if (of("type") === "password") filled[name] = this.fields.password;
      else if (more[name] ?? this.fields[name]) filled[name] = more[name] ?? this.fields[name];
      else if (/\brequired\b/.test(tag)) return null;
    }
    if (inner.includes('value="allow"')) filled.answer = "allow";
    return filled;
  }
}

const unescape = (text) =>
  text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const words = process.argv.slice(2);
  const chooses = words[0] === "choose" && words.shift();
  const person = new Person(words[1], words[2]);
  const end = await person.go(words[0]);
  console.log(chooses ? "chosen" : end);
}
