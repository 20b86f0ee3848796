// One connection: opened once, told about by events, closed once. The next one is another: nothing that an old socket
// still has to say can reach a line that has gone on.
import { io, type Socket } from 'socket.io-client';
import type * as z from 'zod/mini';
import {
  type ClientToServer,
  connectError,
  feedEnd,
  feedPulse,
  feedReady,
  feedReset,
  type ServerToClient,
} from '../protocol/feed.ts';
import type { LineEvent } from './line-state.ts';

export type FeedSocket = Socket<ServerToClient, ClientToServer>;

export interface Connection {
  /**
   * Further messages, by name. One that this version cannot read may have held a change, so nothing after it would be
   * sure: the line ends with the code `protocol`.
   */
  hears<T>(name: string, schema: z.ZodMiniType<T>, hear: (message: T) => void): void;
  /** feed:resume; the answer will carry the number. */
  ask(number: number, since: string | undefined): void;
  close(): void;
}

/** Opens a socket to `url` (empty: the page's own origin). */
export type Connect = (url: string, auth: object) => FeedSocket;

/** The connection is made, lost and made again by the line, so the socket itself never reconnects. */
export const connectBySocketIo: Connect = (url, auth) => {
  const isBrowser = typeof window !== 'undefined';
  const options = {
    auth,
    forceNew: true,
    reconnection: false,
    timeout: 10_000,
    transports: isBrowser ? ['websocket', 'polling'] : ['websocket'],
    tryAllTransports: isBrowser,
  };
  return url === '' ? io(options) : io(url, options);
};

/** Whatever happens is told as an event of the line. */
export function openConnection(socket: FeedSocket, tell: (event: LineEvent) => void): Connection {
  let isOpen = true;
  const lose = (event: LineEvent) => {
    if (!isOpen) return;
    isOpen = false;
    tell(event);
    socket.disconnect();
  };
  const hears: Connection['hears'] = (name, schema, hear) => {
    (socket as Socket).on(name, (data: unknown) => {
      if (!isOpen) return;
      const parsed = schema.safeParse(data);
      if (parsed.success) hear(parsed.data);
      else tell({ type: 'end', code: 'protocol' });
    });
  };
  socket.on('connect', () => isOpen && tell({ type: 'connected' }));
  socket.on('disconnect', () => lose({ type: 'lost' }));
  socket.on('connect_error', (error) => {
    const refusal = connectError.safeParse((error as { data?: unknown }).data);
    lose(refusal.success ? { type: 'refused', ...refusal.data } : { type: 'lost' });
  });
  hears('feed:ready', feedReady, (ready) => tell({ type: 'ready', ready }));
  hears('feed:reset', feedReset, (reset) => tell({ type: 'reset', reset }));
  hears('feed:pulse', feedPulse, (pulse) => tell({ type: 'pulse', pulse }));
  // A server that stops for a moment tells nothing any more: that is a loss, not an end.
  hears('feed:end', feedEnd, ({ code, spread_ms: spreadMs }) => {
    if (code === 'shutdown') lose({ type: 'lost', spreadMs });
    else tell({ type: 'end', code });
  });
  return {
    hears,
    ask: (ask, since) => socket.emit('feed:resume', { ask, ...(since === undefined ? {} : { since }) }),
    close: () => {
      isOpen = false;
      socket.disconnect();
    },
  };
}
