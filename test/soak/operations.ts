// What writers do within a transaction, each with what its statement returned noted: one row, many rows, the same row
// twice, deletes and inserts of the same id, whole lives within one transaction, renames, pictures, no-ops.
import type { Random } from './random.ts';
import type { Transaction } from './transaction.ts';

/** Ids go from 1 to these. */
export const size = { tasks: 240, systems: 10, employees: 12 };

/** Long enough for two parts of a batch when two dozen tasks have it. */
const longText = 'x'.repeat(10_000);
const longRows = 32;

export type Operation = (random: Random, transaction: Transaction) => Promise<unknown>;

let lives = 0;
let words = 0;

/** A new mark for a task's life. */
function life(): string {
  lives += 1;
  return `L${lives}`;
}

/** Contents that nobody wrote before. */
function word(): string {
  words += 1;
  return `w${words}`;
}

const aTask = (random: Random) => 1 + random.below(size.tasks);
const someTasks = (random: Random, most: number) => random.ids(1 + random.below(most), size.tasks);
const aSystem = (random: Random) => 1 + random.below(size.systems);
const anEmployee = (random: Random) => 1 + random.below(size.employees);

const insertOne = `insert into tasks (id, title, note, system_id, employee_id) values ($1, $2, $3, $4, $5)
  on conflict do nothing returning *`;

const insert = (random: Random, transaction: Transaction, id: number) =>
  transaction.change('task', 'insert', insertOne, [
    id,
    `${life()} ${word()}`,
    word(),
    aSystem(random),
    anEmployee(random),
  ]);

const note = (transaction: Transaction, ids: number[]) =>
  transaction.change('task', 'update', 'update tasks set note = $2 where id = any ($1) returning *', [ids, word()]);

const remove = (transaction: Transaction, ids: number[]) =>
  transaction.change('task', 'delete', 'delete from tasks where id = any ($1) returning *', [ids]);

export const touch: Operation = (random, transaction) => {
  const sets = [
    `note = $2, status = 'sent'`,
    `note = $2, status = 'in_progress', priority = 'urgent'`,
    `title = split_part(title, ' ', 1) || ' ' || $2`,
  ];
  const set = sets[random.below(sets.length)];
  return transaction.change('task', 'update', `update tasks set ${set} where id = $1 returning *`, [
    aTask(random),
    word(),
  ]);
};

const touchTwice: Operation = async (random, transaction) => {
  const id = aTask(random);
  await note(transaction, [id]);
  await note(transaction, [id]);
};

// A no-op is no change: its row is returned but must not be noted.
const touchInVain: Operation = (random, transaction) =>
  transaction.run('update tasks set note = note where id = any ($1)', [someTasks(random, 5)]);

const replace: Operation = async (random, transaction) => {
  const id = aTask(random);
  await remove(transaction, [id]);
  if (random.chance(0.3)) await note(transaction, [id]);
  await insert(random, transaction, id);
  if (random.chance(0.3)) await note(transaction, [id]);
};

// A whole life within one transaction, where the id is free.
const flash: Operation = async (random, transaction) => {
  const id = aTask(random);
  const [born] = await insert(random, transaction, id);
  if (!born) return;
  await note(transaction, [id]);
  await remove(transaction, [id]);
};

const reassign: Operation = (random, transaction) =>
  transaction.change(
    'task',
    'update',
    `update tasks set employee_id = $2, system_id = $3, note = $4 where id = any ($1) returning *`,
    [someTasks(random, 4), anEmployee(random), aSystem(random), word()],
  );

const renameSystem: Operation = (random, transaction) =>
  transaction.change(
    'system',
    'update',
    'update systems set name = $2, description = (description::integer + 1)::text where id = $1 returning *',
    [aSystem(random), word()],
  );

const renameEmployee: Operation = (random, transaction) =>
  transaction.change(
    'employee',
    'update',
    'update employees set name = $2, position = (position::integer + 1)::text where id = $1 returning *',
    [anEmployee(random), word()],
  );

// Pictures are shown by their task and are no change of it.
const addImage: Operation = (random, transaction) =>
  transaction.run(`insert into task_images (task_id, content) select id, 'x' from tasks where id = $1`, [
    aTask(random),
  ]);

const removeImages: Operation = (random, transaction) =>
  transaction.run('delete from task_images where task_id = $1', [aTask(random)]);

// Rows that somebody holds are left out, or it would hardly ever succeed.
const lengthen = (transaction: Transaction, text: string | null, which: string, most: number) =>
  transaction.change(
    'task',
    'update',
    `update tasks set description = $1, note = $2
     where id in (select id from tasks where ${which} limit ${most} for update skip locked) returning *`,
    [text, word()],
  );

/** By how often they are chosen. */
export const operations: [number, Operation][] = [
  [30, touch],
  [8, touchTwice],
  [10, (random, transaction) => note(transaction, someTasks(random, 8))],
  [4, touchInVain],
  [8, (random, transaction) => remove(transaction, someTasks(random, 2))],
  [14, (random, transaction) => insert(random, transaction, aTask(random))],
  [5, replace],
  [4, flash],
  [10, reassign],
  [2, renameSystem],
  [2, renameEmployee],
  [1, addImage],
  [1, removeImages],
  [0.4, (_random, transaction) => lengthen(transaction, longText, 'description is null', longRows)],
  [1, (_random, transaction) => lengthen(transaction, null, 'description is not null', longRows)],
];
