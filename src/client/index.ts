export { ApiError, type ClientOptions, TuttiClient } from "./tutti-client.ts";
export type { Answer, Ask, LiveEvent, Method, PathOf } from "./asked.ts";
