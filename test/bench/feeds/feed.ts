// What every delivering column is: a feed of one database into a Socket.IO server. The columns that are not ours are
// written as somebody would write them who knows the method well: one pinned connection, prepared statements.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Written } from '../pgbench.ts';
import type { Row } from '../plan.ts';

export interface FeedFigures {
  rings: number;
  drains: number;
  /** Milliseconds in each state of the listener. */
  states: Record<string, number>;
  /** From the first ring to the first time hot, ms. */
  hotAfterMs?: number;
}

export interface Feed {
  url: string;
  /** Resolves when nothing is going on any more; figures are counted from here. */
  settle(): Promise<void>;
  /** Undefined where there is nothing to tell. */
  figures(): FeedFigures | undefined;
  /** Where the feed itself is the writer: a round's writes, and the one after them. */
  write?(row: Row, round: number): Promise<Written>;
  writeLast?(note: string): Promise<void>;
  /** Where the feed itself is the client: note → when it was heard, ms since 1970. */
  heard?(): Map<string, number>;
  stop(): Promise<void>;
}

export interface Sockets {
  io: Server;
  url: string;
  close(): Promise<void>;
}

/** The same settings as Taskfeed's own server. */
export async function openSockets(): Promise<Sockets> {
  const http = createServer();
  const io = new Server(http, { serveClient: false, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const close = async () => {
    await io.close();
    http.closeAllConnections();
  };
  return { io, url, close };
}

/** A feed that has no states: it is ready when it is started. */
export function plainFeed(sockets: Sockets, stop: () => Promise<unknown>): Feed {
  return {
    url: sockets.url,
    settle: async () => undefined,
    figures: () => undefined,
    stop: async () => {
      await stop();
      await sockets.close();
    },
  };
}

/** Rows with everything that screens show. */
export const fullTask = 'select to_json(d) as task from public.task_details d';
