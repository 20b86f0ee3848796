// A process that runs one column's feed, started and stopped for every round.

import { batchedFeed, decodedFeed } from './feeds/decoding.ts';
import { emittingWriter } from './feeds/emit.ts';
import type { Feed } from './feeds/feed.ts';
import { bareListen } from './feeds/listen.ts';
import { idFeed, rowFeed } from './feeds/notify.ts';
import { taskfeed } from './feeds/taskfeed.ts';
import type { Column, Row } from './plan.ts';
import { serve } from './workers.ts';

const starts: Record<Exclude<Column, 'bare'>, (url: string) => Promise<Feed>> = {
  row: rowFeed,
  id: idFeed,
  decoded: decodedFeed,
  batched: batchedFeed,
  listen: bareListen,
  emit: emittingWriter,
  taskfeed,
};

let feed: Feed | undefined;

const handlers = {
  start: async (column: Exclude<Column, 'bare'>, url: string) => {
    feed = await starts[column](url);
    return feed.url;
  },
  settle: async () => await feed?.settle(),
  figures: () => feed?.figures(),
  write: async (row: Row, round: number) => await feed?.write?.(row, round),
  writeLast: async (note: string) => await feed?.writeLast?.(note),
  heard: () => feed?.heard?.(),
  stop: async () => {
    await feed?.stop();
    feed = undefined;
  },
};

export type FeedHandlers = typeof handlers;
serve(handlers);
