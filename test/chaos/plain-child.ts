// The plain loop: the row in a NOTIFY, pg-listen with reconnection set to go on for ever, and an emit to all.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import pgListen from 'pg-listen';
import { Server } from 'socket.io';
import { say, watchLoop } from './child.ts';

const url = process.argv[2] ?? '';
const pool = new pg.Pool({ connectionString: url, application_name: 'plain', connectionTimeoutMillis: 5_000 });
pool.on('error', () => undefined);

const http = createServer((request, response) => {
  if (request.url !== '/tasks') return;
  pool.query('select id, version, note from public.tasks order by id').then(
    ({ rows }) => response.end(JSON.stringify(rows)),
    () => response.writeHead(503).end(),
  );
});
const io = new Server(http, { serveClient: false, perMessageDeflate: false });

const subscriber = pgListen.default(
  { connectionString: url, application_name: 'plain listener', keepAlive: true },
  {
    paranoidChecking: 5_000,
    retryInterval: (attempt) => Math.min(1_000, 50 * 2 ** attempt),
    retryLimit: Number.POSITIVE_INFINITY,
    retryTimeout: 0,
  },
);
subscriber.events.on('error', (error) => say({ what: 'deaf', reason: error.message }));
// Told when LISTEN is answered.
subscriber.events.on('connected', () => say({ what: 'listening' }));
subscriber.events.on('reconnect', () => say({ what: 'deaf', reason: 'reconnecting' }));
subscriber.notifications.on('plain', (change) => io.emit('row', change));
await subscriber.connect();
await subscriber.listenTo('plain');
http.listen(0, '127.0.0.1', () => say({ what: 'ready', port: (http.address() as AddressInfo).port }));
watchLoop();
