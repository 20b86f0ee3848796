// What the client keeps a store of: the rows of each topic, where their list is, and how both are read.
import * as z from 'zod/mini';
import { cursor } from '../protocol/cursor.ts';
import { type Employee, employee } from '../protocol/employee.ts';
import type { BatchEvent, Kind } from '../protocol/feed.ts';
import { int } from '../protocol/fields.ts';
import { type Link, link } from '../protocol/link.ts';
import { type System, system } from '../protocol/system.ts';
import { type ListedTask, listedTask } from '../protocol/task.ts';

/** The rows of each topic. */
export interface Rows {
  task: ListedTask;
  system: System;
  employee: Employee;
  link: Link;
}
export type Topic = keyof Rows;
export type AnyRow = Rows[Topic];

export const allTopics: readonly Topic[] = ['task', 'system', 'employee', 'link'];

/** One answer of a list: rows in the order of ids, and the cursor of the very snapshot they were read in. */
export interface ListPage {
  rows: AnyRow[];
  cursor: string;
  /** What to ask for next, or null at the end. */
  next: number | null;
}

/** Where the list of a topic is, and how an answer of it is read. */
export const lists: Readonly<Record<Topic, { path: string; parse: (body: unknown) => ListPage }>> = {
  task: { path: '/api/tasks', parse: reader('tasks', listedTask) },
  system: { path: '/api/systems', parse: reader('systems', system) },
  employee: { path: '/api/employees', parse: reader('employees', employee) },
  link: { path: '/api/links', parse: reader('links', link) },
};

function reader<Row extends AnyRow>(name: string, row: z.ZodMiniType<Row>): (body: unknown) => ListPage {
  const answer = z.looseObject({});
  const page = z.object({ rows: z.array(row), cursor, next: z.nullable(int) });
  return (body) => {
    const told: Record<string, unknown> = answer.parse(body);
    return page.parse({ ...told, rows: told[name] });
  };
}

export interface ToldRow {
  topic: Topic;
  kind: Kind;
  row: AnyRow;
}

/** What an event is about. */
export function toldIn(told: BatchEvent): ToldRow | undefined {
  const [topic, kind] = told.event.split(':') as [Topic, Kind];
  const row = told[topic];
  return row && { topic, kind, row };
}
