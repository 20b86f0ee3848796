// Where the outbox is kept: IndexedDB, so that it survives the page, the browser and a flat battery. The link's token is
// not in it; a page knows its own. Where there is no IndexedDB it is kept in memory, for as long as the page is open.
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { Entry } from './outbox.ts';

/** A photo as it will be sent. Bytes and no Blob: some browsers lose Blobs between visits. */
export interface PhotoFile {
  type: string;
  bytes: ArrayBuffer;
}

export interface OutboxStore {
  /** Entries of all links, in order. */
  read(): Promise<Entry[]>;
  /** One transaction: nobody else writes between what `alter` is given and what it makes of it. */
  change(alter: (entries: Entry[]) => Entry[]): Promise<Entry[]>;
  /** One entry more, with its photo. */
  add(entry: Entry, photo?: PhotoFile): Promise<void>;
  photo(key: string): Promise<PhotoFile | undefined>;
}

interface Schema extends DBSchema {
  entries: { key: string; value: Entry };
  photos: { key: string; value: PhotoFile };
}

export async function openOutboxStore(): Promise<OutboxStore> {
  try {
    return keptIn(await openDB<Schema>('taskfeed-outbox', 1, { upgrade: makeStores }));
  } catch {
    return inMemory();
  }
}

function makeStores(database: IDBPDatabase<Schema>): void {
  database.createObjectStore('entries', { keyPath: 'key' });
  database.createObjectStore('photos');
}

function keptIn(database: IDBPDatabase<Schema>): OutboxStore {
  return {
    read: async () => inOrder(await database.getAll('entries')),
    change: async (alter) => {
      const transaction = database.transaction(['entries', 'photos'], 'readwrite');
      const [entries, photos] = [transaction.objectStore('entries'), transaction.objectStore('photos')];
      const before = inOrder(await entries.getAll());
      const after = alter(before);
      const { put, dropped, moved } = difference(before, after);
      for (const entry of put) await entries.put(entry);
      for (const { from, to } of moved) {
        const photo = await photos.get(from);
        if (photo) await photos.put(photo, to);
      }
      for (const key of dropped) {
        await entries.delete(key);
        await photos.delete(key);
      }
      await transaction.done;
      return after;
    },
    add: async (entry, photo) => {
      const transaction = database.transaction(['entries', 'photos'], 'readwrite');
      if (photo) await transaction.objectStore('photos').put(photo, entry.key);
      await transaction.objectStore('entries').put(entry);
      await transaction.done;
    },
    photo: (key) => database.get('photos', key),
  };
}

function inMemory(): OutboxStore {
  let entries: Entry[] = [];
  const photos = new Map<string, PhotoFile>();
  return {
    read: () => Promise.resolve(entries),
    change: (alter) => {
      const after = alter(entries);
      const { dropped, moved } = difference(entries, after);
      for (const { from, to } of moved) {
        const photo = photos.get(from);
        if (photo) photos.set(to, photo);
      }
      for (const key of dropped) photos.delete(key);
      entries = inOrder(after);
      return Promise.resolve(entries);
    },
    add: (entry, photo) => {
      if (photo) photos.set(entry.key, photo);
      entries = inOrder([...entries, entry]);
      return Promise.resolve();
    },
    photo: (key) => Promise.resolve(photos.get(key)),
  };
}

function inOrder(entries: Entry[]): Entry[] {
  return entries.sort((one, other) => one.order - other.order);
}

/** What to write and to delete; an entry that goes on under a new key keeps its place in the order, and its photo. */
function difference(before: Entry[], after: Entry[]) {
  const old = new Map(before.map((entry) => [entry.key, entry]));
  const put = after.filter((entry) => old.get(entry.key) !== entry);
  const kept = new Set(after.map(({ key }) => key));
  const dropped = before.filter(({ key }) => !kept.has(key)).map(({ key }) => key);
  const moved = put
    .filter(({ key, what }) => what.kind === 'photo' && !old.has(key))
    .flatMap((entry) => {
      const from = before.find(({ order, key }) => order === entry.order && key !== entry.key);
      return from ? [{ from: from.key, to: entry.key }] : [];
    });
  return { put, dropped, moved };
}
