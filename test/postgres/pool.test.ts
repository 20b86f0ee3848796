// The pool of the routes.

import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, it, jest } from '@jest/globals';
import { createPool } from '../../src/postgres/pool.ts';
import { createScope } from '../support/scope.ts';

const scope = createScope();

it('remarks to whom it is told to, and writes no line of its own', async () => {
  const console = jest.spyOn(globalThis.console, 'log').mockImplementation(() => undefined);
  scope.add(async () => console.mockRestore());
  // A server that ends every connection at once.
  const server = createServer((socket) => socket.destroy());
  scope.add(() => new Promise((resolve) => server.close(() => resolve(undefined))));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `postgresql://taskfeed@127.0.0.1:${(server.address() as AddressInfo).port}/taskfeed`;
  const remarks: string[] = [];
  for (const log of [undefined, (remark: string) => remarks.push(remark)]) {
    const knex = createPool({ url, ...(log ? { log } : {}) });
    scope.add(() => knex.destroy());
    await expect(knex.raw('select 1')).rejects.toThrow();
  }
  expect(console).not.toHaveBeenCalled();
  expect(remarks.join()).toMatch(/connection/i);
});
