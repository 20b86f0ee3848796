// What follows from the state of the employee's page.
import { describe, expect, it } from '@jest/globals';
import { contactParts, dialable, openCount, receiptOf, shownTasks } from '../../src/view/model.ts';
import type { PageState, ShownEntry } from '../../src/view/state.ts';
import { taskWith } from '../client/factories.ts';

const link = { id: 1, expires_at: '2026-12-01T00:00:00Z', acknowledged_at: null };

function pageWith(tasks: PageState['page']['tasks'], acknowledged_at: string | null = null): PageState['page'] {
  return {
    link: { ...link, acknowledged_at },
    employee: { name: 'Dana', language: 'he' },
    tasks,
    systems: [],
    as_of: [1, 0],
  };
}

function entryWith(fields: Partial<ShownEntry>): ShownEntry {
  return { key: 'k', taskId: 1, taskTitle: 'Task 1', kind: 'status', phase: 'waiting', isOnTop: true, ...fields };
}

describe('the tasks', () => {
  it('stand in the order in which they are to be done: open, urgent, early', () => {
    const tasks = [
      taskWith({ id: 1, status: 'pending_approval', priority: 'urgent' }),
      taskWith({ id: 2, priority: 'optional', due_at: '2026-11-01T00:00:00Z' }),
      taskWith({ id: 3, due_at: 'infinity' }),
      taskWith({ id: 4, due_at: '2026-11-03T00:00:00Z' }),
      taskWith({ id: 5, due_at: '2026-11-02T00:00:00Z' }),
      taskWith({ id: 6, priority: 'urgent', due_at: '2026-12-02T00:00:00Z' }),
    ];
    const shown = shownTasks({ page: pageWith(tasks), entries: [] });
    expect(shown.map(({ task }) => task.id)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(openCount(shown)).toBe(5);
  });

  it('are shown with what is on its way, in their place, and without what was refused', () => {
    const page = pageWith([taskWith({ id: 1 }), taskWith({ id: 2 })]);
    const entries = [
      entryWith({ step: 'in_progress' }),
      entryWith({ step: 'pending_approval', text: 'Done' }),
      entryWith({ kind: 'note', text: 'Refused', phase: 'refused', isOnTop: false }),
    ];
    const [one, other] = shownTasks({ page, entries });
    expect(one).toMatchObject({ status: 'pending_approval', note: 'Done', steps: ['in_progress'] });
    expect(other).toMatchObject({ status: 'sent', note: null, entries: [] });
  });

  it.each([
    ['sent', ['in_progress', 'pending_approval', 'not_completed']],
    ['in_progress', ['pending_approval', 'not_completed']],
    ['not_completed', ['in_progress']],
    ['completed', []],
    ['draft', []],
  ] as const)('offer after %s the steps %j', (status, steps) => {
    expect(shownTasks({ page: pageWith([taskWith({ id: 1, status })]), entries: [] })[0]?.steps).toEqual(steps);
  });
});

describe('“got it”', () => {
  it('is owed at first, on its way, given, and owed again for tasks that came later', () => {
    const sent = taskWith({ id: 1, status: 'sent' });
    const received = taskWith({ id: 2, status: 'received' });
    const at = '2026-11-22T12:00:00Z';
    const onItsWay = [entryWith({ taskId: null, kind: 'acknowledge' })];
    expect(receiptOf({ page: pageWith([received]), entries: [] })).toBe('owed');
    expect(receiptOf({ page: pageWith([sent]), entries: onItsWay })).toBe('on its way');
    expect(receiptOf({ page: pageWith([received], at), entries: [] })).toBe('given');
    expect(receiptOf({ page: pageWith([sent, received], at), entries: [] })).toBe('owed again');
    expect(receiptOf({ page: pageWith([]), entries: [] })).toBe('given');
  });
});

describe('a contact', () => {
  it('can be called and written to where it holds a number or an address', () => {
    expect(contactParts('Control room, +1 (555) 0110 or control@water.example.')).toEqual([
      { text: 'Control room, ' },
      { text: '+1 (555) 0110', href: 'tel:+15550110' },
      { text: ' or ' },
      { text: 'control@water.example', href: 'mailto:control@water.example' },
      { text: '.' },
    ]);
    expect(contactParts('Ask Priya')).toEqual([{ text: 'Ask Priya' }]);
    expect(contactParts('Ext. 110')).toEqual([{ text: 'Ext. ' }, { text: '110', href: 'tel:110' }]);
  });

  it('is not dialled where there is no number', () => {
    expect(dialable('+49 30/123-45')).toBe('+493012345');
    expect(dialable('javascript:alert(1)')).toBeUndefined();
    expect(dialable(null)).toBeUndefined();
  });
});
