// Systems and employees: the two plain lists that tasks refer to. They differ in columns only, so one set of
// functions serves both.
import type { Knex } from 'knex';
import type { ListQuery } from '../protocol/http.ts';
import { asActor, notFound, type Page, readPage, readRow } from './database.ts';

export interface Directory<Row extends { id: number }> {
  list(knex: Knex, query: ListQuery): Promise<Page<Row>>;
  get(knex: Knex, id: number): Promise<Row>;
  create(knex: Knex, actor: string, values: object): Promise<Row>;
  update(knex: Knex, actor: string, id: number, values: object): Promise<Row>;
  remove(knex: Knex, actor: string, id: number): Promise<void>;
}

export function createDirectory<Row extends { id: number }>(options: { what: string; table: string }): Directory<Row> {
  const { what, table } = options;
  const get = async (knex: Knex, id: number) => {
    const row = await readRow<Row>(knex, table, id);
    if (!row) throw notFound(what, id);
    return row;
  };
  return {
    list: (knex, query) => readPage<Row>(knex, knex(table), query),
    get,
    create: (knex, actor, values) =>
      asActor(knex, actor, async (trx) => {
        const [created] = await trx(table).insert(values).returning<{ id: number }[]>('id');
        return await get(trx, created?.id ?? 0);
      }),
    update: (knex, actor, id, values) =>
      asActor(knex, actor, async (trx) => {
        if (Object.keys(values).length > 0) await trx(table).where({ id }).update(values);
        return await get(trx, id);
      }),
    async remove(knex, actor, id) {
      const deleted = await asActor(knex, actor, (trx) => trx(table).where({ id }).delete());
      if (deleted === 0) throw notFound(what, id);
    },
  };
}
