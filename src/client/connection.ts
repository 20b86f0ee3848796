// One connection: opened once, told about by events, closed once. The next one is another: nothing that an old socket
// still has to say can reach a line that has gone on.
import { io, type Socket } from 'socket.io-client';
import type * as z from 'zod/mini';
import {
  type ClientToServer,
  connectError,
  feedBatch,
  feedEnd,
  feedPulse,
  feedReady,
  feedReset,
  type ServerToClient,
} from '../protocol/feed.ts';

export type FeedSocket = Socket<ServerToClient, ClientToServer>;

export interface ConnectionHandlers {
  connected(): void;
  lost(): void;
  refused(refusal: { code: string; retry: boolean }): void;
  ready(ready: z.infer<typeof feedReady>): void;
  reset(reset: z.infer<typeof feedReset>): void;
  pulse(pulse: z.infer<typeof feedPulse>): void;
  end(code: string): void;
  /** Further messages, by name. */
  messages: Readonly<Record<string, (data: unknown) => void>>;
}

export interface Connection {
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

export function openConnection(socket: FeedSocket, handlers: ConnectionHandlers): Connection {
  let isOpen = true;
  const lost = (tell: () => void) => {
    if (!isOpen) return;
    isOpen = false;
    tell();
    socket.disconnect();
  };
  socket.on('connect', () => isOpen && handlers.connected());
  socket.on('disconnect', () => lost(handlers.lost));
  socket.on('connect_error', (error) => {
    const refusal = connectError.safeParse((error as { data?: unknown }).data);
    lost(() => (refusal.success ? handlers.refused(refusal.data) : handlers.lost()));
  });
  const hears = (name: string, hear: (data: unknown) => void) => {
    (socket as Socket).on(name, (data: unknown) => isOpen && hear(data));
  };
  hears('feed:ready', reads(feedReady, handlers.ready, handlers));
  hears('feed:reset', reads(feedReset, handlers.reset, handlers));
  hears('feed:pulse', reads(feedPulse, handlers.pulse, handlers));
  // A server that stops for a moment closes the connection too: that is a loss, not an end.
  hears(
    'feed:end',
    reads(feedEnd, ({ code }) => code !== 'shutdown' && handlers.end(code), handlers),
  );
  for (const [name, hear] of Object.entries(handlers.messages)) hears(name, hear);
  return {
    ask: (ask, since) => socket.emit('feed:resume', { ask, ...(since === undefined ? {} : { since }) }),
    close: () => {
      isOpen = false;
      socket.disconnect();
    },
  };
}

/**
 * Reads a message. One that this version cannot read may have held a change, so nothing after it would be sure: the line
 * ends with the code `protocol`.
 */
export function reads<T>(
  schema: z.ZodMiniType<T>,
  use: (message: T) => void,
  { end }: Pick<ConnectionHandlers, 'end'>,
): (data: unknown) => void {
  return (data) => {
    const parsed = schema.safeParse(data);
    if (parsed.success) use(parsed.data);
    else end('protocol');
  };
}

/** `feed:batch`, for those who ask for batches. */
export function readsBatch(use: (batch: z.infer<typeof feedBatch>) => void, handlers: Pick<ConnectionHandlers, 'end'>) {
  return reads(feedBatch, use, handlers);
}
