// Lists as answers of HTTP. Who asks for the same page together shares one query and one text of it (shared-reads.ts):
// every manager may see every row, so whoever may ask at all gets the same.
import type { Response } from 'express';
import type { Page } from '../tasks/database.ts';
import { SharedReads } from './shared-reads.ts';

interface Answer {
  body: Buffer;
  etag: string;
}

export interface ListRequest {
  /** Of the member with the rows. */
  name: string;
  query: object;
  read: () => Promise<Page<object>>;
}

export class SharedLists {
  readonly #reads = new SharedReads<Answer>();

  async send(response: Response, { name, query, read }: ListRequest): Promise<void> {
    const { body, etag } = await this.#reads.read(`${name} ${JSON.stringify(query)}`, async () => {
      const { rows, cursor, next } = await read();
      const text = Buffer.from(JSON.stringify({ [name]: rows, cursor, next }));
      return { body: text, etag: response.app.get('etag fn')(text) as string };
    });
    response.set('ETag', etag).type('json').send(body);
  }
}
