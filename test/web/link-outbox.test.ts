// The outbox of the employee's page: what goes out when, and that nothing is lost or doubled on the way.
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Answer,
  canUndo,
  claimed,
  confirmed,
  type Entry,
  ended,
  flushed,
  hurried,
  nextWake,
  postponed,
  refused,
  retried,
  sendable,
  verdictOn,
} from '../../src/web/link/outbox.ts';
import { taskWith } from '../client/factories.ts';

const seen = { version: 1, status: 'received' as const, note: null };

function entryWith(fields: Partial<Entry> & { order: number }): Entry {
  return {
    key: `key-${fields.order}`,
    linkId: 1,
    taskId: 1,
    taskTitle: 'Task',
    what: { kind: 'update', patch: { note: `note ${fields.order}` }, seen },
    notBefore: 0,
    attempts: 0,
    retryAt: 0,
    ...fields,
  };
}

const photo = { kind: 'photo' as const, name: 'a.jpg' };
const keys = (entries: Entry[]) => entries.map(({ key }) => key);

describe('what goes out', () => {
  it('is the first entry of each task, steps before photos, and “got it” before all', () => {
    const entries = [
      entryWith({ order: 1, taskId: 1, what: photo }),
      entryWith({ order: 2, taskId: 1 }),
      entryWith({ order: 3, taskId: 2 }),
    ];
    expect(keys(sendable(entries, 0))).toEqual(['key-3', 'key-1']);
    const gotIt = entryWith({ order: 0, taskId: null, what: { kind: 'acknowledge' } });
    expect(keys(sendable([...entries, gotIt], 0))).toEqual(['key-0']);
  });

  it('is not what can still be undone, nor what follows it', () => {
    const entries = [entryWith({ order: 1, notBefore: 10_000 }), entryWith({ order: 2 })];
    expect(sendable(entries, 9_999)).toEqual([]);
    expect(nextWake(entries, 0)).toBe(10_000);
    expect(keys(sendable(entries, 10_000))).toEqual(['key-1']);
    expect(keys(sendable(flushed(entries, 0), 0))).toEqual(['key-1']);
  });

  it('is not what was refused, nor the steps after it; photos go on', () => {
    const entries = refused(
      [entryWith({ order: 1 }), entryWith({ order: 2 }), entryWith({ order: 3, what: photo })],
      'key-1',
      'changed',
    );
    expect(keys(sendable(entries, 0))).toEqual([]);
    const withoutStep = entries.filter(({ order }) => order !== 2);
    expect(keys(sendable(withoutStep, 0))).toEqual(['key-3']);
  });

  it('comes again after a growing pause, and at once when the network is back', () => {
    let entries = [entryWith({ order: 1 })];
    const pauses: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      entries = postponed(
        entries.map((entry) => claimed(entry, 0)),
        'key-1',
        { now: 0, random: () => 1 },
      );
      pauses.push(entries[0]?.retryAt ?? 0);
    }
    expect(pauses).toEqual([2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000, 60000]);
    expect(sendable(entries, 0)).toEqual([]);
    expect(keys(sendable(hurried(entries, 0), 0))).toEqual(['key-1']);
    expect(postponed(entries, 'key-1', { now: 5, random: () => 0, afterMs: 90_000 })[0]?.retryAt).toBe(90_005);
  });

  it('can be taken back only while it cannot have reached the server', () => {
    const entry = entryWith({ order: 1 });
    expect(canUndo(entry)).toBe(true);
    expect(canUndo(claimed(entry, 0))).toBe(false);
  });
});

describe('a confirmation', () => {
  const start = { kind: 'update' as const, patch: { status: 'in_progress' as const }, seen };
  const done = {
    kind: 'update' as const,
    patch: { status: 'pending_approval' as const },
    seen: { ...seen, status: 'in_progress' as const },
  };

  it('lets the next step be judged on the version it made', () => {
    const entries = [entryWith({ order: 1, what: start }), entryWith({ order: 2, what: done })];
    const left = confirmed(entries, 'key-1', taskWith({ id: 1, version: 5, status: 'in_progress' }));
    expect(left).toMatchObject([{ key: 'key-2', what: { seen: { version: 5 } } }]);
  });

  it('does not hide somebody else’s change of the same field', () => {
    const note = { kind: 'update' as const, patch: { note: 'mine' }, seen: { ...seen, note: 'as it was' } };
    const entries = [entryWith({ order: 1, what: start }), entryWith({ order: 2, what: note })];
    const left = confirmed(entries, 'key-1', taskWith({ id: 1, version: 5, status: 'in_progress', note: 'theirs' }));
    expect(left).toMatchObject([{ key: 'key-2', what: { seen: { version: 1 } } }]);
  });

  it('changes no entry that may have been sent already: its key stands for what was sent', () => {
    const entries = [entryWith({ order: 1, what: start }), entryWith({ order: 2, what: done, attempts: 1 })];
    expect(confirmed(entries, 'key-1', taskWith({ id: 1, version: 5, status: 'in_progress' }))).toEqual([entries[1]]);
  });
});

describe('a refusal', () => {
  it('of a task that was taken away covers all that was meant for it, and keeps it', () => {
    const entries = [entryWith({ order: 1 }), entryWith({ order: 2, what: photo }), entryWith({ order: 3, taskId: 2 })];
    const left = refused(entries, 'key-1', 'not_yours');
    expect(left.map(({ refusal }) => refusal)).toEqual(['not_yours', 'not_yours', undefined]);
    expect(left.map(({ what }) => what)).toEqual(entries.map(({ what }) => what));
  });

  it('can be overruled: under a new key, on the task as it is now', () => {
    const entries = refused([entryWith({ order: 1, attempts: 3, retryAt: 9 })], 'key-1', 'changed');
    const task = taskWith({ id: 1, version: 7, status: 'in_progress', note: 'theirs' });
    expect(retried(entries, 'key-1', { task, newKey: 'new', linkId: 1, now: 0 })).toEqual([
      entryWith({
        order: 1,
        key: 'new',
        what: {
          kind: 'update',
          patch: { note: 'note 1' },
          seen: { version: 7, status: 'in_progress', note: 'theirs' },
        },
      }),
    ]);
  });

  it('of a step that is not possible any more leaves its note to be sent', () => {
    const what = { kind: 'update' as const, patch: { status: 'not_completed' as const, note: 'No key' }, seen };
    const entries = refused([entryWith({ order: 1, what })], 'key-1', 'closed');
    expect(retried(entries, 'key-1', { task: undefined, newKey: 'new', linkId: 1, now: 0 })[0]?.what).toMatchObject({
      patch: { note: 'No key' },
    });
  });

  it('by the end of the link keeps everything', () => {
    const entries = [entryWith({ order: 1 }), entryWith({ order: 2, linkId: 2 })];
    expect(ended(entries, 1).map(({ refusal }) => refusal)).toEqual(['ended', undefined]);
  });
});

it.each<[Answer, string]>([
  [{ status: 200 }, 'confirmed'],
  [{ status: 201 }, 'confirmed'],
  [{ status: 0 }, 'postponed'],
  [{ status: 503, code: 'unavailable' }, 'postponed'],
  [{ status: 429, code: 'too_many' }, 'postponed'],
  [{ status: 403 }, 'postponed'],
  [{ status: 409, code: 'stale_version' }, 'refused changed'],
  [{ status: 409, code: 'illegal_transition' }, 'refused closed'],
  [{ status: 403, code: 'forbidden' }, 'refused not_yours'],
  [{ status: 413, code: 'image_too_large' }, 'refused too_large'],
  [{ status: 415, code: 'image_type' }, 'refused not_an_image'],
  [{ status: 409, code: 'too_many_images' }, 'refused full'],
  [{ status: 400, code: 'invalid_request' }, 'refused refused'],
  [{ status: 501, code: 'images_unsupported' }, 'refused refused'],
  [{ status: 410, code: 'link_gone', reason: 'expired' }, 'ended expired'],
  [{ status: 410, code: 'link_gone', reason: 'revoked' }, 'ended revoked'],
  [{ status: 404, code: 'not_found' }, 'ended unknown'],
  [{ status: 404 }, 'postponed'],
])('the answer %j means %s', (answer, wanted) => {
  const verdict = verdictOn(answer);
  const rest = 'refusal' in verdict ? [verdict.refusal] : 'ending' in verdict ? [verdict.ending] : [];
  expect([verdict.is, ...rest].join(' ')).toBe(wanted);
});

it('a refusal of what is so already is a confirmation', () => {
  const what = { kind: 'update' as const, patch: { status: 'in_progress' as const }, seen };
  const answer = { status: 409, code: 'stale_version', task: taskWith({ id: 1, status: 'in_progress' }) };
  expect(verdictOn(answer, what)).toEqual({ is: 'confirmed' });
  const changed = { ...answer, task: taskWith({ id: 1, status: 'not_completed' }) };
  expect(verdictOn(changed, what)).toEqual({ is: 'refused', refusal: 'changed' });
  const closed = { ...answer, task: taskWith({ id: 1, status: 'completed' }) };
  expect(verdictOn(closed, what)).toEqual({ is: 'refused', refusal: 'closed' });
});

// A server that loses answers, and a phone that loses patience. Whatever happens on the way, each entry has its effect
// once, in the order in which things were done.
it('every entry takes effect once and in order, whichever answers are lost', () => {
  const happening = fc.constantFrom('arrives', 'is lost', 'answer is lost', 'server is busy');
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 8 }),
      fc.array(happening),
      (tasks, happenings) => {
        let entries = tasks.map((taskId, order) => entryWith({ order, taskId }));
        const done = new Map<string, Entry>();
        const story = [...happenings];
        for (let turn = 0; entries.length > 0 && turn < 200; turn += 1) {
          const [entry] = sendable(hurried(entries, 0), 0);
          if (!entry) throw new Error('stuck');
          entries = entries.map((one) => (one.key === entry.key ? claimed(one, 0) : one));
          const what = story.shift() ?? 'arrives';
          if (what === 'arrives' || what === 'answer is lost') {
            const sent = entries.find(({ key }) => key === entry.key) as Entry;
            expect(done.get(entry.key)?.what ?? sent.what).toEqual(sent.what);
            done.set(entry.key, done.get(entry.key) ?? sent);
          }
          entries =
            what === 'arrives'
              ? confirmed(entries, entry.key, taskWith({ id: entry.taskId ?? 0, version: turn + 2 }))
              : postponed(entries, entry.key, { now: 0, random: Math.random });
        }
        expect(entries).toEqual([]);
        for (const taskId of [1, 2, 3]) {
          const wanted = tasks.flatMap((id, order) => (id === taskId ? [`key-${order}`] : []));
          expect([...done.values()].filter((entry) => entry.taskId === taskId).map(({ key }) => key)).toEqual(wanted);
        }
      },
    ),
  );
});
