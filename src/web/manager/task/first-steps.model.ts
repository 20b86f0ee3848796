// How far a new site has come. Pure.
import type { Shown } from '../live/calm.ts';

export interface Step {
  key: 'people' | 'places' | 'tasks' | 'send';
  isDone: boolean;
  /** The one to do now. */
  isNext: boolean;
  /** Where it is done. */
  path: string;
}

/** Undefined for a site that knows its way: one that has sent a task. */
export function firstSteps({ tasks, employees, systems, links }: Shown): Step[] | undefined {
  const isStarted = links.size > 0 || [...tasks.values()].some(({ status }) => status !== 'draft');
  if (isStarted) return undefined;
  const given = [...tasks.values()].find(({ employee_id }) => employee_id !== null)?.employee_id;
  const [first, ...more] = employees.keys();
  const employee = given ?? (more.length === 0 ? first : undefined);
  const steps: Omit<Step, 'isNext'>[] = [
    { key: 'people', isDone: employees.size > 0, path: '/employees?new' },
    { key: 'places', isDone: systems.size > 0, path: '/systems?new' },
    { key: 'tasks', isDone: tasks.size > 0, path: '/?new' },
    { key: 'send', isDone: false, path: employee === undefined ? '/links?new' : `/links?employee=${employee}` },
  ];
  // A site can do without systems.
  const next = steps.find(({ key, isDone }) => !isDone && key !== 'places');
  return steps.map((step) => ({ ...step, isNext: step === next }));
}
