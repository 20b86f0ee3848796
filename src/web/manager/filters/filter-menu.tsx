// One kind of filter: a list of choices, several at once, with a field to find one in a long list.
import { Popover } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

export interface FilterMenuProps<T extends string | number> {
  label: string;
  options: readonly { value: T; label: string }[];
  chosen: readonly T[];
  onToggle: (value: T) => void;
  onClear: () => void;
}

const longList = 10;
const shownAtOnce = 200;

export function FilterMenu<T extends string | number>(props: FilterMenuProps<T>) {
  const { label, options, chosen } = props;
  const { t } = useTranslation();
  const names = options.filter(({ value }) => chosen.includes(value)).map((option) => option.label);
  const first = names[0] ?? String(chosen[0]);
  const text =
    chosen.length === 0 ? label : t('filter.chosen', { count: chosen.length, first, rest: chosen.length - 1 });
  return (
    <Popover position="bottom-start" trapFocus returnFocus withinPortal>
      <Popover.Target>
        <button
          type="button"
          className="button filter"
          data-active={chosen.length > 0 || undefined}
          aria-label={`${label}: ${text}`}
        >
          <bdi className="clip">{text}</bdi>
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="filter-list">
        <Choices {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices<T extends string | number>({ label, options, chosen, onToggle, onClear }: FilterMenuProps<T>) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const name = useId();
  const found = options.filter((option) => option.label.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <fieldset className="choices">
      <legend className="sr-only">{label}</legend>
      {options.length > longList && (
        <input
          className="input"
          type="search"
          aria-label={t('filter.find')}
          placeholder={t('filter.find')}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      )}
      {found.slice(0, shownAtOnce).map(({ value, label: text }) => (
        <label key={value} className="choice">
          <input type="checkbox" name={name} checked={chosen.includes(value)} onChange={() => onToggle(value)} />
          <bdi className="clip">{text}</bdi>
        </label>
      ))}
      {chosen.length > 0 && (
        <button type="button" className="button plain" onClick={onClear}>
          {t('filter.clearOne', { filter: label })}
        </button>
      )}
    </fieldset>
  );
}
