// `npm run storms [-- --write]`: see docs/reliability.md.
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { describeMachine } from '../bench/machine.ts';
import type { Delay } from './server-child.ts';
import { bulkLimit, type Recovery, rowCount, Storm } from './storm.ts';

/** What a tenth of 1,000 clients that stop reading may add to the server's heap and buffers, bytes. */
const stallBytes = 128 * 1024 * 1024;

const { values: flags } = parseArgs({
  options: {
    sockets: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '60' },
    /** `restarts`, `stop` or `stall`: only this one; each writes its own part of the document. */
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
/** What `taskfeed start` may take to stop before it is ended, ms: see Shutdown. */
const promisedMs = 15_000;

const log = (line: string) => process.stdout.write(`${line}\n`);
const MB = (bytes: number) => `${Math.round(bytes / 1024 / 1024)} MB`;
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const seconds = (value: number) => `${(value / 1_000).toFixed(1)} s`;
const delays = ({ p50, p99, max }: Delay) => [p50, p99, max].map(ms).join(', ');

async function restarts(): Promise<string[]> {
  const storm = await Storm.open({ sockets: Number(flags.sockets), processes: 4, log });
  log(`${flags.sockets} sockets are in the feed`);
  try {
    const plain = await storm.restart({ bulk: false });
    log(JSON.stringify(plain));
    const bulk = await storm.restart({ bulk: true });
    log(JSON.stringify(bulk));
    return [
      `| ${flags.sockets} sockets | ${columns} |`,
      `| --- ${'| --: '.repeat(columns.split('|').length)}|`,
      line('the server restarts', plain),
      line(`the same, and one statement changes all ${rowCount} rows (\`FEED_BULK_LIMIT\` ${bulkLimit})`, bulk),
    ];
  } finally {
    await storm.close();
  }
}

const columns =
  'in the feed again | equal to the table | after | replay queries | list queries (lists answered) | ' +
  'queries about sessions and tokens | about images | others | event loop delay p50, p99, max | RSS';

function line(what: string, { ready, readyMs, equal, replays, queries, loads, delay, rss }: Recovery): string {
  const { lists, holders, images, others } = queries;
  const asked = [replays, `${lists} (${loads})`, holders, images, others].join(' | ');
  return `| ${what} | ${ready} | ${equal} | ${seconds(readyMs)} | ${asked} | ${delays(delay)} | ${MB(rss)} |`;
}

async function stop(): Promise<string[]> {
  const sockets = 1_000;
  const storm = await Storm.open({ sockets, processes: 4, log });
  try {
    const { code, stopMs, stopDelay, told, recovery } = await storm.terminate();
    log(JSON.stringify({ code, stopMs, stopDelay, told, recovery }));
    if (code !== 0 || stopMs > promisedMs)
      throw new Error(`it took ${seconds(stopMs)} to stop, and ended with ${code}`);
    if (told < sockets) throw new Error(`only ${told} of ${sockets} clients were told that the server stops`);
    if (recovery.equal < sockets) throw new Error(`only ${recovery.equal} of ${sockets} clients are as the table`);
    return [
      `| SIGTERM with ${sockets.toLocaleString('en')} sockets, each told 40 changes/s | |`,
      '| --- | --: |',
      `| from the signal to the end of the process (promised: ${seconds(promisedMs)}) | ${seconds(stopMs)} |`,
      `| event loop delay meanwhile, p50, p99, max | ${delays(stopDelay)} |`,
      `| told \`feed:end\` | ${told} of ${sockets} |`,
      `| in the feed of the next process, all | ${seconds(recovery.readyMs)} after it served |`,
      `| replay queries | ${recovery.replays} |`,
      `| event loop delay of the next process, p50, p99, max | ${delays(recovery.delay)} |`,
      `| equal to the table | ${recovery.equal} of ${sockets} |`,
    ];
  } finally {
    await storm.close();
  }
}

async function stall(): Promise<string[]> {
  const [sockets, stalled, length] = [1_000, 100, Number(flags.seconds)];
  const storm = await Storm.open({ sockets, processes: 2, log });
  try {
    const { calm, during, atFirst, inTheEnd, most, equal, changes } = await storm.stall({ stalled, seconds: length });
    log(JSON.stringify({ calm, during, atFirst, inTheEnd, most, equal, changes }));
    const rate = Math.round(changes / (length + 13));
    const added = most.used - atFirst.used;
    if (added > stallBytes) throw new Error(`the stalled clients cost ${MB(added)}, more than ${MB(stallBytes)}`);
    if (equal < sockets) throw new Error(`only ${equal} of ${sockets} clients are as the table`);
    return [
      `| ${stalled} of ${sockets} clients do not read for ${length} s, ${rate.toLocaleString('en')} changes/s | before | meanwhile |`,
      '| --- | --: | --: |',
      `| p50 of the others, writer to client | ${ms(calm.p50)} | ${ms(during.p50)} |`,
      `| p99 | ${ms(calm.p99)} | ${ms(during.p99)} |`,
      `| heap and buffers of the server, at most (bound: ${MB(stallBytes)} more) | ${MB(atFirst.used)} | ${MB(most.used)} |`,
      `| RSS, at most | ${MB(atFirst.rss)} | ${MB(most.rss)} |`,
      `| clients cut because they did not keep up | ${atFirst.cut} | ${inTheEnd.cut} |`,
      `| equal to the table afterwards | | ${equal} of ${sockets} |`,
    ];
  } finally {
    await storm.close();
  }
}

async function part(name: 'restarts' | 'stop' | 'stall', measure: () => Promise<string[]>): Promise<void> {
  if (flags.only !== '' && flags.only !== name) return;
  const machine = describeMachine('PostgreSQL 18', 'pgbench');
  const table = await measure();
  const { date, processors, node, load } = machine();
  const text = [
    `Measured on ${date}, ${processors}, Node.js ${node}, load before ${load.before.toFixed(1)}; server and clients share the processors.`,
    '',
    ...table,
  ];
  for (const one of text) log(one);
  if (!flags.write) return;
  const path = new URL('../../docs/reliability.md', import.meta.url);
  const document = await readFile(path, 'utf8');
  const [before, after] = [document.split(`<!-- ${name} -->`)[0], document.split(`<!-- /${name} -->`)[1]];
  if (before === undefined || after === undefined) throw new Error('The markers are missing in docs/reliability.md.');
  await writeFile(path, `${before}<!-- ${name} -->\n${text.join('\n')}\n<!-- /${name} -->${after}`);
}

await part('restarts', restarts);
await part('stop', stop);
await part('stall', stall);
