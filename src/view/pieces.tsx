/** @jsxImportSource preact */
// Small parts of the page that several others are made of.
import type { ComponentChildren } from 'preact';
import { contactParts } from './model.ts';
import type { Actions, PageState } from './state.ts';
import type { Times } from './times.ts';
import type { Words } from './words.ts';

/** What every part needs: texts, times, and the buttons' deeds once scripts run. */
export interface Surroundings {
  state: PageState;
  words: Words;
  times: Times;
  actions: Actions | undefined;
}

/** Text of people: kept apart from its surroundings, in its own direction. */
export function Said({ children }: { children: string }) {
  return <bdi dir="auto">{children}</bdi>;
}

/** Text of people in lines of its own. */
export function Lines({ children, class: name = '' }: { children: string; class?: string }) {
  return (
    <p class={`lines ${name}`.trim()} dir="auto">
      {children}
    </p>
  );
}

const shapes = {
  phone:
    'M6.6 10.8a15 15 0 0 0 6.6 6.6l2.2-2.2a1 1 0 0 1 1-.25 11.4 11.4 0 0 0 3.6.57 1 1 0 0 1 1 1V20a1 1 0 0 1-1 1A17 17 0 0 1 3 4a1 1 0 0 1 1-1h3.5a1 1 0 0 1 1 1c0 1.25.2 2.45.57 3.57a1 1 0 0 1-.25 1z',
  camera:
    'M9 4 7.2 6H4a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V8a2 2 0 0 0-2-2h-3.2L15 4zm3 13.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9z',
  pictures:
    'M8 3h11a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm1 11h9l-3-4.2-2.1 2.8-1.4-1.8zM4 7H3v12a2 2 0 0 0 2 2h12v-1.6H4.6z',
  check: 'M9.5 19 3 12.5l2.1-2.1 4.4 4.4L18.9 5.4 21 7.5z',
  place: 'M12 2a7 7 0 0 0-7 7c0 5.2 7 13 7 13s7-7.8 7-13a7 7 0 0 0-7-7zm0 9.5A2.5 2.5 0 1 1 12 6.5a2.5 2.5 0 0 1 0 5z',
  clock: 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm4.2 14.2L11 13V7h1.6v5.1l4.4 2.7z',
} as const;

export function Icon({ shape }: { shape: keyof typeof shapes }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={shapes[shape]} />
    </svg>
  );
}

interface ButtonProps {
  class?: string;
  /** Undefined while no script has run: the button is there, so that nothing jumps, and cannot be pressed. */
  onPress: (() => void) | undefined;
  children: ComponentChildren;
  describedBy?: string;
}

export function Button({ class: name = '', onPress, children, describedBy }: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${name}`.trim()}
      disabled={!onPress}
      aria-describedby={describedBy}
      {...(onPress ? { onClick: onPress } : {})}
    >
      {children}
    </button>
  );
}

/** Whom to ask, in the site's words; numbers can be called, addresses written to. */
export function Contact({ contact }: { contact: string }) {
  return (
    <p class="contact">
      {contactParts(contact).map(({ text, href }) =>
        href === undefined ? (
          <bdi key={text}>{text}</bdi>
        ) : (
          <a key={href} href={href}>
            <bdi dir="ltr">{text}</bdi>
          </a>
        ),
      )}
    </p>
  );
}
