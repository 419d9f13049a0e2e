/** Replaces what must not be seen in a text. */
export type Masker = (text: string) => string;

const MASK = "***";
/** Shorter ones would blacken every log, and are no secrets. */
const MIN_LENGTH = 4;
/** A line of a secret that has several, on its own, e.g. of a key file: a log is written line by line. */
const MIN_LINE_LENGTH = 8;

const unmasked: Masker = (text) => text;

/**
 * Masks each secret as it is, URL-encoded, JSON-escaped, and in base64 (also inside of something longer, like `user:password`).
 * Secrets of fewer than 4 characters are not masked.
 */
export function createMasker(secrets: readonly string[]): Masker {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return unmasked;
  // Longest first: a secret that begins like another one is masked whole.
  const pattern = new RegExp(
    [...forms]
      .sort((a, b) => b.length - a.length)
      .map(escaped)
      .join("|"),
    "g",
  );
  return (text) => text.replace(pattern, MASK);
}

/** Masks every text in plain data: log fields, an `ErrorData`. Other objects stay as they are. */
export function maskDeep<T>(value: T, mask: Masker): T {
  return mask === unmasked ? value : (maskValue(value, mask, new Map()) as T);
}

/** What is secret in a connection's URL, or in its `key=value` form: the password, parameters named like one, and what stands in the path of a webhook in place of one. */
export function secretsOfUrl(url: string): string[] {
  const found = new Set<string>();
  const add = (text: string): void => void (text !== "" && found.add(text).add(decoded(text)));
  for (const [, name = "", value = ""] of url.matchAll(/([\w.-]+)=("[^"]*"|'[^']*'|[^\s&;#]+)/g))
    if (SECRET_NAME.test(name)) add(value.replace(/^(["'])(.*)\1$/, "$2"));
  const [, user = "", password = ""] = /^[a-z][\w+.-]*:\/\/([^:@/?#]*):([^/?#]*)@/i.exec(url) ?? [];
  if (password !== "") {
    add(password);
    add(`${user}:${password}`);
  }
  // Over HTTP a name without a password is a key, as some services have it.
  add(/^https?:\/\/([^:@/?#]+):?@/i.exec(url)?.[1] ?? "");
  for (const segment of /^https?:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1]?.split("/") ?? [])
    if (looksLikeToken(segment)) add(segment);
  return [...found];
}

/** `hooks.slack.com/services/T…/B…/<24 letters and digits>` and its like: long, and no words. */
const looksLikeToken = (segment: string): boolean =>
  /^[\w~-]{20,}$/.test(segment) && (/\d/.test(segment) || (/[a-z]/.test(segment) && /[A-Z]/.test(segment)));

const SECRET_NAME = /(password|passwd|pwd|passphrase|token|secret|key|credentials?)$/i;

function formsOf(secret: string): string[] {
  const text = secret.toWellFormed();
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const plain =
    lines.length === 1 ? [text] : [text, text.trim(), ...lines.filter((line) => line.length >= MIN_LINE_LENGTH)];
  return plain
    .flatMap((form) => [form, ...urlForms(form), JSON.stringify(form).slice(1, -1), ...base64Forms(form)])
    .filter((form) => form.length >= MIN_LENGTH);
}

function urlForms(text: string): string[] {
  const encoded = encodeURIComponent(text);
  const form = new URLSearchParams([["", text]]).toString().slice(1);
  return [encoded, encoded.replaceAll(/%../g, (hex) => hex.toLowerCase()), form];
}

/** Base64 of a text within another depends on where in a group of three bytes it begins; the characters it shares with its neighbours are left out. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replaceAll("=", "");
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(Math.ceil((before * 8) / 6), encoded.length - shared);
  });
  const forms = [bytes.toString("base64"), ...within].filter((form) => form.length >= MIN_LENGTH);
  return [...forms, ...forms.map((form) => form.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""))];
}

function maskValue(value: unknown, mask: Masker, seen: Map<object, unknown>): unknown {
  if (typeof value === "string") return mask(value);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (Array.isArray(value))
    return fill(value, [] as unknown[], seen, (masked) =>
      value.forEach((item) => masked.push(maskValue(item, mask, seen))),
    );
  if (value instanceof Map)
    return fill(value, new Map(), seen, (masked) =>
      value.forEach((item, key) => masked.set(maskValue(key, mask, seen), maskValue(item, mask, seen))),
    );
  if (value instanceof Set)
    return fill(value, new Set(), seen, (masked) => value.forEach((item) => masked.add(maskValue(item, mask, seen))));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return fill(value, {}, seen, (masked: Record<string, unknown>) => {
    for (const [key, item] of Object.entries(value)) masked[mask(key)] = maskValue(item, mask, seen);
  });
}

/** Remembered before it is filled, for what refers to itself. */
function fill<T extends object>(value: object, masked: T, seen: Map<object, unknown>, into: (masked: T) => void): T {
  seen.set(value, masked);
  into(masked);
  return masked;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
