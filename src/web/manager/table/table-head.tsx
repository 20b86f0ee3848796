import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Sort, SortField } from './table.model.ts';

const columns: { field: SortField; key: string }[] = [
  { field: 'title', key: 'field.title' },
  { field: 'status', key: 'field.status' },
  { field: 'employee', key: 'field.employee_name' },
  { field: 'system', key: 'field.system_name' },
  { field: 'due', key: 'field.due_at' },
  { field: 'change', key: 'table.change' },
];

export interface TableHeadProps {
  sort: Sort;
  onSort: (field: SortField) => void;
  areAllChosen: boolean;
  onChooseAll: () => void;
}

export function TableHead({ sort, onSort, areAllChosen, onChooseAll }: TableHeadProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/useSemanticElements: see table-rows
    <div role="rowgroup" className="table-head">
      {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see table-rows */}
      <div role="row" className="table-row" aria-rowindex={1}>
        {/* biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see table-rows */}
        <div role="columnheader" className="cell-choose">
          <input type="checkbox" aria-label={t('table.selectAll')} checked={areAllChosen} onChange={onChooseAll} />
        </div>
        {columns.map(({ field, key }) => (
          <HeadCell key={field} name={t(key)} field={field} sort={sort} onSort={onSort} />
        ))}
      </div>
    </div>
  );
}

function HeadCell({
  name,
  field,
  sort,
  onSort,
}: { name: string; field: SortField } & Pick<TableHeadProps, 'sort' | 'onSort'>) {
  const { t } = useTranslation();
  const isSorted = sort.field === field;
  const Arrow = sort.isDescending ? IconArrowDown : IconArrowUp;
  const order = sort.isDescending ? 'descending' : 'ascending';
  return (
    // biome-ignore lint/a11y/useSemanticElements lint/a11y/useFocusableInteractive: see table-rows
    <div role="columnheader" className={`cell-${field}`} aria-sort={isSorted ? order : 'none'}>
      <button type="button" title={t('table.sortBy', { field: name })} onClick={() => onSort(field)}>
        {name}
        {isSorted && <Arrow size={14} aria-hidden="true" />}
      </button>
    </div>
  );
}
