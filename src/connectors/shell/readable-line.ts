import { stripVTControlCharacters } from "node:util";

/** All but the tab. */
const CONTROL = /[\0-\x08\x0a-\x1f\x7f-\x9f]/;
const CONTROLS = new RegExp(CONTROL.source, "g");

/** A log is shown on terminals: what a foreign process says must not steer them. Colours are taken out, other control characters written as `\x07`. */
export function readableLine(line: string): string {
  if (!CONTROL.test(line)) return line.toWellFormed();
  return stripVTControlCharacters(line)
    .replaceAll(CONTROLS, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .toWellFormed();
}
