// The snapshot: every page of every list, and from where the feed has to be read on.
//
// Each page is a snapshot of its own, so a change may be in a later page and not in an earlier one. Reading on from the
// earliest cursor of all tells everything that any page lacks; what a page has already is told again, and the as_of of
// its rows says so. The first page of a list is its earliest, and of several lists the earliest first page counts.
import { type AsOf, compareAsOf } from '../protocol/cursor.ts';
import { type Place, placeOf } from './place.ts';
import type { AnyRow, ListPage, Topic } from './topics.ts';

export interface LoadedPage {
  rows: readonly AnyRow[];
  asOf: AsOf;
  /** Ids up to here are in this page, or were in no row when it was read. */
  lastId: number;
}

export interface Snapshot {
  /** The earliest cursor: where to read on. */
  place: Place;
  /** The latest page: from here on all rows are of one moment. */
  horizon: AsOf;
  lists: ReadonlyMap<Topic, readonly LoadedPage[]>;
}

/** Why there is no snapshot, in words for people. */
export class SnapshotError extends Error {
  override name = 'SnapshotError';
}

/** Reads every list to its end; lists beside each other, the pages of one after the other. */
export async function loadSnapshot(
  topics: readonly Topic[],
  loadPage: (topic: Topic, after: number | undefined) => Promise<ListPage>,
): Promise<Snapshot> {
  const loaded = await Promise.all(
    topics.map(async (topic): Promise<[Topic, ListPage[]]> => {
      const pages: ListPage[] = [];
      for (let after: number | null | undefined; after !== null; after = pages.at(-1)?.next ?? null) {
        pages.push(await loadPage(topic, after));
      }
      return [topic, pages];
    }),
  );
  return assemble(new Map(loaded));
}

/** Throws SnapshotError where the pages are not of one epoch. */
export function assemble(loaded: ReadonlyMap<Topic, readonly ListPage[]>): Snapshot {
  const lists = new Map<Topic, LoadedPage[]>();
  let earliest: Place | undefined;
  let latest: Place | undefined;
  for (const [topic, pages] of loaded) {
    const list: LoadedPage[] = [];
    for (const { rows, cursor, next } of pages) {
      const place = placeOf(cursor);
      if (!place) throw new SnapshotError('The server answered with something this client does not understand.');
      if (earliest && place.epoch !== earliest.epoch) {
        throw new SnapshotError('The database was restarted while its rows were being loaded.');
      }
      if (!earliest || compareAsOf(place.asOf, earliest.asOf) < 0) earliest = place;
      if (!latest || compareAsOf(place.asOf, latest.asOf) > 0) latest = place;
      list.push({ rows, asOf: place.asOf, lastId: next ?? Number.POSITIVE_INFINITY });
    }
    lists.set(topic, list);
  }
  if (!earliest || !latest) throw new SnapshotError('A snapshot has at least one list.');
  return { place: earliest, horizon: latest.asOf, lists };
}
