// A list of employees or systems: who or what, how much is open there, and the details of the chosen one.
import { IconPlus } from '@tabler/icons-react';
import { type CSSProperties, type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { useDays, useShown } from '../live/live.tsx';
import { ScreenHead } from '../shell/screen-head.tsx';
import { FirstSteps } from '../task/first-steps.tsx';
import { parseId } from '../task/ids.model.ts';
import '../task/task.css';
import { useNumber } from '../words/use-number.ts';
import '../today/today.css';
import './directory.css';
import { search, type Work, workBy } from './directory.model.ts';

export interface DirectoryRow {
  id: number;
  name: string;
}

export interface DirectoryScreenProps<Row extends DirectoryRow> {
  /** Group of the words. */
  words: 'people' | 'places';
  owner: 'employee_id' | 'system_id';
  rows: ReadonlyMap<number, Row>;
  /** A second line below the name. */
  about: (row: Row) => string;
  form: (row: Row | undefined, onDone: () => void) => ReactNode;
  details: (row: Row, work: Work) => ReactNode;
}

export function DirectoryScreen<Row extends DirectoryRow>(props: DirectoryScreenProps<Row>) {
  const { words, owner, rows, form, details } = props;
  const { t, i18n } = useTranslation();
  const number = useNumber();
  const { tasks, links } = useShown();
  const { now } = useDays();
  const [text, setText] = useState('');
  const [query, setQuery] = useSearchParams();
  // Also asked for by an address, as the first steps do.
  const isAdding = query.has('new');
  const workOf = useMemo(() => workBy(tasks.values(), owner, now), [tasks, owner, now]);
  const found = useMemo(() => search(rows.values(), text, i18n.language), [rows, text, i18n.language]);
  const chosenId = parseId(query.get('id'));
  const chosen = chosenId === undefined ? undefined : rows.get(chosenId);
  const setAdding = (isWanted: boolean) => setQuery(isWanted ? { new: '' } : {});
  const choose = (id: number | undefined) => setQuery(id === undefined ? {} : { id: String(id) });
  return (
    <>
      <ScreenHead title={t(`${words}.title`)} aside={<span className="soft digits">{number(rows.size)}</span>}>
        <div className="head-actions">
          <input
            className="input"
            type="search"
            data-key="/"
            aria-label={t(`${words}.search`)}
            placeholder={t(`${words}.search`)}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="button" className="button main" data-key="n" onClick={() => setAdding(true)}>
            <IconPlus size={16} aria-hidden="true" />
            {t(`${words}.add`)}
          </button>
        </div>
      </ScreenHead>
      <div className="screen directory" data-chosen={chosen ? '' : undefined}>
        {isAdding && <section className="create">{form(undefined, () => setAdding(false))}</section>}
        {!isAdding && <FirstSteps />}
        {rows.size === 0 && !isAdding && (links.size > 0 || tasks.size > 0) && (
          <div className="empty">
            <p className="soft">{t(`${words}.none`)}</p>
            <button type="button" className="button main" onClick={() => setAdding(true)}>
              {t(`${words}.add`)}
            </button>
          </div>
        )}
        {rows.size > 0 && found.length === 0 && <p className="nothing">{t('people.notFound', { text })}</p>}
        {found.length > 0 && (
          <DirectoryList {...props} found={found} chosenId={chosen?.id} workOf={workOf} onChoose={choose} />
        )}
        {chosen && (
          <section className="details" aria-label={chosen.name} key={chosen.id}>
            {details(chosen, workOf(chosen.id))}
          </section>
        )}
      </div>
    </>
  );
}

interface DirectoryListProps<Row extends DirectoryRow> {
  found: readonly Row[];
  about: (row: Row) => string;
  chosenId: number | undefined;
  workOf: (id: number) => Work;
  onChoose: (id: number | undefined) => void;
}

function DirectoryList<Row extends DirectoryRow>({
  found,
  about,
  chosenId,
  workOf,
  onChoose,
}: DirectoryListProps<Row>) {
  const { t } = useTranslation();
  const most = found.reduce((sum, { id }) => Math.max(sum, workOf(id).open.length), 1);
  return (
    <ul className="directory-list">
      {found.map((row) => {
        const { open, late } = workOf(row.id);
        const isChosen = row.id === chosenId;
        return (
          <li key={row.id}>
            <button type="button" aria-pressed={isChosen} onClick={() => onChoose(isChosen ? undefined : row.id)}>
              <bdi className="directory-name">{row.name}</bdi>
              <span className="soft clip">{about(row)}</span>
              <span className="load" aria-hidden="true" style={loadStyle(open.length, late, most)}>
                <i />
              </span>
              <span className="directory-work digits">
                {t('people.open', { count: open.length })}
                {late > 0 && <span className="late">{t('people.late', { count: late })}</span>}
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** A bar as long as there is work, against the busiest; its red part is late. */
function loadStyle(open: number, late: number, most: number): CSSProperties {
  return { '--open': open / most, '--late': open === 0 ? 0 : late / open } as CSSProperties;
}
