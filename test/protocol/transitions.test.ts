// The table of legal moves, against the contract's own words.
import { describe, expect, it } from '@jest/globals';
import { statuses, type TaskStatus } from '../../src/protocol/task.ts';
import { isLegal, type Step, sourcesOf } from '../../src/protocol/transitions.ts';

const contract: Record<Step, (from: TaskStatus) => TaskStatus[]> = {
  manager: () => statuses.filter((status) => status !== 'received'),
  link: (from) => {
    if (from === 'sent' || from === 'received') return ['in_progress', 'pending_approval', 'not_completed'];
    if (from === 'in_progress') return ['pending_approval', 'not_completed'];
    return from === 'pending_approval' || from === 'not_completed' ? ['in_progress'] : [];
  },
  acknowledge: (from) => (from === 'sent' ? ['received'] : []),
  approve: (from) => (from === 'pending_approval' ? ['completed'] : []),
  send_back: (from) => (['pending_approval', 'completed', 'not_completed'].includes(from) ? ['in_progress'] : []),
};

describe.each(Object.keys(contract) as Step[])('%s', (step) => {
  it.each(statuses)('may leave a task that is %s as the contract says, and may leave it alone', (from) => {
    const reachable = statuses.filter((to) => isLegal(step, from, to));
    expect(reachable).toEqual(statuses.filter((to) => to === from || contract[step](from).includes(to)));
  });

  it('has the same moves read backwards', () => {
    for (const to of statuses) expect(sourcesOf(step, to)).toEqual(statuses.filter((from) => isLegal(step, from, to)));
  });
});
