// The few parts of PostgreSQL's protocol that a proxy needs to know: where a message ends, who speaks, and what an
// error looks like.

/** Cuts a stream into whole messages. A client's first message carries no type byte. */
export class Messages {
  #rest = Buffer.alloc(0);
  #isUntyped: boolean;

  constructor({ from }: { from: 'client' | 'server' }) {
    this.#isUntyped = from === 'client';
  }

  take(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const whole: Buffer[] = [];
    for (;;) {
      const typeBytes = this.#isUntyped ? 0 : 1;
      if (this.#rest.length < typeBytes + 4) return whole;
      const length = typeBytes + this.#rest.readInt32BE(typeBytes);
      if (this.#rest.length < length) return whole;
      whole.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
      this.#isUntyped = false;
    }
  }
}

export function typeOf(message: Buffer): string {
  return String.fromCharCode(message[0] ?? 0);
}

/** From a start-up message: the name the client gives itself. */
export function applicationNameIn(startup: Buffer): string {
  const fields = startup.subarray(8).toString().split('\0');
  return fields[fields.indexOf('application_name') + 1] ?? '';
}

/** The SQL of a simple query (Q) or of a prepared one (P). */
export function statementIn(message: Buffer): string | undefined {
  const fields = message.subarray(5).toString().split('\0');
  if (typeOf(message) === 'Q') return fields[0];
  return typeOf(message) === 'P' ? fields[1] : undefined;
}

export function query(sql: string): Buffer {
  return typed('Q', `${sql}\0`);
}

/** ErrorResponse and ReadyForQuery: how a server answers a statement that failed. */
export function failure({ code, message }: { code: string; message: string }): Buffer {
  return Buffer.concat([typed('E', `SERROR\0VERROR\0C${code}\0M${message}\0\0`), typed('Z', 'I')]);
}

function typed(type: string, body: string): Buffer {
  const message = Buffer.from(`${type}....${body}`);
  message.writeInt32BE(message.length - 1, 1);
  return message;
}
