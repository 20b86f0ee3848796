// The judge alone: what it lets pass and what it finds.
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Notes } from './notes.ts';
import { Screen } from './screen.ts';

let now: number;
let notes: Notes;
let screen: Screen;

const row = (version: number, note = `v${version}`) => new Map([[1, { version, note }]]);

/** Told and shown in one. */
function hear(version: number, { count = 1, mark = `v${version}` } = {}): void {
  screen.tell({ id: 1, kind: 'updated', version, count });
  screen.show({ id: 1, version, mark });
}

function commit(version: number | undefined, mark = `v${version}`): void {
  notes.commit([{ id: 1, version, mark }]);
  screen.note({ id: 1, version, mark, at: now });
}

beforeEach(() => {
  now = 0;
  notes = new Notes();
  screen = new Screen({ name: 'one', notes, now: () => now });
  screen.snapshot([{ id: 1, version: 1 }]);
  screen.show({ id: 1, version: 1, mark: 'v1' });
  screen.setLive(true);
});

describe('a screen that did all right', () => {
  it('is told every change, or several in one, or one again', () => {
    for (const version of [2, 3, 4]) commit(version);
    hear(2);
    hear(4, { count: 2 });
    hear(4, { count: 3 });
    screen.end(row(4), row(4));
    expect(screen.violations).toEqual([]);
    expect(screen.figures).toMatchObject({ missed: 0, lies: 0, events: 3 });
  });

  it('loaded anew what it was not told', () => {
    commit(5);
    screen.snapshot([{ id: 1, version: 5 }]);
    screen.show({ id: 1, version: 5, mark: 'v5' });
    screen.end(row(5), row(5));
    expect(screen.violations).toEqual([]);
  });

  it('hears of a deletion, which is a change too', () => {
    commit(undefined);
    screen.tell({ id: 1, kind: 'deleted', version: 1, count: 1 });
    screen.show({ id: 1, version: undefined });
    screen.end(new Map(), new Map());
    expect(screen.violations).toEqual([]);
  });

  it('was away while a row came and went', () => {
    for (const version of [1, 2, undefined]) {
      notes.commit([{ id: 2, version, mark: 'short' }]);
      screen.note({ id: 2, version, mark: 'short', at: now });
    }
    screen.snapshot([{ id: 1, version: 1 }]);
    screen.end(row(1), row(1));
    expect(screen.violations).toEqual([]);
  });

  it('was behind for long, and said so', () => {
    commit(2);
    screen.setLive(false);
    now = 60_000;
    hear(2);
    screen.setLive(true);
    screen.end(row(2), row(2));
    expect(screen.violations).toEqual([]);
    expect(screen.figures).toMatchObject({ longestStaleMs: 60_000, longestLieMs: 0, lies: 0 });
  });
});

describe('a screen that', () => {
  it('was not told a version', () => {
    hear(3);
    expect(screen.violations).toEqual(['row 1: versions 2 to 2 were left out before updated 3']);
    expect(screen.figures.missed).toBe(1);
  });

  it('was not told the change before a deletion', () => {
    screen.tell({ id: 1, kind: 'deleted', version: 2, count: 1 });
    expect(screen.violations).toEqual(['row 1: versions 2 to 2 were left out before deleted 2']);
  });

  it('went back', () => {
    hear(2);
    screen.show({ id: 1, version: 1 });
    expect(screen.violations).toEqual(['row 1 went back from 2 to 1']);
  });

  it('shows a row again that was deleted', () => {
    screen.show({ id: 1, version: undefined });
    screen.show({ id: 1, version: 3 });
    expect(screen.violations).toEqual(['row 1 went back from deleted to 3']);
  });

  it('called itself live while it was behind', () => {
    commit(2);
    now = 15_001;
    hear(2);
    screen.end(row(2), row(2));
    expect(screen.violations).toEqual(['row 1: live for 15.0 s without version 2']);
    expect(screen.figures).toMatchObject({ longestLieMs: 15_001, lies: 1 });
  });

  it('showed what nobody wrote', () => {
    commit(2, 'mine');
    hear(2, { mark: 'yours' });
    screen.end(row(2, 'mine'), row(2, 'mine'));
    expect(screen.violations).toEqual(['row 1 version 2 was shown as yours, it is mine']);
  });

  it('never showed a change', () => {
    commit(2);
    screen.end(row(2), row(1));
    expect(screen.violations).toEqual([
      'row 1: version 2 was never shown',
      'row 1 is shown as version 1 (v1), the table has version 2 (v2)',
    ]);
  });

  it('shows a row that is not there, and is not live', () => {
    screen.setLive(false);
    screen.end(new Map(), row(1));
    expect(screen.violations).toEqual(['it is not live at the end', 'row 1 is shown and not in the table']);
  });
});
