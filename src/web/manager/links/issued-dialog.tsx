// The only moment at which a link can be seen: copy it, show it as a QR code, hand it on.
import { Modal } from '@mantine/core';
import { IconBrandWhatsapp, IconCheck, IconCopy, IconMail, IconMessage, IconShare } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { encode } from 'uqr';
import * as z from 'zod/mini';
import { useShown } from '../live/live.tsx';
import { useSite } from '../site/site-context.tsx';
import { shareTargets } from './links.model.ts';

const answer = z.object({ id: z.int(), url: z.url() });

export interface Issued {
  url: string;
  employeeId: number;
  /** Tasks in it. */
  count: number;
}

export function readIssued(body: unknown, { employeeId, count }: Omit<Issued, 'url'>): Issued {
  return { url: answer.parse(body).url, employeeId, count };
}

export function IssuedDialog({ issued, onClose }: { issued: Issued | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={issued !== undefined}
      onClose={onClose}
      title={t('links.ready')}
      closeButtonProps={{ 'aria-label': t('app.close') }}
      closeOnClickOutside={false}
      centered
    >
      {issued && <IssuedLink issued={issued} />}
    </Modal>
  );
}

function IssuedLink({ issued: { url, employeeId, count } }: { issued: Issued }) {
  const { t } = useTranslation();
  const { employees } = useShown();
  const site = useSite();
  const employee = employees.get(employeeId);
  const text = t('links.shareText', { count, name: employee?.name ?? '', site: site.name, url });
  const targets = shareTargets(text, employee?.phone ?? null);
  return (
    <div className="issued">
      <p>{t('links.once')}</p>
      <QrCode text={url} label={t('links.qr')} />
      <CopyField text={url} />
      <textarea className="input" rows={4} dir="auto" readOnly value={text} aria-label={t('action.share')} />
      <div className="steps">
        {'share' in navigator && (
          <button
            type="button"
            className="button"
            onClick={() => void navigator.share({ text }).catch(() => undefined)}
          >
            <IconShare size={16} aria-hidden="true" />
            {t('action.share')}
          </button>
        )}
        <a className="button" href={targets.whatsapp} target="_blank" rel="noreferrer noopener">
          <IconBrandWhatsapp size={16} aria-hidden="true" />
          {t('links.whatsapp')}
        </a>
        <a className="button" href={targets.sms}>
          <IconMessage size={16} aria-hidden="true" />
          {t('links.sms')}
        </a>
        <a className="button" href={targets.email}>
          <IconMail size={16} aria-hidden="true" />
          {t('links.email')}
        </a>
      </div>
    </div>
  );
}

function CopyField({ text }: { text: string }) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  const [isCopied, setCopied] = useState(false);
  // Without TLS, or without leave, there is no clipboard to write to: then it is ready to be copied by hand.
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(document.execCommand('copy'));
    }
  };
  return (
    <div className="copy">
      <input
        ref={field}
        className="input"
        dir="ltr"
        readOnly
        value={text}
        aria-label={t('links.title')}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="button main" onClick={() => void copy()}>
        {isCopied ? <IconCheck size={16} aria-hidden="true" /> : <IconCopy size={16} aria-hidden="true" />}
        {t(isCopied ? 'action.copied' : 'action.copy')}
      </button>
    </div>
  );
}

// Always dark on light: many phones read nothing else.
function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#12262b" />
    </svg>
  );
}
