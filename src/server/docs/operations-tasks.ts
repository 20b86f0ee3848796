// The routes of tasks, as managers use them.
import * as z from 'zod/mini';
import { cursor } from '../../protocol/cursor.ts';
import { deleteQuery, historyQuery, listQuery, nothing, recentQuery, taskQuery } from '../../protocol/http.ts';
import { deletedTask, listedTask, task, taskChange, taskResult, toldChange } from '../../protocol/task.ts';
import {
  approveTask,
  createTask,
  createTasks,
  patchTasks,
  sendBackTask,
  setStatus,
  updateTask,
} from '../../protocol/writes.ts';
import type { Group, Operation } from './operation.ts';

const next = z.nullable(z.int());
const whole = { status: 200, what: 'The task as it is now.', body: z.object({ task }) };
const list = { status: 200, what: 'A page of one snapshot.', body: z.object({ tasks: z.array(task), cursor, next }) };

const reading: Operation[] = [
  {
    id: 'listTasks',
    method: 'get',
    path: '/api/tasks',
    who: 'manager',
    summary: 'List tasks',
    notes:
      'In the order of ids. scope=live is what a board loads: all open tasks and those completed in the last 30 days. Keep the cursor of the first page and connect the feed with it.',
    query: taskQuery,
    answers: [{ ...list, body: z.object({ tasks: z.array(listedTask), cursor, next }) }],
  },
  {
    id: 'listTasksToday',
    method: 'get',
    path: '/api/tasks/today',
    who: 'manager',
    summary: 'List what is due today',
    notes: 'By the calendar of the site’s time zone.',
    query: listQuery,
    answers: [list],
  },
  {
    id: 'listTasksOverdue',
    method: 'get',
    path: '/api/tasks/overdue',
    who: 'manager',
    summary: 'List what is overdue',
    query: listQuery,
    answers: [list],
  },
  {
    id: 'listRecentChanges',
    method: 'get',
    path: '/api/tasks/changes',
    who: 'manager',
    summary: 'List the newest changes of all tasks',
    notes: 'Who changed what, as far as the journal remembers. The newest first.',
    query: recentQuery,
    answers: [{ status: 200, what: 'The newest changes.', body: z.object({ changes: z.array(toldChange) }) }],
  },
  {
    id: 'listDeletedTasks',
    method: 'get',
    path: '/api/tasks/deleted',
    who: 'manager',
    summary: 'List deleted tasks',
    notes: 'Whoever deleted them, also by SQL, as long as the journal remembers. The newest first.',
    query: historyQuery,
    answers: [
      {
        status: 200,
        what: 'What can be restored.',
        body: z.object({ deleted: z.array(deletedTask), next: z.nullable(z.string()) }),
      },
    ],
  },
  {
    id: 'readTask',
    method: 'get',
    path: '/api/tasks/:id',
    who: 'manager',
    summary: 'Read a task',
    answers: [whole],
    problems: ['not_found'],
  },
  {
    id: 'readTaskHistory',
    method: 'get',
    path: '/api/tasks/:id/history',
    who: 'manager',
    summary: 'Read who changed what',
    notes: 'Also of deleted tasks. The newest first; after is the seq of the last change of the page before.',
    query: historyQuery,
    answers: [
      {
        status: 200,
        what: 'Changes, and since when none is missing.',
        body: z.object({
          changes: z.array(taskChange),
          complete_since: z.nullable(z.string()),
          next: z.nullable(z.string()),
        }),
      },
    ],
    problems: ['not_found'],
  },
];

const writing: Operation[] = [
  {
    id: 'createTask',
    method: 'post',
    path: '/api/tasks',
    isOnce: true,
    who: 'manager',
    summary: 'Create a task, or up to 200',
    notes: 'An array is created whole or not at all, and answered as { tasks }.',
    body: z.union([createTask, createTasks]),
    example: { title: 'Sweep the chimney', priority: 'urgent', employee_id: 1 },
    answers: [
      {
        status: 201,
        what: 'What was created.',
        body: z.union([z.object({ task }), z.object({ tasks: z.array(task) })]),
      },
    ],
    problems: ['illegal_transition', 'too_large'],
  },
  {
    id: 'patchTasks',
    method: 'patch',
    path: '/api/tasks',
    isOnce: true,
    who: 'manager',
    summary: 'Write the same values to many tasks',
    notes: 'One statement, an answer per id; what cannot be written does not stop the others.',
    body: patchTasks,
    example: { items: [{ id: 1, version: 3 }, { id: 2 }], set: { priority: 'urgent' } },
    answers: [{ status: 200, what: 'What became of each.', body: z.object({ results: z.array(taskResult) }) }],
    problems: ['too_large'],
  },
  {
    id: 'updateTask',
    method: 'put',
    path: '/api/tasks/:id',
    isOnce: true,
    who: 'manager',
    summary: 'Change a task',
    notes:
      'Any subset of the fields. With version it is refused only if a field that you write has changed since; changes of other fields are merged.',
    body: updateTask,
    example: { note: 'Bring the long ladder', version: 3 },
    answers: [whole],
    problems: ['not_found', 'stale_version', 'illegal_transition'],
  },
  {
    id: 'deleteTask',
    method: 'delete',
    path: '/api/tasks/:id',
    isOnce: true,
    who: 'manager',
    summary: 'Delete a task',
    notes: 'With version only if nothing at all has changed since.',
    query: deleteQuery,
    answers: [{ status: 204, what: 'It is gone, and can be restored.' }],
    problems: ['not_found', 'stale_version'],
  },
];

const steps: Operation[] = [
  {
    id: 'setTaskStatus',
    method: 'put',
    path: '/api/tasks/:id/status',
    isOnce: true,
    who: 'manager',
    summary: 'Move a task to a status',
    notes: 'Managers may move a task from anywhere to anywhere but received, which only the employee can say.',
    body: setStatus,
    example: { status: 'sent' },
    answers: [whole],
    problems: ['not_found', 'stale_version', 'illegal_transition'],
  },
  {
    id: 'approveTask',
    method: 'post',
    path: '/api/tasks/:id/approve',
    isOnce: true,
    who: 'manager',
    summary: 'Accept finished work',
    body: approveTask,
    answers: [whole],
    problems: ['not_found', 'stale_version', 'illegal_transition'],
  },
  {
    id: 'sendBackTask',
    method: 'post',
    path: '/api/tasks/:id/send-back',
    isOnce: true,
    who: 'manager',
    summary: 'Send work back, with the reason',
    body: sendBackTask,
    example: { reason: 'The seal still leaks' },
    answers: [whole],
    problems: ['not_found', 'stale_version', 'illegal_transition'],
  },
  {
    id: 'restoreTask',
    method: 'post',
    path: '/api/tasks/:id/restore',
    isOnce: true,
    who: 'manager',
    summary: 'Bring a deleted task back',
    notes: 'Under its old id, from the journal, and into the links that it was in. Pictures do not come back.',
    body: nothing,
    answers: [whole],
    problems: ['not_found', 'conflict'],
  },
];

export const taskGroups: Group[] = [
  {
    id: 'tasks',
    title: 'Tasks',
    about:
      'The work. Every answer shows the full task, as events do. Nothing here tells the screens: the database does, so a change by SQL is told just the same.',
    operations: [...reading, ...writing, ...steps],
  },
];
