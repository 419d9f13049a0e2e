import { TuttiError } from "../../src/core/errors.ts";
import type { Actor } from "./sim-clock.ts";

/** What passes: asked again, the store can. */
export const PASSING = ["STORE_FULL", "STORE_BUSY", "STORE_IO_ERROR"] as const;

/** Between an engine and its store; what is on it arrives though nobody waits for the answer any more. */
export const WIRE: Actor = { name: "wire", alive: true };

export const unreachable = (): TuttiError => new TuttiError("STORE_UNREACHABLE", "the line is cut");
