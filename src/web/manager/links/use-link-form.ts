import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { ListedTask } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import { useEditing } from '../edit/edit-context.tsx';
import { useShown } from '../live/live.tsx';
import { parseId, parseIds } from '../task/ids.model.ts';
import { toggled } from '../task/selection.ts';
import { type Issued, readIssued } from './issued-dialog.tsx';
import { linkable, mostTasks } from './links.model.ts';

export interface LinkForm {
  employeeId: number | null;
  setEmployeeId: (id: number | null) => void;
  /** The employee's open tasks. */
  own: readonly ListedTask[];
  /** Those that go into the link. */
  chosen: readonly ListedTask[];
  toggle: (id: number) => void;
  chooseAll: (areWanted: boolean) => void;
  days: number;
  setDays: (days: number) => void;
  isSending: boolean;
  /** Resolves with nothing if it could not be made; that has been told. */
  send: () => Promise<Issued | undefined>;
}

/** All of the employee's open tasks are chosen, unless the address names some. */
export function useLinkForm(): LinkForm {
  const [query] = useSearchParams();
  const { tasks } = useShown();
  const named = parseIds(query.get('tasks'));
  const [employeeId, setEmployeeId] = useState<number | null>(() => {
    const [first] = named;
    const ofTask = first === undefined ? null : tasks.get(first)?.employee_id;
    return ofTask ?? parseId(query.get('employee')) ?? null;
  });
  const own = employeeId === null ? [] : linkable(tasks.values(), employeeId);
  const [left, setLeft] = useState<ReadonlySet<number>>(
    () => new Set(named.length === 0 ? [] : own.map(({ id }) => id).filter((id) => !named.includes(id))),
  );
  const chosen = own.filter(({ id }) => !left.has(id)).slice(0, mostTasks);
  const [days, setDays] = useState(7);
  const { send, isSending } = useSend();
  return {
    employeeId,
    setEmployeeId,
    own,
    chosen,
    toggle: (id) => setLeft((current) => toggled(current, id)),
    chooseAll: (areWanted) => setLeft(new Set(areWanted ? [] : own.map(({ id }) => id))),
    days,
    setDays,
    isSending,
    send: async () => (employeeId === null ? undefined : send(employeeId, { chosen, days })),
  };
}

function useSend() {
  const feed = useTaskfeed();
  const { toasts } = useEditing();
  const [isSending, setSending] = useState(false);
  const send = async (employeeId: number, { chosen, days }: Pick<LinkForm, 'chosen' | 'days'>) => {
    setSending(true);
    try {
      const body = { employee_id: employeeId, task_ids: chosen.map(({ id }) => id), expires_in_hours: days * 24 };
      const answer = await feed.request('POST', '/api/confirm/generate', body);
      return readIssued(answer, { employeeId, count: chosen.length });
    } catch (error) {
      toasts.show({ tone: 'trouble', key: 'toast.failed', detail: error instanceof Error ? error.message : '' });
      return undefined;
    } finally {
      setSending(false);
    }
  };
  return { send, isSending };
}
