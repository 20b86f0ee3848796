// Around each part of the page that has a script of its own: after an update of the server that script may be gone, and
// without a connection it does not come. The rest of the page goes on.
import { Component, type PropsWithChildren, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface GuardProps {
  /** What nobody wants any more is not missed. */
  isWanted?: boolean;
}

export class Guard extends Component<PropsWithChildren<GuardProps>, { isBroken: boolean }> {
  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override state = { isBroken: false };

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return this.props.isWanted === false ? null : <Broken />;
  }
}

function Broken() {
  const { t } = useTranslation();
  const [isUnanswered, setUnanswered] = useState(false);
  const loadAgain = async () => {
    setUnanswered(false);
    // Without a server the whole page would be lost.
    if (await isAnswered()) location.reload();
    else setUnanswered(true);
  };
  return (
    <section className="broken" role="alert">
      <p>
        <strong>{t('app.broken')}</strong> {t('app.brokenText')}
      </p>
      {isUnanswered && <p>{t('app.unanswered')}</p>}
      <button type="button" className="button main" onClick={() => void loadAgain()}>
        {t('app.loadAgain')}
      </button>
    </section>
  );
}

async function isAnswered(): Promise<boolean> {
  try {
    const { ok } = await fetch(location.href, { method: 'HEAD', cache: 'no-store' });
    return ok;
  } catch {
    return false;
  }
}
