// A process that runs one column's feed, started and stopped for every round.

import { batchedFeed, decodedFeed } from './feeds/decoding.ts';
import type { Feed } from './feeds/feed.ts';
import { idFeed, rowFeed } from './feeds/notify.ts';
import { taskfeed } from './feeds/taskfeed.ts';
import type { Delivering } from './plan.ts';
import { serve } from './workers.ts';

const starts: Record<Delivering, (url: string) => Promise<Feed>> = {
  row: rowFeed,
  id: idFeed,
  decoded: decodedFeed,
  batched: batchedFeed,
  taskfeed,
};

let feed: Feed | undefined;

const handlers = {
  start: async (column: Delivering, url: string) => {
    feed = await starts[column](url);
    return feed.url;
  },
  settle: async () => await feed?.settle(),
  figures: () => feed?.figures(),
  stop: async () => {
    await feed?.stop();
    feed = undefined;
  },
};

export type FeedHandlers = typeof handlers;
serve(handlers);
