import type { DrawerKey } from "./store.ts";

/**
 * What a task run's code has recorded stands among its own drawer's rows: both are fenced alike, survive the same, and are emptied
 * together. Keys between these two are its; a user's key that begins like one of what stands here gets the second in front.
 */
export const STEPS_PREFIX = "\u0001";
export const STEPS_END = "\u0002";
/** Of what the body of a flow gives to others. */
export const INPUTS_PREFIX = "\u0003";
/** The claim under which a task run is to stop. */
export const STOP_KEY = "\u0004";
/** No row has it: what is written there becomes an event. */
export const EVENTS_PREFIX = "\u0001!";
/** Nor this: what is written there goes into the tables of the cache. */
export const CACHE_PREFIX = "\u0001#";

/** The key of a row in the drawer of a task run. */
export const stateKeyOf = (to: Exclude<DrawerKey, { readonly drawer: "memory" }>): string =>
  to.drawer === "stop"
    ? STOP_KEY
    : to.drawer === "steps"
      ? `${STEPS_PREFIX}${to.key}`
      : to.drawer === "inputs"
        ? `${INPUTS_PREFIX}${to.key}`
        : to.drawer === "events"
          ? `${EVENTS_PREFIX}${to.key}`
          : to.drawer === "cache"
            ? `${CACHE_PREFIX}${to.key}`
            : userKey(to.key);

/** Under which one finds it from the task run that it is for. */
export const inputKey = (taskId: number, index: number): string => `${taskId}/${index}`;

const userKey = (key: string): string =>
  [STEPS_PREFIX, STEPS_END, INPUTS_PREFIX, STOP_KEY].some((prefix) => key.startsWith(prefix))
    ? `${STEPS_END}${key}`
    : key;
