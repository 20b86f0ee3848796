// Takes the frames about rows out of what a WebSocket receives, without making anything of them: a client compares
// their bytes with what another client has had. All other frames (handshake, pings, pulses) go on whole, as they came.
// A server's frames have no mask, and nothing here is compressed.

/** Where the payload of one frame goes, piece by piece. */
export interface FrameSink {
  /** Called when the header is known; `length` bytes will follow. */
  begin(length: number): { take(piece: Buffer): void; end(): void };
  /** A frame that is none about rows, header and all. */
  pass(frame: Buffer): void;
}

/** Engine.IO message, Socket.IO event, and the names of the packets about rows. */
const beginnings = ['42["task:', '42["feed:batch"'].map((text) => Buffer.from(text));
const longest = Math.max(...beginnings.map(({ length }) => length));
const wholeText = 0x81;

export class RowFrames {
  readonly #sink: FrameSink;
  /** Of a frame that is not decided about, or that is to be passed on. */
  #held: Buffer = Buffer.alloc(0);
  #taking: { left: number; to: ReturnType<FrameSink['begin']> } | undefined;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  write(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (!this.#taking) {
        const all = this.#held.length > 0 ? Buffer.concat([this.#held, rest]) : rest;
        rest = this.#decide(all);
        continue;
      }
      const piece = rest.subarray(0, this.#taking.left);
      rest = rest.subarray(piece.length);
      this.#taking.left -= piece.length;
      const { left, to } = this.#taking;
      to.take(piece);
      if (left > 0) continue;
      this.#taking = undefined;
      to.end();
    }
  }

  /** `all` begins with a frame; answers what is left to look at after it, nothing while more is to come. */
  #decide(all: Buffer): Buffer {
    const header = readHeader(all);
    const shown = header && all.subarray(header.bytes, header.bytes + Math.min(longest, header.length));
    if (!header || !shown || shown.length < Math.min(longest, header.length)) return this.#hold(all);
    if (all[0] === wholeText && beginnings.some((text) => shown.subarray(0, text.length).equals(text))) {
      this.#held = Buffer.alloc(0);
      this.#taking = { left: header.length, to: this.#sink.begin(header.length) };
      return all.subarray(header.bytes);
    }
    const end = header.bytes + header.length;
    if (all.length < end) return this.#hold(all);
    this.#held = Buffer.alloc(0);
    this.#sink.pass(all.subarray(0, end));
    return all.subarray(end);
  }

  #hold(all: Buffer): Buffer {
    this.#held = all;
    return Buffer.alloc(0);
  }
}

function readHeader(all: Buffer): { bytes: number; length: number } | undefined {
  const short = (all[1] ?? 0) & 0x7f;
  const bytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  if (all.length < bytes) return undefined;
  if (short === 127) return { bytes, length: Number(all.readBigUInt64BE(2)) };
  return { bytes, length: short === 126 ? all.readUInt16BE(2) : short };
}
