import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** As much of a mail server as the bytes of a message need, without TLS; it answers each command as told, else with success. */
export class SmtpStub {
  /** Each message as it came after DATA. */
  readonly messages: string[] = [];
  readonly commands: string[] = [];
  readonly #server: Server;
  readonly #answers: Readonly<Record<string, string>>;

  private constructor(answers: Readonly<Record<string, string>>) {
    this.#answers = answers;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** `answers`: by the command's first word, or `BODY` for what follows DATA; `""` hangs up. */
  static async start(answers: Readonly<Record<string, string>> = {}): Promise<SmtpStub> {
    const stub = new SmtpStub(answers);
    await new Promise<void>((resolve) => stub.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => stub.close());
    return stub;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    let body: string | null = null;
    let rest = "";
    socket.on("error", () => {});
    socket.write("220 stub\r\n");
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (body === null) {
          this.commands.push(line);
          if (this.#answer(socket, line.split(" ")[0] ?? "")) body = "";
        } else if (line === ".") {
          this.messages.push(body);
          body = null;
          this.#answer(socket, "BODY");
        } else body += `${line}\n`;
      }
    });
  }

  /** Whether a message follows. */
  #answer(socket: Socket, command: string): boolean {
    const usual =
      {
        EHLO: "250-stub\r\n250 AUTH PLAIN",
        DATA: "354 go on",
        QUIT: "221 bye",
        AUTH: "235 ok",
        STARTTLS: "502 no TLS here",
      }[command] ?? "250 ok";
    const answer = this.#answers[command] ?? usual;
    if (answer === "" || command === "QUIT") socket.end(answer === "" ? "" : `${answer}\r\n`);
    else socket.write(`${answer}\r\n`);
    return command === "DATA" && answer.startsWith("354");
  }
}
