// Who is signed in at this page.
import * as z from 'zod/mini';
import { RequestError, type Taskfeed } from '../../../client/index.ts';
import { Signal } from '../live/signal.ts';

export interface Me {
  name: string;
  /** As changes name this person: `manager:3`. */
  actor: string;
}

const answer = z.object({ manager: z.object({ id: z.int(), name: z.string() }) });

/** Filled in when the server has answered; undefined where there is no sign-in. */
export function readMe(feed: Pick<Taskfeed, 'request'>): Signal<Me | undefined> {
  const me = new Signal<Me | undefined>(undefined);
  feed.request('GET', '/api/session').then(
    (body) => {
      const { manager } = answer.parse(body);
      me.set({ name: manager.name, actor: `manager:${manager.id}` });
    },
    (error: unknown) => {
      if (!(error instanceof RequestError)) throw error;
    },
  );
  return me;
}
