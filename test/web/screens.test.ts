// What the screens make of the room they have and of what has happened. Pure.
import { describe, expect, it } from '@jest/globals';
import { columns } from '../../src/web/manager/board/board.model.ts';
import { choicesText, foldedColumns, parseChoices } from '../../src/web/manager/board/folding.model.ts';
import { commonParts, type Entry, groupNews } from '../../src/web/manager/today/news-groups.model.ts';
import { inText } from '../../src/web/manager/words/numbers.ts';

describe('columns', () => {
  const folded = (width: number, choices = {}) => [...foldedColumns({ columns, width, choices })].sort();

  it('are all open where there is room', () => {
    expect(folded(1_712)).toEqual([]);
  });

  it('give way in an order: what is finished first, never what waits for the manager', () => {
    expect(folded(1_220)).toEqual(['completed']);
    expect(folded(1_055)).toEqual(['completed', 'received']);
    // A window of 1,024 px: what is to be sent stays in sight.
    expect(folded(915)).toEqual(['completed', 'received']);
    expect(folded(800)).toEqual(['completed', 'draft', 'received']);
    expect(folded(100)).toEqual(['completed', 'draft', 'not_completed', 'received']);
  });

  it('stay as a person has put them, and others give way instead', () => {
    expect(folded(1_220, { completed: 'open' })).toEqual(['received']);
    expect(folded(1_712, { sent: 'folded' })).toEqual(['sent']);
  });

  it('are remembered, and nonsense is forgotten', () => {
    const choices = { completed: 'open', sent: 'folded' } as const;
    expect(parseChoices(choicesText(choices), columns)).toEqual(choices);
    expect(parseChoices('sent:shut nothing:open __proto__:open', columns)).toEqual({});
    expect(parseChoices(null, columns)).toEqual({});
  });
});

describe('numbers in texts', () => {
  it('have separators where something is counted, and none where a task is named', () => {
    expect(inText(10_000, 'en', 'count')).toBe('10,000');
    expect(inText(1_234_567, 'he', 'shown')).toBe('1,234,567');
    expect(inText(10_000, 'en', 'id')).toBe('10000');
    expect(inText('Boiler', 'en', 'count')).toBe('Boiler');
  });

  it('and names that run the other way are kept apart, addresses excepted', () => {
    expect(inText('Dana', 'he', 'name')).toBe('\u2068Dana\u2069');
    expect(inText('דנה', 'he', 'name')).toBe('דנה');
    expect(inText('דנה', 'en', 'name')).toBe('\u2068דנה\u2069');
    expect(inText('https://a.example/c/x', 'he', 'url')).toBe('https://a.example/c/x');
  });
});

describe('the news', () => {
  const told = (seq: number, { id = seq, actor = 'manager:1', to = 'sent', seconds = 0 } = {}): Entry => ({
    told: {
      seq: String(seq),
      at: new Date(Date.UTC(2026, 10, 23, 12, 0, -seconds)).toISOString(),
      actor,
      actor_name: null,
      op: 'update',
      fields: { status: { from: `was ${seq}`, to } },
      task: { id, title: `Task ${id}` },
    },
  });
  const counts = (entries: Entry[], most = 10) => groupNews(entries, { most, isCut: false }).map(({ count }) => count);

  it('tell as one what one hand did to many tasks, and two of them one by one', () => {
    expect(counts([told(1), told(2), told(3), told(4)])).toEqual([4]);
    expect(counts([told(1), told(2)])).toEqual([1, 1]);
    expect(counts([told(1), told(2), told(3, { actor: 'manager:2' }), told(4)])).toEqual([1, 1, 1, 1]);
  });

  it('tell three changes of one task one by one, and what came after a silence apart', () => {
    expect(counts([told(1, { id: 7 }), told(2, { id: 7 }), told(3, { id: 7 })])).toEqual([1, 1, 1]);
    const later = [4, 5, 6].map((seq) => told(seq, { seconds: 300 }));
    expect(counts([told(1), told(2), told(3), ...later])).toEqual([3, 3]);
  });

  it('are no more groups than asked for, whatever there is', () => {
    const all = Array.from({ length: 5_000 }, (_, n) => told(n));
    expect(counts(all, 3)).toEqual([5_000]);
    expect(counts([told(1), told(2, { actor: 'manager:2' }), told(3)], 2)).toEqual([1, 1]);
  });

  it('say that there may be more where they were cut off, and only there', () => {
    const entries = [told(1), told(2), told(3), ...[4, 5, 6].map((seq) => told(seq, { actor: 'manager:2' }))];
    expect(groupNews(entries, { most: 9, isCut: true }).map(({ isCut }) => isCut)).toEqual([false, true]);
  });

  it('say of many where they went, and where they came from only if that was one place', () => {
    const parts = [{ field: 'status', from: 'Was 1', to: 'Sent' }];
    expect(commonParts(parts, [told(1), told(2)])).toEqual([{ field: 'status', to: 'Sent' }]);
    expect(commonParts(parts, [told(1), told(2, { to: 'draft' })])).toEqual([{ field: 'status' }]);
    expect(commonParts(parts, [told(1)])).toEqual(parts);
  });
});
