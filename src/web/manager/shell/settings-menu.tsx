// Language, appearance, keys and signing out.
import { type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck,
  IconDeviceDesktop,
  IconKeyboard,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useTaskfeed } from '../../../client/react.tsx';
import { type Signal, useSignal } from '../live/signal.ts';
import type { Me } from '../site/me.ts';
import { changeWords } from '../words/i18n.ts';
import { languages } from '../words/languages.ts';

const schemes: { value: MantineColorScheme; Icon: typeof IconSun }[] = [
  { value: 'light', Icon: IconSun },
  { value: 'dark', Icon: IconMoon },
  { value: 'auto', Icon: IconDeviceDesktop },
];

export function SettingsMenu({ me, onKeys }: { me: Signal<Me | undefined>; onKeys: () => void }) {
  const { t } = useTranslation();
  const person = useSignal(me);
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <button
          type="button"
          className="nav-item settings"
          aria-label={[t('nav.settings'), person?.name].filter(Boolean).join(': ')}
        >
          <IconSettings size={18} stroke={1.75} aria-hidden="true" />
          <bdi className="clip">{person?.name ?? t('nav.settings')}</bdi>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <LanguageItems />
        <AppearanceItems />
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          rightSection={<kbd className="kbd">?</kbd>}
          onClick={onKeys}
        >
          {t('nav.keys')}
        </Menu.Item>
        {person && <SignOutItem />}
      </Menu.Dropdown>
    </Menu>
  );
}

function LanguageItems() {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Menu.Label>{t('nav.language')}</Menu.Label>
      {Object.entries(languages).map(([code, { name }]) => (
        <Menu.Item
          key={code}
          lang={code}
          rightSection={i18n.language === code && <IconCheck size={16} />}
          onClick={() => void changeWords(code)}
        >
          {name}
        </Menu.Item>
      ))}
    </>
  );
}

function AppearanceItems() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <>
      <Menu.Label>{t('nav.theme')}</Menu.Label>
      {schemes.map(({ value, Icon }) => (
        <Menu.Item
          key={value}
          leftSection={<Icon size={16} />}
          rightSection={colorScheme === value && <IconCheck size={16} />}
          onClick={() => setColorScheme(value)}
        >
          {t(`nav.${value}`)}
        </Menu.Item>
      ))}
    </>
  );
}

function SignOutItem() {
  const { t } = useTranslation();
  const feed = useTaskfeed();
  const signOut = async () => {
    await feed.request('DELETE', '/api/session').catch(() => undefined);
    location.assign('/');
  };
  return (
    <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
      {t('nav.signOut')}
    </Menu.Item>
  );
}
