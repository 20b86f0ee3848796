// What the screens make of the room they have and of what has happened. Pure.
import { describe, expect, it } from '@jest/globals';
import { columns } from '../../src/web/manager/board/board.model.ts';
import { choicesText, foldedColumns, parseChoices } from '../../src/web/manager/board/folding.model.ts';
import { inText } from '../../src/web/manager/words/numbers.ts';

describe('columns', () => {
  const folded = (width: number, choices = {}) => [...foldedColumns({ columns, width, choices })].sort();

  it('are all open where there is room', () => {
    expect(folded(1_712)).toEqual([]);
  });

  it('give way in an order: what is finished first, never what waits for the manager', () => {
    expect(folded(1_220)).toEqual(['completed']);
    expect(folded(1_055)).toEqual(['completed', 'received']);
    expect(folded(915)).toEqual(['completed', 'draft', 'received']);
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
