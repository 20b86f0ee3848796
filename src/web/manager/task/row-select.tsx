// One of the employees or systems. The browser's own list: it is the fastest there is on a phone, and speaks its language.
import { useId } from 'react';

export interface RowSelectProps {
  label: string;
  /** What choosing nothing is called. */
  none: string;
  rows: ReadonlyMap<number, { id: number; name: string; active?: boolean }>;
  value: number | null;
  onChange: (id: number | null) => void;
  isLabelHidden?: boolean;
}

export function RowSelect({ label, none, rows, value, onChange, isLabelHidden = false }: RowSelectProps) {
  const id = useId();
  const options = [...rows.values()]
    .filter((row) => row.active !== false || row.id === value)
    .sort((a, b) => a.name.localeCompare(b.name));
  return (
    <span className="select">
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'label'}>
        {label}
      </label>
      <select
        id={id}
        className="input"
        value={value ?? ''}
        onChange={(event) => onChange(event.target.value === '' ? null : Number(event.target.value))}
      >
        <option value="">{none}</option>
        {options.map(({ id: rowId, name }) => (
          <option key={rowId} value={rowId}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}
