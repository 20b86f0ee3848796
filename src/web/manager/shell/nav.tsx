// The way between the screens: a rail at the side, tabs at the bottom of a phone.

import { Menu } from '@mantine/core';
import {
  IconAddressBook,
  IconCalendarEvent,
  IconDots,
  IconLayoutKanban,
  IconLink,
  IconTable,
  IconTool,
  IconWaveSine,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { NavLink, useLocation, useNavigate } from 'react-router';
import { parseFilters, writeFilters } from '../filters/filters.model.ts';

export const screens = [
  { path: '/', key: 'today', Icon: IconCalendarEvent },
  { path: '/board', key: 'board', Icon: IconLayoutKanban },
  { path: '/table', key: 'table', Icon: IconTable },
  { path: '/employees', key: 'employees', Icon: IconAddressBook },
  { path: '/systems', key: 'systems', Icon: IconTool },
  { path: '/links', key: 'links', Icon: IconLink },
  { path: '/feed', key: 'feed', Icon: IconWaveSine },
] as const;

const taskScreens = ['/', '/board', '/table'];

/** The filters go along from one screen of tasks to the next. */
function useTarget(path: string): string {
  const { search, pathname } = useLocation();
  if (![pathname, path].every((one) => taskScreens.includes(one))) return path;
  const text = writeFilters(new URLSearchParams(), parseFilters(new URLSearchParams(search))).toString();
  return text === '' ? path : `${path}?${text}`;
}

function Item({ path, label, Icon }: { path: string; label: string; Icon: typeof IconDots }) {
  return (
    <NavLink to={useTarget(path)} end={path === '/'} className="nav-item">
      <Icon size={18} stroke={1.75} aria-hidden="true" />
      <span>{label}</span>
    </NavLink>
  );
}

export function Nav() {
  const { t } = useTranslation();
  return (
    <nav className="nav" aria-label={t('nav.label')}>
      {screens.map(({ path, key, Icon }) => (
        <Item key={path} path={path} label={t(`nav.${key}`)} Icon={Icon} />
      ))}
    </nav>
  );
}

const tabs = 4;

export function Tabs() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <nav className="tabs" aria-label={t('nav.label')}>
      {screens.slice(0, tabs).map(({ path, key, Icon }) => (
        <Item key={path} path={path} label={t(`nav.${key}`)} Icon={Icon} />
      ))}
      <Menu position="top-end">
        <Menu.Target>
          <button type="button" className="nav-item">
            <IconDots size={18} stroke={1.75} aria-hidden="true" />
            <span>{t('app.more')}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {screens.slice(tabs).map(({ path, key, Icon }) => (
            <Menu.Item key={path} leftSection={<Icon size={16} />} onClick={() => void navigate(path)}>
              {t(`nav.${key}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}
