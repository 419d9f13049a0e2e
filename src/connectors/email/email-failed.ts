import { TuttiError } from "../../core/errors.ts";

/** What nodemailer's errors carry. */
export interface SmtpError extends Error {
  readonly code?: string;
  /** Of the system: `connect`, `read`, `getaddrinfo`. */
  readonly syscall?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

/** The mail was not taken, as far as is known: the server is not there, or has refused it. */
export class EmailFailed extends TuttiError {
  /** What the server answered, 550 for an address that it does not know; `null`: it did not answer. */
  readonly responseCode: number | null;
  /** Trying again changes nothing: a 5xx answer. */
  readonly permanent: boolean;

  constructor(connection: string, cause: SmtpError) {
    const { responseCode = null, message } = cause;
    super("EMAIL_FAILED", `Connection "${connection}" did not take the mail: ${message}${hint(cause)}`, { cause });
    this.name = "EmailFailed";
    this.responseCode = responseCode;
    this.permanent = responseCode !== null && responseCode >= 500;
  }
}

/** A mail that is not sent. */
export const mailRefused = (message: string): TuttiError => new TuttiError("EMAIL_REFUSED", message);

/**
 * Nothing of the mail was sent: another try can't double it. A connection that breaks later has the same code and command as one that breaks
 * at once, also where the server has just taken the mail; only the system's own refusal to connect tells them apart.
 */
export const wasUnsent = ({ code, syscall }: SmtpError): boolean => code === "EDNS" || syscall === "connect";

function hint({ code }: SmtpError): string {
  if (code === "EAUTH") return " Are user and password of the connection's URL right?";
  if (code === "ETLS")
    return ' A password is sent over TLS only; where the server has none, on a network of your own, say "?tls=off" in the connection\'s URL.';
  return "";
}
