import { Recorder } from './arrivals.ts';
import { WallClock } from './clock.ts';
import { RowFrames } from './row-frames.ts';

const clock = new WallClock();

function frame(text: string, opcode = 1): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);
  const header = Buffer.alloc(payload.length < 65_536 ? 4 : 10);
  header[0] = 0x80 | opcode;
  header[1] = payload.length < 65_536 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(payload.length, 2);
  else header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

const task = (id: number, note: string) => ({ task: { id, version: 2, note } });
const batch = (...events: object[]) => frame(`42${JSON.stringify(['feed:batch', { events }])}`);
const single = (id: number, note: string) => frame(`42${JSON.stringify(['task:updated', task(id, note)])}`);

const stream = Buffer.concat([
  frame('0{"sid":"x"}'),
  batch(task(1, 'a'), task(2, 'b'), task(1, 'ä'.repeat(200))),
  frame('2'),
  frame('', 9),
  single(3, 'c'),
  batch(task(4, 'd'.repeat(70_000))),
  frame('42["feed:pulse",{"state":"live"}]'),
  batch(task(5, 'end')),
]);

/** A client who receives the stream in pieces of so many bytes. */
function receive(recorder: Recorder, client: number, bytes: Buffer, pieces: number): string[] {
  const passed: string[] = [];
  const frames = new RowFrames({
    begin: (length) => recorder.begin(client, length),
    pass: (whole) => passed.push(whole.toString('latin1')),
  });
  for (let at = 0; at < bytes.length; at += pieces) frames.write(bytes.subarray(at, at + pieces));
  return passed;
}

describe('what the clients of a benchmark have received', () => {
  it('is told from the bytes, however they were cut, and the rest is passed on', async () => {
    for (const pieces of [1, 7, 64, 1_000, stream.length]) {
      const recorder = new Recorder(clock, 2, 'end');
      const passed = receive(recorder, 0, stream, pieces);
      receive(recorder, 1, stream, 5);
      expect(passed).toEqual([
        '\x81\x0c0{"sid":"x"}',
        '\x81\x012',
        '\x89\x00',
        '\x81\x2142["feed:pulse",{"state":"live"}]',
      ]);
      const { store, packets, faults } = recorder.read();
      expect(faults).toEqual([]);
      expect(packets).toBe(4);
      expect([...store].map(([id, { note }]) => [id, note])).toEqual([
        [1, 'ä'.repeat(200)],
        [2, 'b'],
        [3, 'c'],
        [4, 'd'.repeat(70_000)],
        [5, 'end'],
      ]);
      expect(await recorder.finished(0)).toBeGreaterThan(0);
    }
  });

  it('is wrong if one byte at one client is another', () => {
    const places = [stream.indexOf('"b"') + 1, stream.indexOf('dddd') + 60_000, stream.length - 9];
    for (const place of places) {
      for (const first of [0, 1]) {
        const recorder = new Recorder(clock, 2, 'end');
        const spoilt = Buffer.from(stream);
        spoilt[place] = 'x'.charCodeAt(0);
        receive(recorder, 0, first === 0 ? spoilt : stream, 1_000);
        receive(recorder, 1, first === 0 ? stream : spoilt, 700);
        expect(recorder.read().faults).toEqual(['the clients were sent different packets']);
      }
    }
  });

  it('is wrong if one client was sent less, or a packet of another length', () => {
    const fewer = new Recorder(clock, 2, 'end');
    receive(fewer, 0, stream, 1_000);
    receive(fewer, 1, batch(task(1, 'a'), task(2, 'b'), task(1, 'ä'.repeat(200))), 1_000);
    expect(fewer.read().faults).toEqual(['some clients were sent fewer packets than others']);
    const longer = new Recorder(clock, 2, 'end');
    receive(longer, 0, frame('42["task:updated",{}] '), 1_000);
    receive(longer, 1, frame('42["task:updated",{}]'), 1_000);
    expect(longer.read().faults).toEqual(['the clients were sent different packets']);
  });
});
