// What a connection has been given and its client has not taken. Engine.IO knows, but says it in parts that it does not
// publish; they are looked at here and nowhere else.
import { once } from 'node:events';
import type { Socket } from 'socket.io';

export type Connection = Socket['conn'];

/** The response to a poll. */
interface Response {
  writableFinished: boolean;
  socket: { writableLength: number } | null;
  destroy(): void;
}

interface Internals {
  /** Packets that wait for the transport. */
  writeBuffer: { data?: string | Buffer }[];
  transport: {
    name: string;
    writable: boolean;
    /** WebSocket only. */
    socket?: { bufferedAmount: number; terminate(): void };
    /** Long polling only, and only while a request waits for an answer. */
    res?: Response | null;
  };
}

export interface Unsent {
  /** Bytes, nearly: text counts a byte per character. What the kernel has taken is not known and does not count. */
  bytes: number;
  /** How long the oldest of them has been waiting, ms. */
  ageMs: number;
}

/** Follows what of one connection is unsent. `measure` must be called often: ages are as exact as it is frequent. */
export class Outbox {
  readonly #connection: Connection;
  readonly #now: () => number;
  #waitingSince: number | undefined;
  #inFlightSince = 0;
  #response: Response | null | undefined;

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    // Everything that waits is handed to the transport at once.
    connection.on('flush', () => {
      this.#inFlightSince = this.#waitingSince ?? this.#now();
      this.#waitingSince = undefined;
      this.#response = internalsOf(this.#connection).transport.res;
    });
  }

  measure(): Unsent {
    const { writeBuffer, transport } = internalsOf(this.#connection);
    let bytes = (transport.socket?.bufferedAmount ?? 0) + (this.#response?.socket?.writableLength ?? 0);
    for (const { data } of writeBuffer) bytes += data?.length ?? 0;
    const now = this.#now();
    if (writeBuffer.length > 0) this.#waitingSince ??= now;
    const isInFlight = isWriting(transport) || this.#response?.writableFinished === false;
    if (!isInFlight) this.#response = undefined;
    const since = isInFlight ? this.#inFlightSince : this.#waitingSince;
    return { bytes, ageMs: since === undefined ? 0 : now - since };
  }

  /** Ends the connection now, whether or not its client reads. */
  hangUp(): void {
    const { transport } = internalsOf(this.#connection);
    this.#connection.close(true);
    // A WebSocket's own close queues behind what is unsent, and keeps that in memory for another half minute.
    transport.socket?.terminate();
    this.#response?.destroy();
  }
}

/** Resolves when everything has been handed to the kernel, or the connection has ended. */
export async function sent(connection: Connection): Promise<void> {
  for (;;) {
    const { writeBuffer, transport } = internalsOf(connection);
    if (connection.readyState !== 'open' || (writeBuffer.length === 0 && !isWriting(transport))) return;
    const change = new AbortController();
    const options = { signal: change.signal };
    // The connection's own `drain` comes before anything is written; the transport's comes after.
    const changes = [
      once(connection.transport, 'drain', options),
      once(connection, 'upgrade', options),
      once(connection, 'close', options),
    ].map((event) => event.catch(() => undefined));
    await Promise.race(changes);
    change.abort();
  }
}

// Long polling hands over a whole response at once, and is not writable until it is asked again.
function isWriting({ name, writable }: Internals['transport']): boolean {
  return name === 'websocket' && !writable;
}

function internalsOf(connection: Connection): Internals {
  return connection as unknown as Internals;
}
