export { type Alert, type Notifier } from "../../authoring/alert.ts";
export { type Message } from "../notify/message.ts";
export { type AlertTemplate } from "../notify/template.ts";
export { DriverMissing } from "../optional-package.ts";
export { type EmailSent } from "./deliver.ts";
export { EmailFailed } from "./email-failed.ts";
export { email, type EmailCallOptions, type EmailOptions, type EmailRecipients } from "./email.ts";
export { type Attachment, type EmailMessage, type Mail } from "./mail.ts";
