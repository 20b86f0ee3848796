// A proxy before PostgreSQL that fails on command: half-open, cut, refusing, answering in the server's stead. It reads
// the protocol, so it can do that to one of a program's connections, which are told apart by their application_name.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { eventually } from './eventually.ts';
import { applicationNameIn, failure, Messages, query, statementIn, typeOf } from './pg-wire.ts';

interface Place {
  host: string;
  port: number;
}

interface Canned {
  pattern: RegExp;
  error: { code: string; message: string };
}

export interface PostgresProxy {
  /** The same URL, but through the proxy. */
  through(url: string): string;
  /** From now on new connections go to the server of this URL. */
  pointAt(url: string): void;
  /** Connections that have ever come in, also those that were refused. */
  readonly accepted: number;
  /** Connections that their client has not ended yet. */
  readonly open: number;
  /** What the connections of this name have asked for, in order. */
  statements(name: string): string[];
  /** Half-open: connections stand and new ones are taken, but nothing comes through either way, not even an end. */
  silence(name?: string): void;
  /** Half-open for ever: the connections of this name that are there now. */
  lose(name: string): void;
  /** Ends the silence; what was held back comes through, as after TCP's retransmission. */
  speak(): void;
  cut(name?: string): void;
  /** Turns new connections away, and cuts those that are there. */
  refuse(): void;
  accept(): void;
  /** Runs a statement in that connection's session, which does not learn of it. */
  inject(name: string, sql: string): Promise<void>;
  /** The next statement that matches does not reach the server and is answered with this error. */
  failOnce(pattern: RegExp, error: { code: string; message: string }): void;
  close(): Promise<void>;
}

export async function openProxy(url: string): Promise<PostgresProxy> {
  const wires = new Set<Wire>();
  const canned: Canned[] = [];
  let target = placeOf(url);
  let isRefusing = false;
  let accepted = 0;
  let isSilent = (_name: string) => false;

  // Half-open allowed: while silent, not even the end of a connection is answered.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted += 1;
    client.on('error', () => undefined);
    if (isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const wire = new Wire({
      client,
      server: connect({ ...target, allowHalfOpen: true }),
      canned,
      isSilent: (name) => isSilent(name),
    });
    wires.add(wire);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const named = (name?: string) => [...wires].filter((wire) => name === undefined || wire.name === name);
  const cut = (name?: string) => {
    for (const wire of named(name)) wire.cut();
  };
  return {
    through: (original) => moved(original, (server.address() as AddressInfo).port),
    pointAt: (other) => {
      target = placeOf(other);
    },
    get accepted() {
      return accepted;
    },
    get open() {
      return [...wires].filter((wire) => !wire.isLeft).length;
    },
    statements: (name) => named(name).flatMap((wire) => wire.statements),
    silence: (name) => {
      isSilent = (other) => name === undefined || other === name;
    },
    lose: (name) => {
      for (const wire of named(name)) wire.isLost = true;
    },
    speak: () => {
      isSilent = () => false;
      for (const wire of wires) wire.flush();
    },
    cut,
    refuse: () => {
      isRefusing = true;
      cut();
    },
    accept: () => {
      isRefusing = false;
    },
    inject: async (name, sql) => {
      const wire = await eventually(`an idle connection ${name}`, () => named(name).find(({ isIdle }) => isIdle));
      await wire.inject(sql);
    },
    failOnce: (pattern, error) => canned.push({ pattern, error }),
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

interface WireOptions {
  client: Socket;
  server: Socket;
  canned: Canned[];
  isSilent: (name: string) => boolean;
}

/** One connection of a client with its connection to the server. */
class Wire {
  name: string | undefined;
  readonly statements: string[] = [];
  isIdle = false;
  isLost = false;
  readonly #options: WireOptions;
  #held: (() => void)[] = [];
  #injected: { resolve: () => void; reject: (error: Error) => void; waiting: Buffer[] } | undefined;

  constructor(options: WireOptions) {
    this.#options = options;
    const { client, server } = options;
    const fromClient = new Messages({ from: 'client' });
    const fromServer = new Messages({ from: 'server' });
    client.on('data', (chunk) => {
      for (const message of fromClient.take(chunk)) this.#hearClient(message);
    });
    server.on('data', (chunk) => {
      for (const message of fromServer.take(chunk)) this.#pass(() => this.#hearServer(message));
    });
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    for (const event of ['end', 'close']) {
      client.on(event, () => this.#pass(() => this.#end()));
      server.on(event, () => this.#pass(() => this.#end()));
    }
  }

  get isLeft(): boolean {
    const { client } = this.#options;
    return client.readableEnded || client.destroyed;
  }

  cut(): void {
    this.#held = [];
    this.#options.client.destroy();
    this.#options.server.destroy();
  }

  flush(): void {
    for (const event of this.#held.splice(0)) event();
  }

  inject(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.isIdle = false;
      this.#injected = { resolve, reject, waiting: [] };
      this.#options.server.write(query(sql));
    });
  }

  #end(): void {
    this.#options.client.destroySoon();
    this.#options.server.destroySoon();
  }

  #pass(event: () => void): void {
    if (this.isLost || this.#options.isSilent(this.name ?? '')) this.#held.push(event);
    else event();
  }

  #hearClient(message: Buffer): void {
    if (this.name === undefined) this.name = applicationNameIn(message);
    const statement = statementIn(message);
    if (statement !== undefined) this.statements.push(statement);
    this.#pass(() => this.#toServer(message, statement));
  }

  #toServer(message: Buffer, statement: string | undefined): void {
    const { client, server, canned } = this.#options;
    if (this.#injected) {
      this.#injected.waiting.push(message);
      return;
    }
    const index = canned.findIndex(({ pattern }) => statement !== undefined && pattern.test(statement));
    const [answer] = index < 0 ? [] : canned.splice(index, 1);
    if (answer) {
      client.write(failure(answer.error));
      return;
    }
    this.isIdle = false;
    server.write(message);
  }

  #hearServer(message: Buffer): void {
    const type = typeOf(message);
    const injected = this.#injected;
    // Notifications, notices and changed settings may come at any time and are not part of an answer.
    if (injected === undefined || 'ANS'.includes(type)) {
      this.isIdle ||= type === 'Z';
      this.#options.client.write(message);
      return;
    }
    if (type === 'E') injected.reject(new Error(message.toString()));
    if (type !== 'Z') return;
    this.#injected = undefined;
    this.isIdle = true;
    for (const waiting of injected.waiting) this.#toServer(waiting, statementIn(waiting));
    injected.resolve();
  }
}

function placeOf(url: string): Place {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 5432) };
}

function moved(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}
