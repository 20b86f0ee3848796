import { useTranslation } from 'react-i18next';
import { ScreenHead } from '../shell/screen-head.tsx';

export default function Systems() {
  const { t } = useTranslation();
  return <ScreenHead title={t('places.title')} />;
}
