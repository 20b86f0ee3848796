// One transaction of a writer, which notes what its statements returned and hands the notes to the ledger when its COMMIT
// has returned. What was rolled back, to a savepoint or altogether, is forgotten.
import type pg from 'pg';
import type { Ledger, Note, Row, Topic } from './ledger.ts';

export class Transaction {
  readonly #session: pg.ClientBase;
  readonly #ledger: Ledger;
  #notes: Note[] = [];
  #savepoints = 0;

  constructor(session: pg.ClientBase, ledger: Ledger) {
    this.#session = session;
    this.#ledger = ledger;
  }

  async begin(isolation = 'read committed'): Promise<this> {
    await this.#session.query(`begin isolation level ${isolation}`);
    return this;
  }

  /** A statement whose `returning *` names every changed row and no other. */
  async change(topic: Topic, kind: Note['kind'], sql: string, values: unknown[] = []): Promise<Row[]> {
    const { rows } = await this.#session.query<Row>(sql, values);
    for (const row of rows) this.#notes.push(this.#ledger.note(topic, kind, row));
    return rows;
  }

  /** A statement that changes no task, system or employee. */
  async run(sql: string, values: unknown[] = []): Promise<void> {
    await this.#session.query(sql, values);
  }

  /** Runs `work` under a savepoint; goes back to it if `work` answers false or fails in an ordinary way. */
  async savepoint(work: () => Promise<boolean>): Promise<boolean> {
    this.#savepoints += 1;
    const name = `s${this.#savepoints}`;
    const before = this.#notes.length;
    await this.#session.query(`savepoint ${name}`);
    const isKept = await work().catch((error: unknown) => {
      if (isOrdinary(error)) return false;
      throw error;
    });
    if (isKept) {
      await this.#session.query(`release ${name}`);
    } else {
      await this.#session.query(`rollback to ${name}`);
      this.#notes.length = before;
    }
    return isKept;
  }

  /** The number of changes that are now committed. */
  async commit(): Promise<number> {
    const { rows } = await this.#session.query<{ xid: string | null }>(
      'select pg_current_xact_id_if_assigned()::text as xid',
    );
    const { command } = await this.#session.query('commit');
    if (command !== 'COMMIT') throw new Error(`COMMIT was answered with ${command}.`);
    this.#ledger.commit(Number(rows[0]?.xid), this.#notes);
    return this.#notes.length;
  }

  async rollback(): Promise<void> {
    this.#notes = [];
    await this.#session.query('rollback');
  }
}

const ordinary = new Set(['55P03', '40P01', '40001', '23503']);

/** What writers do to each other: a lock not had in time, a deadlock, a snapshot too old, a referred row gone. */
export function isOrdinary(error: unknown): boolean {
  return ordinary.has(String((error as { code?: unknown })?.code));
}
