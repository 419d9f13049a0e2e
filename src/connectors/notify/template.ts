import type { Alert } from "../../authoring/alert.ts";
import { alertMessage } from "./alert-message.ts";
import { type Message, messageOf } from "./message.ts";

/** Says what an alert is about in one's own words. */
export type AlertTemplate = (alert: Alert) => string | Message;

/** A template's message gets the alert's level and link where it says none itself. */
export function messageFor(alert: Alert, template: AlertTemplate | undefined): Message {
  const usual = alertMessage(alert);
  if (template === undefined) return usual;
  const { level, url } = usual;
  return {
    ...(level === undefined ? {} : { level }),
    ...(url === undefined ? {} : { url }),
    ...messageOf(template(alert)),
  };
}
