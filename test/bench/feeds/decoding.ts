// Logical decoding: the server reads its own WAL and sends every changed row. Progress is acknowledged once per second.
import pg from 'pg';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { eventually } from '../../support/eventually.ts';
import { type Feed, fullTask, openSockets, plainFeed } from './feed.ts';

const publication = 'bench';

interface Decoded {
  id: number;
  version: number;
}

interface Decoder {
  reader: pg.Client;
  stop: () => Promise<void>;
}

async function decode(url: string, onRow: (row: Decoded) => void): Promise<Decoder> {
  const reader = new pg.Client({ connectionString: url, keepAlive: true });
  await reader.connect();
  await reader.query(`set timezone = 'UTC'`);
  const slot = `bench_${process.pid}_${Date.now()}`;
  await reader.query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [slot]);
  const service = new LogicalReplicationService(
    { connectionString: url },
    { acknowledge: { auto: false, timeoutSeconds: 1 } },
  );
  service.on('data', (_lsn: string, message: { tag: string; new?: Decoded }) => {
    if (message.tag === 'update' && message.new) onRow(message.new);
  });
  let isStopping = false;
  service.on('error', (error: Error) => {
    if (!isStopping) throw error;
  });
  const started = new Promise<void>((resolve) => service.on('start', resolve));
  const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [publication] });
  const ended = service.subscribe(plugin, slot).catch((error: unknown) => {
    if (!isStopping) throw error;
  });
  await started;
  return {
    reader,
    stop: async () => {
      isStopping = true;
      await service.destroy();
      await ended;
      await dropSlot(reader, slot);
      await reader.end();
    },
  };
}

// The walsender takes a moment to let go of its slot.
async function dropSlot(reader: pg.Client, slot: string): Promise<void> {
  await eventually('the slot is free', async () => {
    const of = 'from pg_replication_slots where slot_name = $1';
    await reader.query(`select pg_terminate_backend(active_pid) ${of} and active`, [slot]);
    return (
      (await reader.query(`select pg_drop_replication_slot(slot_name) ${of} and not active`, [slot])).rowCount === 1
    );
  });
}

export async function decodedFeed(url: string): Promise<Feed> {
  const sockets = await openSockets();
  const decoder = await decode(url, (task) => sockets.io.emit('task:updated', { task }));
  return plainFeed(sockets, decoder.stop);
}

/**
 * One query and one packet for what arrived since the last one, as soon as that is sent. A commit is decoded as soon as
 * it is flushed, which can be before any other session sees it: rows that are still older than decoded are asked for
 * again. Without this the clients keep old rows for good; this benchmark found up to 85 in one round.
 */
export async function batchedFeed(url: string): Promise<Feed> {
  const sockets = await openSockets();
  const changed = new Map<number, number>();
  let isRunning = false;
  let isStopping = false;
  const send = async () => {
    while (changed.size > 0) {
      const wanted = new Map(changed);
      const values = [[...changed.keys()]];
      changed.clear();
      const { rows } = await decoder.reader.query<{ task: Decoded }>({
        name: 'tasks',
        text: `${fullTask} where d.id = any ($1::integer[])`,
        values,
      });
      const events = [];
      for (const { task } of rows) {
        const version = wanted.get(task.id) ?? 0;
        if (task.version >= version) events.push({ event: 'task:updated', task });
        else if (!changed.has(task.id)) changed.set(task.id, version);
      }
      if (events.length > 0) sockets.io.emit('feed:batch', { events });
    }
    isRunning = false;
  };
  const decoder: Decoder = await decode(url, ({ id, version }) => {
    changed.set(id, version);
    if (isRunning) return;
    isRunning = true;
    // What else has arrived in this tick goes along.
    setImmediate(() => {
      send().catch((error: unknown) => {
        if (!isStopping) throw error;
      });
    });
  });
  return plainFeed(sockets, async () => {
    isStopping = true;
    await decoder.stop();
  });
}
