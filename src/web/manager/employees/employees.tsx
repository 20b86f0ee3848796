import { useTranslation } from 'react-i18next';
import { ScreenHead } from '../shell/screen-head.tsx';

export default function Employees() {
  const { t } = useTranslation();
  return <ScreenHead title={t('people.title')} />;
}
