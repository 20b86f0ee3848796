// Who does the work.
import { IconLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Employee } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import type { Work } from '../directory/directory.model.ts';
import { DirectoryScreen } from '../directory/directory-screen.tsx';
import { RowDetails } from '../directory/row-details.tsx';
import { RowForm } from '../directory/row-form.tsx';
import { useShown } from '../live/live.tsx';
import { languages } from '../words/languages.ts';

export default function Employees() {
  const { t } = useTranslation();
  const { employees } = useShown();
  const about = ({ position, active }: Employee) =>
    [position, active ? null : t('people.inactive')].filter(Boolean).join(' · ');
  return (
    <DirectoryScreen
      words="people"
      owner="employee_id"
      rows={employees}
      about={about}
      form={(row, onDone) => <EmployeeForm row={row} onDone={onDone} />}
      details={(row, work) => <EmployeeDetails row={row} work={work} />}
    />
  );
}

function EmployeeForm({ row, onDone }: { row: Employee | undefined; onDone: () => void }) {
  const { t } = useTranslation();
  const known = Object.entries(languages).map(([value, { name }]) => ({ value, label: name }));
  const own = row?.language && !languages[row.language] ? [{ value: row.language, label: row.language }] : [];
  const options = [{ value: '', label: t('value.siteLanguage') }, ...known, ...own];
  return (
    <RowForm
      topic="employee"
      row={row && { ...row }}
      onDone={onDone}
      fields={[{ name: 'name' }, { name: 'position' }, { name: 'phone', type: 'tel' }, { name: 'language', options }]}
    />
  );
}

function EmployeeDetails({ row, work }: { row: Employee; work: Work }) {
  const { t } = useTranslation();
  return (
    <RowDetails
      topic="employee"
      words="people"
      row={row}
      work={work}
      more={{ employee: [row.id] }}
      facts={[
        { name: 'position', value: row.position },
        { name: 'phone', value: row.phone && <a href={`tel:${row.phone}`}>{row.phone}</a> },
        { name: 'language', value: row.language && (languages[row.language]?.name ?? row.language) },
        { name: 'active', value: row.active ? null : t('value.no') },
      ]}
      actions={
        <>
          <Link className="button" to={`/links?employee=${row.id}`}>
            <IconLink size={16} aria-hidden="true" />
            {t('bulk.link')}
          </Link>
          <ActiveSwitch row={row} />
        </>
      }
      form={(onDone) => <EmployeeForm row={row} onDone={onDone} />}
    />
  );
}

function ActiveSwitch({ row }: { row: Employee }) {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const change = { active: !row.active };
  const turn = () =>
    feed.optimistic('employee', row.id, change, () => feed.request('PUT', `/api/employees/${row.id}`, change));
  return (
    <label className="choice">
      <input type="checkbox" checked={row.active} onChange={() => void turn().catch(() => undefined)} />
      {t('field.active')}
    </label>
  );
}
