import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useIsThere } from '../shell/late.tsx';
import './keys.css';

const keys: [string[], string][] = [
  [['/'], 'search'],
  [['n'], 'new'],
  [['j'], 'next'],
  [['k'], 'previous'],
  [['Enter'], 'open'],
  [['x'], 'select'],
  [['e'], 'edit'],
  [['Shift', '←', '→'], 'move'],
  [['z'], 'undo'],
  [['Esc'], 'close'],
  [['?'], 'help'],
];

export default function KeysHelp({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const isThere = useIsThere();
  return (
    <Modal
      opened={isOpen && isThere}
      onClose={onClose}
      title={t('keys.title')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      centered
    >
      <dl className="keys">
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name} className="kbd">
                  {name}
                </kbd>
              ))}
            </dt>
            <dd>{t(`keys.${what}`)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
