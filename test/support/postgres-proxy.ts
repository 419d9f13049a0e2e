import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Stands between a client and PostgreSQL: sees what is said, leaves out notifications as a pooler does, loses answers, cuts the line. */
export class PostgresProxy {
  /** The text of every statement that came by, and the names of those that were given one. */
  readonly statements: string[] = [];
  readonly names: string[] = [];
  /** Leaves out notifications. */
  deaf = false;
  /** Lets nobody through. */
  away = false;

  readonly #server: Server;
  readonly #lines = new Set<{ readonly client: Socket; readonly upstream: Socket; dead: boolean }>();
  #loseAnswerTo: RegExp | null = null;
  #awayThen = false;
  #holdBack: { readonly statement: RegExp; readonly cut: boolean }[] = [];
  #held: (() => void)[] = [];

  private constructor(port: number) {
    this.#server = createServer((client) => this.#join(client, connect(port, "127.0.0.1")));
  }

  static async start(port: number): Promise<PostgresProxy> {
    const proxy = new PostgresProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next statement like this is carried out, and the line is cut before its answer arrives. `away`: for good. */
  loseAnswerTo(statement: RegExp, { away = false } = {}): void {
    this.#loseAnswerTo = statement;
    this.#awayThen = away;
  }

  /** The next statement like this stays on the way, while the line to its sender is cut; and, with `next`, the one after it, whose line is not. */
  holdBack(statement: RegExp, { next = false } = {}): void {
    this.#holdBack = [{ statement, cut: true }, ...(next ? [{ statement, cut: false }] : [])];
  }

  get held(): number {
    return this.#held.length;
  }

  /** The first that was held back arrives after all. */
  release(): void {
    this.#held.shift()?.();
  }

  /** Whatever is said on lines that are open now goes nowhere, and neither side hears that. */
  swallow(): void {
    for (const line of this.#lines) line.dead = true;
  }

  cut(): void {
    for (const { client, upstream } of this.#lines) {
      client.destroy();
      upstream.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, upstream: Socket): void {
    if (this.away) client.destroy();
    const line = { client, upstream, dead: false };
    this.#lines.add(line);
    let swallow = false;
    let held = false;
    let began = false;
    client.on("data", (data: Buffer) => {
      if (line.dead) return;
      // The first message has no type.
      if (began) for (const message of messagesOf(data)) this.#note(message);
      began = true;
      const text = data.toString("latin1");
      if (this.#holdBack[0]?.statement.test(text) === true) {
        const { cut } = this.#holdBack.shift()!;
        this.#held.push(() => upstream.write(data));
        if (!cut) return;
        held = true;
        return void client.destroy();
      }
      if (this.#loseAnswerTo?.test(text)) {
        this.#loseAnswerTo = null;
        swallow = true;
      }
      upstream.write(data);
    });
    upstream.on("data", (data: Buffer) => {
      // The answer means that it was carried out.
      if (swallow) {
        this.away = this.#awayThen;
        return void client.destroy();
      }
      client.write(this.deaf ? withoutNotifications(data) : data);
    });
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.on("close", () => {
      if (!held) upstream.destroy();
      this.#lines.delete(line);
    });
    upstream.on("close", () => client.destroy());
  }

  #note({ type, body }: Message): void {
    if (type === "Q") this.statements.push(textAt(body, 0));
    if (type !== "P") return;
    const name = textAt(body, 0);
    if (name !== "") this.names.push(name);
    this.statements.push(textAt(body, Buffer.byteLength(name) + 1));
  }
}

interface Message {
  readonly type: string;
  readonly body: Buffer;
  readonly whole: Buffer;
}

// Small messages arrive whole on the loopback; of one that does not, the rest is not looked at.
function* messagesOf(data: Buffer): Generator<Message> {
  for (let at = 0; at + 5 <= data.length;) {
    const end = at + 1 + data.readUInt32BE(at + 1);
    yield { type: String.fromCharCode(data[at]!), body: data.subarray(at + 5, end), whole: data.subarray(at, end) };
    at = end;
  }
}

const textAt = (body: Buffer, at: number): string => body.toString("utf8", at, body.indexOf(0, at));

const withoutNotifications = (data: Buffer): Buffer =>
  Buffer.concat([...messagesOf(data)].filter(({ type }) => type !== "A").map(({ whole }) => whole));
