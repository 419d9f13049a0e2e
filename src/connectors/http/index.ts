export { HttpFailed, HttpTimedOut, HttpUnreachable } from "./http-errors.ts";
export { type HttpBody, type HttpCallOptions, type HttpOptions, type HttpReply } from "./http-options.ts";
export { http, type Http } from "./http.ts";
