// Whatever happens: two tabs and a model server, with a network, a server and a clock that do their worst.
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { commands, run } from './model-run.ts';

describe('any sequence of writes, faults and loads', () => {
  it('leaves every store equal to the table, and never shows what was not', async () => {
    await fc.assert(
      fc.asyncProperty(commands, (sequence) => run(sequence)),
      { numRuns: 150 },
    );
  });
});
