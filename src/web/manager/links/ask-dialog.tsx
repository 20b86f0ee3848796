// A question before something that cannot be taken back.
import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export interface AskDialogProps {
  isOpen: boolean;
  title: string;
  question: string;
  isDanger: boolean;
  onYes: () => void;
  onNo: () => void;
}

export function AskDialog({ isOpen, title, question, isDanger, onYes, onNo }: AskDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal opened={isOpen} onClose={onNo} title={title} closeButtonProps={{ 'aria-label': t('app.close') }} centered>
      <p>{question}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onNo}>
          {t('action.cancel')}
        </button>
        <button type="button" className={`button ${isDanger ? 'danger' : 'main'}`} onClick={onYes}>
          {title}
        </button>
      </div>
    </Modal>
  );
}
