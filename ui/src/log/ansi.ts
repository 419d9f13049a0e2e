/** A part of a line with one look. */
export interface Styled {
  readonly text: string;
  /** Class names: `bold`, `c1` … */
  readonly look: string;
}

const SEQUENCE = /\u001b\[([\d;:]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[@-Z\\-_]?/g;

/** What a terminal would have shown of a line: colours and weights as looks, everything else that steers a terminal left out. */
export function styledParts(line: string): Styled[] {
  if (!line.includes("\u001b")) return [{ text: shown(line), look: "" }];
  const parts: Styled[] = [];
  let look = new Set<string>();
  let from = 0;
  const push = (to: number): void => {
    if (to > from) parts.push({ text: shown(line.slice(from, to)), look: [...look].join(" ") });
  };
  for (const found of line.matchAll(SEQUENCE)) {
    push(found.index);
    from = found.index + found[0].length;
    if (found[2] === "m") look = changed(look, found[1] ?? "");
  }
  push(line.length);
  return parts;
}

function changed(before: ReadonlySet<string>, codes: string): Set<string> {
  const look = new Set(before);
  for (const code of codes.split(/[;:]/).map(Number)) {
    if (code === 0) look.clear();
    else if (code === 1) look.add("bold");
    else if (code === 22) look.delete("bold");
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      drop(look);
      look.add(`c${code % 10}`);
    } else if (code === 39) drop(look);
  }
  return look;
}

function drop(look: Set<string>): void {
  for (const each of look) if (/^c\d$/.test(each)) look.delete(each);
}

const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** What has no shape gets one: a control character is its picture, and what would turn the direction of the text is named. */
const shown = (text: string): string =>
  text.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 127 ? "␡" : `\\u${code.toString(16).padStart(4, "0")}`;
  });
