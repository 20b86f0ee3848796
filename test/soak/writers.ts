// Writers that do at random what people and programs do to a table (operations.ts), in transactions with savepoints and
// rollbacks, some of which stay open for two seconds.
import type pg from 'pg';
import type { Ledger } from './ledger.ts';
import { operations, size, touch } from './operations.ts';
import type { Random } from './random.ts';
import { isOrdinary, Transaction } from './transaction.ts';

/** How long a transaction is held open, s. */
const heldSeconds = 2;

export interface Figures {
  committed: number;
  empty: number;
  rolledBack: number;
  /** Of the rolled back ones, because of another writer. */
  failed: number;
  toSavepoint: number;
  changes: number;
  held: number;
  /** The longest that a transaction with changes was open before it was committed, ms. */
  longestMs: number;
}

export function noFigures(): Figures {
  return { committed: 0, empty: 0, rolledBack: 0, failed: 0, toSavepoint: 0, changes: 0, held: 0, longestMs: 0 };
}

export interface WriterOptions {
  session: pg.ClientBase;
  ledger: Ledger;
  random: Random;
  figures: Figures;
  /** Its first transaction is held open and committed, whatever the dice say. */
  isSlowAtFirst: boolean;
  /** Its commits are flushed, under the lock that NOTIFY takes. When all do that, the disk is what is tested. */
  waitsForDisk: boolean;
}

export class Writer {
  readonly #random: Random;
  readonly #options: WriterOptions;
  #isHoldDue: boolean;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#isHoldDue = options.isSlowAtFirst;
  }

  /** One transaction after the other until `isOver`. */
  async run(isOver: () => boolean): Promise<void> {
    const { session, waitsForDisk } = this.#options;
    // Others are waited for, but not for as long as they may hold a row: then it is a rollback.
    await session.query(`set lock_timeout = '100ms'; set synchronous_commit = ${waitsForDisk ? 'on' : 'off'}`);
    while (!isOver()) await this.#transaction();
  }

  async #transaction(): Promise<void> {
    const { session, ledger, figures } = this.#options;
    const isForced = this.#isHoldDue;
    const transaction = new Transaction(session, ledger);
    await transaction.begin(this.#random.chance(0.1) ? 'repeatable read' : 'read committed');
    const began = performance.now();
    try {
      if (isForced) await touch(this.#random, transaction);
      for (let steps = 1 + this.#random.below(3); steps > 0; steps -= 1) await this.#step(transaction, 0);
      await this.#perhapsHold(transaction);
      if (!isForced && this.#random.chance(0.12)) {
        await transaction.rollback();
        figures.rolledBack += 1;
        return;
      }
      this.#count(await transaction.commit(), performance.now() - began);
    } catch (error) {
      if (!isOrdinary(error)) throw error;
      await transaction.rollback();
      figures.rolledBack += 1;
      figures.failed += 1;
    }
  }

  async #step(transaction: Transaction, depth: number): Promise<void> {
    if (depth === 2 || !this.#random.chance(0.25)) {
      await this.#random.weighted(operations)(this.#random, transaction);
      return;
    }
    const isKept = await transaction.savepoint(async () => {
      for (let steps = 1 + this.#random.below(2); steps > 0; steps -= 1) await this.#step(transaction, depth + 1);
      return this.#random.chance(0.6);
    });
    if (!isKept) this.#options.figures.toSavepoint += 1;
  }

  async #perhapsHold(transaction: Transaction): Promise<void> {
    if (!this.#isHoldDue && !this.#random.chance(0.003)) return;
    this.#isHoldDue = false;
    this.#options.figures.held += 1;
    await transaction.run('select pg_sleep($1)', [heldSeconds]);
  }

  #count(changes: number, ms: number): void {
    const { figures } = this.#options;
    if (changes === 0) {
      figures.empty += 1;
      return;
    }
    figures.committed += 1;
    figures.changes += changes;
    figures.longestMs = Math.max(figures.longestMs, ms);
  }
}

/** The rows that are there before anybody reads: all systems and employees, and two thirds of the tasks. */
export async function seed(session: pg.ClientBase, ledger: Ledger): Promise<void> {
  const transaction = await new Transaction(session, ledger).begin();
  const many = (table: string, version: string) =>
    `insert into ${table} (id, name, ${version}) select n, '${table} ' || n, '1' from generate_series(1, $1::integer) n returning *`;
  await transaction.change('system', 'insert', many('systems', 'description'), [size.systems]);
  await transaction.change('employee', 'insert', many('employees', 'position'), [size.employees]);
  await transaction.change(
    'task',
    'insert',
    `insert into tasks (id, title, note, system_id, employee_id)
     select n, 'S' || n || ' seed', 'seed', 1 + n % ${size.systems}, 1 + n % ${size.employees}
     from generate_series(1, $1::integer) n where n % 3 <> 0 returning *`,
    [size.tasks],
  );
  await transaction.commit();
}

/** A last change, after which nothing comes. Its transaction's id tells when a client has seen all. */
export async function finish(session: pg.ClientBase, ledger: Ledger): Promise<number> {
  const transaction = await new Transaction(session, ledger).begin();
  await transaction.change(
    'system',
    'update',
    `update systems set name = 'the end', description = (description::integer + 1)::text where id = 1 returning *`,
  );
  await transaction.commit();
  return ledger.committed.at(-1)?.xid ?? 0;
}
