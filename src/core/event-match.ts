import { checkDedupeKey } from "./event.ts";

/** Whether a payload has these fields: objects are looked into, anything else is equal. Fields that are not asked for may be there. */
export function matchesFields(payload: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return Object.is(payload, wanted);
  if (Array.isArray(wanted))
    return (
      Array.isArray(payload) &&
      payload.length === wanted.length &&
      wanted.every((part, index) => matchesFields(payload[index], part))
    );
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return false;
  return Object.entries(wanted).every(
    ([key, field]) => Object.hasOwn(payload, key) && matchesFields((payload as Record<string, unknown>)[key], field),
  );
}

/** The key at `order.id` of a payload. @throws TuttiError `BAD_DEDUPE_KEY` */
export function keyAt(payload: unknown, path: string, what: string): string {
  let here = payload;
  for (const part of path.split("."))
    here =
      typeof here === "object" && here !== null && Object.hasOwn(here, part)
        ? (here as Record<string, unknown>)[part]
        : undefined;
  return checkDedupeKey(here, `"${path}" in the payload of ${what}, by which it tells repeated events,`);
}
