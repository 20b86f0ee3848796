// The tasks that a screen is about: those that the filters of the address let through, as of now.
import { useMemo } from 'react';
import type { ListedTask } from '../../../client/index.ts';
import { useDays, useShown } from '../live/live.tsx';
import type { Days } from '../times/days.ts';
import { type Filters, filterTasks } from './filters.model.ts';
import { useFilters } from './use-filters.ts';

export function useFound(): { found: ListedTask[]; filters: Filters; days: Days } {
  const { tasks } = useShown();
  const days = useDays();
  const { filters } = useFilters();
  const found = useMemo(() => filterTasks(tasks.values(), filters, days), [tasks, filters, days]);
  return { found, filters, days };
}
