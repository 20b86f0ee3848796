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
    socket?: WebSocket;
    /** Long polling only, and only while a request waits for an answer. */
    res?: Response | null;
  };
}

/** Of the package ws. */
interface WebSocket {
  readyState: number;
  bufferedAmount: number;
  _socket?: { bytesWritten: number };
  _sender: { sendFrame(frame: Buffer[]): void };
  terminate(): void;
}

/** What is sent to many, encoded once for all of them. */
export interface Message {
  text: string;
  frame: Buffer;
}

/** An event of the default namespace, as Socket.IO writes it, and the WebSocket frame around it. */
export function messageOf(name: string, data: unknown): Message {
  const text = `2${JSON.stringify([name, data])}`;
  return { text, frame: frameOf(Buffer.from(`4${text}`)) };
}

/**
 * Sends to one of many. Where nothing waits the frame goes to the WebSocket as it is: Engine.IO's way there costs as much
 * as the writing itself. Otherwise it takes its place behind what waits.
 */
export function post(connection: Connection, { text, frame }: Message): void {
  const { writeBuffer, transport } = internalsOf(connection);
  if (connection.readyState !== 'open') return;
  const { socket } = transport;
  if (socket?.readyState === 1 && writeBuffer.length === 0) socket._sender.sendFrame([frame]);
  else queue(connection, { text, frame });
}

/** Sends it by Engine.IO's way, so that `sent` knows of it. */
export function queue(connection: Connection, { text, frame }: Message): void {
  connection.write(text, { wsPreEncodedFrame: [frame] } as object);
}

/** RFC 6455: a whole text message, not masked since it comes from a server. One buffer, so one write. */
function frameOf(payload: Buffer): Buffer {
  const { length } = payload;
  const extra = length > 0xffff ? 8 : length > 125 ? 2 : 0;
  const frame = Buffer.allocUnsafeSlow(2 + extra + length);
  frame[0] = 0x81;
  frame[1] = extra === 8 ? 127 : extra === 2 ? 126 : length;
  if (extra === 2) frame.writeUInt16BE(length, 2);
  else if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(frame, 2 + extra);
  return frame;
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
  #answeredSince = 0;
  #response: Response | null | undefined;
  /** How many bytes the WebSocket had been handed in all at each look, since it last had written everything. */
  #handed: { at: number; bytes: number }[] = [];

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
    // Everything that waits is handed to the transport at once.
    connection.on('flush', () => {
      const { res } = internalsOf(this.#connection).transport;
      if (res) {
        this.#answeredSince = this.#waitingSince ?? this.#now();
        this.#response = res;
      }
      this.#waitingSince = undefined;
    });
  }

  measure(): Unsent {
    const { writeBuffer, transport } = internalsOf(this.#connection);
    const now = this.#now();
    if (writeBuffer.length > 0) this.#waitingSince ??= now;
    if (this.#response?.writableFinished !== false) this.#response = undefined;
    let bytes = (transport.socket?.bufferedAmount ?? 0) + (this.#response?.socket?.writableLength ?? 0);
    for (const { data } of writeBuffer) bytes += data?.length ?? 0;
    const inFlightSince = this.#response ? this.#answeredSince : this.#handedSince(transport.socket, now);
    const since = inFlightSince ?? this.#waitingSince;
    return { bytes, ageMs: since === undefined ? 0 : now - since };
  }

  /** Ends the connection now, and with it the answer to a poll that is still being written. */
  hangUp(): void {
    hangUp(this.#connection);
    this.#response?.destroy();
  }

  // Bytes are written in the order in which they were handed over. So the oldest unsent byte had been handed over at the
  // first look at which more had been than is written by now, and had not at the look before it.
  #handedSince(socket: WebSocket | undefined, at: number): number | undefined {
    const unsent = socket?.bufferedAmount ?? 0;
    if (unsent === 0) {
      if (this.#handed.length > 0) this.#handed = [];
      return undefined;
    }
    const bytes = socket?._socket?.bytesWritten ?? 0;
    this.#handed = this.#handed.filter((look) => look.bytes > bytes - unsent);
    this.#handed.push({ at, bytes });
    return this.#handed[0]?.at;
  }
}

/** Ends the connection now, whether or not its client reads. */
export function hangUp(connection: Connection): void {
  const { transport } = internalsOf(connection);
  connection.close(true);
  // A WebSocket's own close queues behind what is unsent, and waits for the client for another half minute.
  transport.socket?.terminate();
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
