// What clients have missed, encoded once for all who missed the same: when a herd comes back, that is everybody. The last
// that were used are kept, bounded in bytes.
import type { Batch } from '../feed/drain-session.ts';
import { type Message, messageOf } from './connection.ts';
import { type Mode, replayPackets } from './packets.ts';

interface Encoded {
  messages: Message[];
  bytes: number;
}

export class ReplayMessages {
  readonly #mode: Mode;
  readonly #maxBytes: number;
  /** The one that was used last comes last. */
  readonly #kept = new Map<Batch, Encoded>();
  #bytes = 0;

  constructor(mode: Mode, { maxBytes = 8 * 1024 * 1024 } = {}) {
    this.#mode = mode;
    this.#maxBytes = maxBytes;
  }

  /** Of all that is kept, text and frames. */
  get bytes(): number {
    return this.#bytes;
  }

  of(batch: Batch): Message[] {
    const encoded = this.#kept.get(batch) ?? this.#encode(batch);
    this.#drop(batch);
    this.#kept.set(batch, encoded);
    this.#bytes += encoded.bytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
    return encoded.messages;
  }

  #encode(batch: Batch): Encoded {
    const messages = Array.from(replayPackets(batch, this.#mode), ({ name, data }) => messageOf(name, data));
    return { messages, bytes: messages.reduce((sum, { frame }) => sum + 2 * frame.length, 0) };
  }

  #drop(batch: Batch): void {
    this.#bytes -= this.#kept.get(batch)?.bytes ?? 0;
    this.#kept.delete(batch);
  }
}
