// What is being written in the panel for new tasks, and what it means so far.
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import { useEditing } from '../edit/edit-context.tsx';
import { type Owner, parseFilters } from '../filters/filters.model.ts';
import { useDays, useShown } from '../live/live.tsx';
import { useSite } from '../site/site-context.tsx';
import { linesIn } from './create.model.ts';
import type { LineNames } from './line.model.ts';

/** A single choice in the filters is what new tasks are for. */
function useGuess() {
  const [query] = useSearchParams();
  const { employee, system } = parseFilters(query);
  const only = ([first = 'none', ...more]: readonly Owner[]) => (first === 'none' || more.length > 0 ? null : first);
  return { employee: only(employee), system: only(system) };
}

function useNames(): LineNames {
  const { employees, systems } = useShown();
  return useMemo(
    () => ({ employees: [...employees.values()].filter(({ active }) => active), systems: [...systems.values()] }),
    [employees, systems],
  );
}

export function useCreate() {
  const { edits } = useEditing();
  const { timezone } = useSite();
  const days = useDays();
  const names = useNames();
  const guess = useGuess();
  const [text, setText] = useState('');
  const [employeeId, setEmployeeId] = useState(guess.employee);
  const [systemId, setSystemId] = useState(guess.system);
  const draft = useMemo(
    () => linesIn(text, { employee_id: employeeId, system_id: systemId }, { names, days, zone: timezone }),
    [text, employeeId, systemId, names, days, timezone],
  );
  const canAdd = draft.lines.length > 0 && draft.tooLong === undefined && draft.untitled === undefined;
  const add = async () => {
    if (!canAdd) return;
    setText('');
    const created = await edits.create(draft.lines.map(({ task }) => task));
    if (created.length === 0) setText((current) => (current === '' ? text : current));
  };
  return { text, setText, employeeId, setEmployeeId, systemId, setSystemId, names, draft, canAdd, add };
}

export type Create = ReturnType<typeof useCreate>;
