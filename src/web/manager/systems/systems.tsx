// What is maintained.
import type { System } from '../../../client/index.ts';
import type { Work } from '../directory/directory.model.ts';
import { DirectoryScreen } from '../directory/directory-screen.tsx';
import { RowDetails } from '../directory/row-details.tsx';
import { RowForm } from '../directory/row-form.tsx';
import { useShown } from '../live/live.tsx';

export default function Systems() {
  const { systems } = useShown();
  return (
    <DirectoryScreen
      words="places"
      owner="system_id"
      rows={systems}
      about={({ location }) => location ?? ''}
      form={(row, onDone) => <SystemForm row={row} onDone={onDone} />}
      details={(row, work) => <SystemDetails row={row} work={work} />}
    />
  );
}

function SystemForm({ row, onDone }: { row: System | undefined; onDone: () => void }) {
  return (
    <RowForm
      topic="system"
      row={row && { ...row }}
      onDone={onDone}
      fields={[
        { name: 'name' },
        { name: 'location' },
        { name: 'contact_name' },
        { name: 'phone', type: 'tel' },
        { name: 'email', type: 'email' },
        { name: 'description', type: 'long' },
      ]}
    />
  );
}

function SystemDetails({ row, work }: { row: System; work: Work }) {
  return (
    <RowDetails
      topic="system"
      words="places"
      row={row}
      work={work}
      more={{ system: [row.id] }}
      facts={[
        { name: 'location', value: row.location },
        { name: 'contact_name', value: row.contact_name },
        { name: 'phone', value: row.phone && <a href={`tel:${row.phone}`}>{row.phone}</a> },
        { name: 'email', value: row.email && <a href={`mailto:${row.email}`}>{row.email}</a> },
        { name: 'description', value: row.description },
      ]}
      form={(onDone) => <SystemForm row={row} onDone={onDone} />}
    />
  );
}
