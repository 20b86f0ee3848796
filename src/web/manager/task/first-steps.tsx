// What to do first on a new site, and what of it is done; from nothing to a task on an employee's phone.
import { IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useFreshness } from '../../../client/react.tsx';
import { useShown } from '../live/live.tsx';
import './first-steps.css';
import { firstSteps, type Step } from './first-steps.model.ts';

export function FirstSteps() {
  const { t } = useTranslation();
  const shown = useShown();
  const { state, since } = useFreshness();
  const steps = firstSteps(shown);
  if (!steps || (state !== 'live' && since === undefined)) return null;
  return (
    <section className="first-steps" aria-labelledby="first-steps-title">
      <h2 id="first-steps-title">{t('first.title')}</h2>
      <ol>
        {steps.map((step) => (
          <li key={step.key} data-done={step.isDone || undefined} aria-current={step.isNext ? 'step' : undefined}>
            <span className="step-mark" aria-hidden="true">
              {step.isDone && <IconCheck size={14} />}
            </span>
            <div>
              <strong>{t(`first.${step.key}`)}</strong>
              <p className="soft">{t(step.isDone ? 'first.done' : `first.${step.key}Text`)}</p>
            </div>
            {!step.isDone && <StepAction step={step} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function StepAction({ step: { key, path, isNext } }: { step: Step }) {
  const { t } = useTranslation();
  return (
    <Link className={isNext ? 'button main' : 'button'} to={path}>
      {t(`first.${key}Do`)}
    </Link>
  );
}
