import { useTranslation } from 'react-i18next';
import { numberText } from './numbers.ts';

export function useNumber(): (value: number) => string {
  const { i18n } = useTranslation();
  return (value) => numberText(value, i18n.language);
}
