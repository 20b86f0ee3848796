// The migration source for knex: pairs of plain SQL files in db/migrations. Each runs in a transaction of its own.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';

export const migrationsFolder = fileURLToPath(new URL('../../db/migrations/', import.meta.url));

// The schema is named: for a role called taskfeed, "$user" would otherwise mean the journal's schema, which is itself
// made by a migration.
/** Where knex notes which migrations ran. */
export const migrationsTable = { tableName: 'taskfeed_migrations', schemaName: 'public' };

/** NNN_name, the part before .up.sql */
type Name = string;

export class SqlMigrations implements Knex.MigrationSource<Name> {
  readonly #folder: string;

  constructor(folder = migrationsFolder) {
    this.#folder = folder;
  }

  async getMigrations(): Promise<Name[]> {
    const files = await readdir(this.#folder);
    return files
      .filter((file) => file.endsWith('.up.sql'))
      .map((file) => file.slice(0, -'.up.sql'.length))
      .sort();
  }

  getMigrationName(migration: Name): string {
    return migration;
  }

  /** SHA-256 of what a migration does, whatever its line ends: those differ between checkouts. */
  async checksum(migration: Name): Promise<string> {
    const sql = await readFile(`${this.#folder}/${migration}.up.sql`, 'utf8');
    return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
  }

  async getMigration(migration: Name): Promise<Knex.Migration> {
    const run = async (knex: Knex, direction: 'up' | 'down') => {
      const sql = await readFile(`${this.#folder}/${migration}.${direction}.sql`, 'utf8');
      // The driver's own connection: knex would take question marks in the file for parameters.
      const connection = await knex.client.acquireConnection();
      await connection.query(sql);
    };
    return { up: (knex) => run(knex, 'up'), down: (knex) => run(knex, 'down') };
  }
}
