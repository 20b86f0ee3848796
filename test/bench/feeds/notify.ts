// NOTIFY in every commit: with the row, or with its id and a query.
import pg from 'pg';
import { type Feed, fullTask, openSockets, plainFeed } from './feed.ts';

async function listen(url: string, channel: string, onPayload: (payload: string) => void): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, keepAlive: true });
  client.on('notification', ({ payload }) => onPayload(payload ?? ''));
  await client.connect();
  await client.query(`listen ${channel}`);
  return client;
}

export async function rowFeed(url: string): Promise<Feed> {
  const sockets = await openSockets();
  const client = await listen(url, 'rows', (payload) => {
    sockets.io.emit('task:updated', { task: JSON.parse(payload) });
  });
  return plainFeed(sockets, () => client.end());
}

export async function idFeed(url: string): Promise<Feed> {
  const sockets = await openSockets();
  const reader = new pg.Client({ connectionString: url, keepAlive: true });
  await reader.connect();
  await reader.query(`set timezone = 'UTC'`);
  // One connection and one query at a time, so that the last answer about a row is the newest.
  const read = async (id: string) => {
    const { rows } = await reader.query({ name: 'task', text: `${fullTask} where d.id = $1`, values: [id] });
    if (rows[0]) sockets.io.emit('task:updated', { task: rows[0].task });
  };
  let isStopping = false;
  let reading = Promise.resolve();
  const client = await listen(url, 'ids', (payload) => {
    reading = reading.then(async () => {
      if (!isStopping) await read(payload);
    });
  });
  return plainFeed(sockets, async () => {
    isStopping = true;
    await client.end();
    await reading;
    await reader.end();
  });
}
