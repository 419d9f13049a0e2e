export { type Alert, type Notifier } from "../../authoring/alert.ts";
export { type Message } from "../notify/message.ts";
export { type AlertTemplate } from "../notify/template.ts";
export { type SlackMessage } from "./slack-payload.ts";
export { slack, type SlackChannel, type SlackOptions, type SlackSent } from "./slack.ts";
