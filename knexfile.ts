// For knex's own command line (`npm run knex -- migrate:status`); the application migrates through src/postgres/migrate.ts.
import type { Knex } from 'knex';
import { connectionOf } from './src/postgres/connection.ts';
import { migrationsTable, SqlMigrations } from './src/postgres/migrations.ts';

const url = process.env['MIGRATE_DATABASE_URL'] ?? process.env['DATABASE_URL'];
const config: Knex.Config = {
  client: 'pg',
  connection: () => {
    if (url) return connectionOf(url) as Knex.PgConnectionConfig;
    throw new Error('Set DATABASE_URL, or use `npx taskfeed migrate`, which also knows the embedded database.');
  },
  migrations: { migrationSource: new SqlMigrations(), ...migrationsTable },
};

export default config;
