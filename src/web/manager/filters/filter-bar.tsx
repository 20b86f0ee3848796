// Search and filters, the same on every screen of tasks.
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { priorities, statuses } from '../../../protocol/task.ts';
import { useShown } from '../live/live.tsx';
import { directionOf } from '../words/direction.ts';
import { FilterMenu } from './filter-menu.tsx';
import './filters.css';
import { dueChoices, isFiltered, noFilters, type Owner, toggle } from './filters.model.ts';
import { useFilters } from './use-filters.ts';

export function FilterBar({ isCompact = false }: { isCompact?: boolean }) {
  const { t } = useTranslation();
  const { filters, change } = useFilters();
  const [isOpen, setOpen] = useState(() => !isCompact && matchMedia('(min-width: 48em)').matches);
  const { text: _text, ...kinds } = filters;
  const count = Object.values(kinds).filter((list) => list.length > 0).length;
  const isShown = isOpen || count > 0;
  return (
    <search className="filters" aria-label={t('filter.label')}>
      <SearchField />
      <button
        type="button"
        className={isCompact ? 'button' : 'button only-phone'}
        aria-expanded={isShown}
        onClick={() => setOpen(!isOpen)}
      >
        <IconFilter size={16} aria-hidden="true" />
        {count > 0 ? t('filter.show', { count }) : t('filter.label')}
      </button>
      {isShown && <FilterMenus />}
      {isFiltered(filters) && (
        <button type="button" className="button plain" onClick={() => change(noFilters)}>
          <IconX size={16} aria-hidden="true" />
          {t('filter.clear')}
        </button>
      )}
    </search>
  );
}

function SearchField() {
  const { t } = useTranslation();
  const { filters, change } = useFilters();
  // What is being typed is shown before the address and the screen have followed.
  const [typed, setTyped] = useState<string | undefined>(undefined);
  useEffect(() => {
    const goBack = () => setTyped(undefined);
    window.addEventListener('popstate', goBack);
    return () => window.removeEventListener('popstate', goBack);
  }, []);
  return (
    <label className="search">
      <IconSearch size={16} aria-hidden="true" />
      <span className="sr-only">{t('filter.search')}</span>
      <input
        className="input"
        type="search"
        data-key="/"
        dir={directionOf(typed ?? filters.text)}
        placeholder={t('filter.searchHint')}
        value={typed ?? filters.text}
        onChange={(event) => {
          setTyped(event.target.value);
          change({ text: event.target.value });
        }}
        onBlur={() => setTyped(undefined)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
    </label>
  );
}

function FilterMenus() {
  const { t } = useTranslation();
  const { filters, change } = useFilters();
  const { employees, systems } = useShown();
  const named = (
    rows: ReadonlyMap<number, { id: number; name: string }>,
    none: string,
  ): { value: Owner; label: string }[] => [
    { value: 'none', label: none },
    ...[...rows.values()]
      .sort((a, b) => a.name.localeCompare(b.name))
      .map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <>
      <FilterMenu
        label={t('filter.status')}
        options={statuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        chosen={filters.status}
        onToggle={(value) => change({ status: toggle(filters.status, value) })}
        onClear={() => change({ status: [] })}
      />
      <FilterMenu
        label={t('filter.employee')}
        options={named(employees, t('filter.unassigned'))}
        chosen={filters.employee}
        onToggle={(value) => change({ employee: toggle(filters.employee, value) })}
        onClear={() => change({ employee: [] })}
      />
      <FilterMenu
        label={t('filter.system')}
        options={named(systems, t('value.noSystem'))}
        chosen={filters.system}
        onToggle={(value) => change({ system: toggle(filters.system, value) })}
        onClear={() => change({ system: [] })}
      />
      <FilterMenu
        label={t('filter.priority')}
        options={priorities.map((value) => ({ value, label: t(`priority.${value}`) }))}
        chosen={filters.priority}
        onToggle={(value) => change({ priority: toggle(filters.priority, value) })}
        onClear={() => change({ priority: [] })}
      />
      <FilterMenu
        label={t('filter.due')}
        options={dueChoices.map((value) => ({ value, label: t(`due.${value}`) }))}
        chosen={filters.due}
        onToggle={(value) => change({ due: toggle(filters.due, value) })}
        onClear={() => change({ due: [] })}
      />
    </>
  );
}
