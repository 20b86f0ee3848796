// Systems, employees, and links as managers see them.
import * as z from 'zod/mini';
import { cursor } from '../../protocol/cursor.ts';
import { employee } from '../../protocol/employee.ts';
import { listQuery, nothing } from '../../protocol/http.ts';
import { issuedLink, link } from '../../protocol/link.ts';
import { system } from '../../protocol/system.ts';
import {
  createEmployee,
  createSystem,
  generateLink,
  renewLink,
  updateEmployee,
  updateSystem,
} from '../../protocol/writes.ts';
import type { Answer, Group, Operation, Schema } from './operation.ts';

interface Listed {
  one: string;
  many: string;
  row: Schema;
  create: Schema;
  update: Schema;
  example: unknown;
}

function directory({ one, many, row, create, update, example }: Listed): Operation[] {
  const name = `${one.charAt(0).toUpperCase()}${one.slice(1)}`;
  const whole: Answer = { status: 200, what: `The ${one} as it is now.`, body: z.object({ [one]: row }) };
  const page = z.object({ [many]: z.array(row), cursor, next: z.nullable(z.int()) });
  const base = { who: 'manager' } as const;
  return [
    {
      ...base,
      id: `list${name}s`,
      method: 'get',
      path: `/api/${many}`,
      summary: `List ${many}`,
      query: listQuery,
      answers: [{ status: 200, what: 'A page of one snapshot.', body: page }],
    },
    {
      ...base,
      id: `create${name}`,
      method: 'post',
      path: `/api/${many}`,
      isOnce: true,
      summary: `Create a ${one}`.replace('a e', 'an e'),
      body: create,
      example,
      answers: [{ ...whole, status: 201, what: 'What was created.' }],
    },
    {
      ...base,
      id: `read${name}`,
      method: 'get',
      path: `/api/${many}/:id`,
      summary: `Read one`,
      answers: [whole],
      problems: ['not_found'],
    },
    {
      ...base,
      id: `update${name}`,
      method: 'put',
      path: `/api/${many}/:id`,
      isOnce: true,
      summary: `Change one`,
      notes: 'Any subset of the fields. Tasks that show the name are told as changed too.',
      body: update,
      answers: [whole],
      problems: ['not_found'],
    },
    {
      ...base,
      id: `delete${name}`,
      method: 'delete',
      path: `/api/${many}/:id`,
      isOnce: true,
      summary: `Delete one`,
      notes: 'Its tasks stay, without it.',
      answers: [{ status: 204, what: 'It is gone.' }],
      problems: ['not_found'],
    },
  ];
}

const issued: Answer = {
  status: 201,
  what: 'The only time that the token is shown.',
  body: z.extend(issuedLink, { url: z.string() }),
};

const noKey =
  'A request with Idempotency-Key is refused: the answer holds the token, which is kept nowhere. A link whose answer was lost can be revoked.';

const links: Operation[] = [
  {
    id: 'generateLink',
    method: 'post',
    path: '/api/confirm/generate',
    who: 'manager',
    summary: 'Issue a link for an employee',
    notes: `All tasks must be assigned to the employee; drafts among them become sent. ${noKey}`,
    body: generateLink,
    example: { employee_id: 1, task_ids: [1, 2], expires_in_hours: 48 },
    answers: [issued],
    problems: ['not_assigned'],
  },
  {
    id: 'listLinks',
    method: 'get',
    path: '/api/links',
    who: 'manager',
    summary: 'List links and what became of them',
    query: listQuery,
    answers: [
      {
        status: 200,
        what: 'A page of one snapshot, without tokens.',
        body: z.object({ links: z.array(link), cursor, next: z.nullable(z.int()) }),
      },
    ],
  },
  {
    id: 'revokeLink',
    method: 'delete',
    path: '/api/links/:id',
    who: 'manager',
    summary: 'Revoke a link at once',
    notes: 'A page that is open is closed too.',
    query: nothing,
    answers: [{ status: 204, what: 'It opens nothing any more.' }],
    problems: ['not_found'],
  },
  {
    id: 'renewLink',
    method: 'post',
    path: '/api/links/:id/renew',
    who: 'manager',
    summary: 'Replace a link by a new one',
    notes: `The old token dies. ${noKey}`,
    body: renewLink,
    answers: [issued],
    problems: ['not_found'],
  },
];

export const directoryGroups: Group[] = [
  {
    id: 'systems',
    title: 'Systems',
    about: 'What is maintained: machines, plants, rooms.',
    operations: directory({
      one: 'system',
      many: 'systems',
      row: system,
      create: createSystem,
      update: updateSystem,
      example: { name: 'Boiler 2', location: 'Boiler house' },
    }),
  },
  {
    id: 'employees',
    title: 'Employees',
    about: 'Who does the work.',
    operations: directory({
      one: 'employee',
      many: 'employees',
      row: employee,
      create: createEmployee,
      update: updateEmployee,
      example: { name: 'Dana Levi', language: 'he' },
    }),
  },
  {
    id: 'links',
    title: 'Confirmation links',
    about: 'A link is one secret token, one employee, and a set of tasks.',
    operations: links,
  },
];
