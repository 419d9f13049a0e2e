import { resolve } from "node:path";
import { Refused } from "./refused.ts";

/** Somebody who keeps connections and secrets, as the configuration names him. */
export type SecretPlace =
  | { readonly kind: "store" }
  | { readonly kind: "file"; readonly folder: string }
  | { readonly kind: "command"; readonly command: readonly string[] };

const HOW = `must be a list of "store", "file:<folder>" and "command:<program> <argument> {name}"`;

/** `base`: what folders are relative to. */
export function readSecretPlaces(places: readonly string[], base: string): readonly SecretPlace[] {
  return places.map((place) => {
    if (place === "store") return { kind: "store" };
    const [, kind, rest = ""] = /^(file|command):(.+)$/s.exec(place) ?? [];
    if (kind === "file") return { kind, folder: resolve(base, rest) };
    const command = rest.trim().split(/\s+/);
    if (kind === "command" && command[0] !== "") return { kind, command };
    throw new Refused(HOW);
  });
}
