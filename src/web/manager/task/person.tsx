// A person as initials and a name. The colour of nobody is no colour.
import { useTranslation } from 'react-i18next';

export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

export function Person({ name }: { name: string | null }) {
  const { t } = useTranslation();
  return (
    <span className="person" data-nobody={name === null || undefined}>
      <span className="initials" aria-hidden="true">
        {name === null ? '' : initials(name)}
      </span>
      <bdi className="clip">{name ?? t('value.nobody')}</bdi>
    </span>
  );
}
