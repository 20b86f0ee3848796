// The door: nothing of the site is shown before a manager has signed in.
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { RequestError } from '../../../client/index.ts';
import { useTaskfeed } from '../../../client/react.tsx';
import { useSite } from '../site/site-context.tsx';
import { changeWords } from '../words/i18n.ts';
import { languages } from '../words/languages.ts';
import './sign-in.css';

export function SignIn() {
  const { t, i18n } = useTranslation();
  const { name, contact } = useSite();
  const others = Object.entries(languages).filter(([code]) => code !== i18n.language);
  return (
    <main className="door">
      <h1>{name}</h1>
      <SignInForm />
      {contact !== null && <p className="soft">{t('door.contact', { contact })}</p>}
      {others.map(([code, language]) => (
        <button key={code} type="button" className="button plain" lang={code} onClick={() => void changeWords(code)}>
          {language.name}
        </button>
      ))}
    </main>
  );
}

function SignInForm() {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const [trouble, setTrouble] = useState<string | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setSending(true);
    try {
      await feed.request('POST', '/api/session', { email: form.get('email'), password: form.get('password') });
      location.reload();
    } catch (error) {
      const isWrong = error instanceof RequestError && error.code === 'wrong_credentials';
      setTrouble(isWrong ? t('door.wrong') : error instanceof Error ? error.message : t('toast.failed'));
      setSending(false);
    }
  };
  return (
    <form className="door-form" onSubmit={(event) => void send(event)}>
      <div className="field">
        <label htmlFor="email">{t('field.email')}</label>
        <input id="email" name="email" type="email" className="input" dir="ltr" autoComplete="username" required />
      </div>
      <div className="field">
        <label htmlFor="password">{t('door.password')}</label>
        <input
          id="password"
          name="password"
          type="password"
          className="input"
          dir="ltr"
          autoComplete="current-password"
          required
        />
      </div>
      {trouble !== undefined && (
        <p className="door-trouble" role="alert">
          {trouble}
        </p>
      )}
      <button type="submit" className="button main" disabled={isSending}>
        {t('fresh.signIn')}
      </button>
    </form>
  );
}
