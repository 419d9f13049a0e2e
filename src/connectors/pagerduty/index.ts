export { type Alert, type Notifier } from "../../authoring/alert.ts";
export { type AlertTemplate } from "../notify/template.ts";
export { type Incident, pagerduty, type PagerDuty, type PagerDutyOptions, type Severity } from "./pagerduty.ts";
