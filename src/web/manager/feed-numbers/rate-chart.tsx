// Changes per second over the last minute.
import { useTranslation } from 'react-i18next';

export function RateChart({ perSecond }: { perSecond: readonly number[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...perSecond);
  const bars = perSecond.map((count, second) => ({ count, second }));
  const last = perSecond.at(-1) ?? 0;
  return (
    <figure className="rate">
      <figcaption>
        {t('feedScreen.rate')} <strong className="digits">{last}</strong>{' '}
        <span className="soft">{t('feedScreen.most', { count: most === 1 ? Math.max(0, ...perSecond) : most })}</span>
      </figcaption>
      <svg viewBox="0 0 60 20" preserveAspectRatio="none" aria-hidden="true">
        {bars.map(({ count, second }) => (
          <rect key={second} x={second + 0.1} width={0.8} y={20 - (20 * count) / most} height={(20 * count) / most} />
        ))}
      </svg>
    </figure>
  );
}
