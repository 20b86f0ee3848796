// The pages for signing in and setting up, as HTML that needs no script: a form post is all there is to them.
import type { SignInWords } from './sign-in-words.ts';

export interface PageFrame {
  language: string;
  /** The name of the site. */
  site: string;
  words: SignInWords;
  /** CSS: where the project's own font is. */
  fonts: string;
}

export interface SignInView {
  email?: string;
  next: string;
  error?: string | undefined;
  isSetUp: boolean;
}

export type SetUpField = 'email' | 'name' | 'password';

export interface SetUpView {
  values: Partial<Record<SetUpField, string>>;
  wrong: SetUpField[];
  error?: string | undefined;
}

export function signInPage(frame: PageFrame, { email = '', next, error, isSetUp }: SignInView): string {
  const { words, site } = frame;
  const form = `
    ${alertOf(error)}
    <form method="post" action="/sign-in">
      <input type="hidden" name="next" value="${escaped(next)}">
      ${field({ id: 'email', type: 'email', label: words.email, value: email, complete: 'username', isFirst: email === '' })}
      ${field({ id: 'password', type: 'password', label: words.password, complete: 'current-password', isFirst: email !== '' })}
      <button type="submit">${words.signIn}</button>
    </form>
    <p class="soft">${command(words.forgot)}</p>`;
  const body = isSetUp ? form : `<p>${words.notSetUp}</p>`;
  return document(frame, { title: words.signInTo(site), heading: words.signIn }, body);
}

export function setUpPage(frame: PageFrame, { values, wrong, error }: SetUpView): string {
  const { words, site } = frame;
  const told = (id: SetUpField) => (wrong.includes(id) ? words.invalid[id] : undefined);
  const { email = '', name = '' } = values;
  const passwordField = { id: 'password', type: 'password', label: words.password, complete: 'new-password' };
  const body = `
    <p class="soft">${words.setUpHint}</p>
    ${alertOf(error)}
    <form method="post" novalidate>
      ${field({ id: 'email', type: 'email', label: words.email, value: email, complete: 'username', isFirst: true, error: told('email') })}
      ${field({ id: 'name', type: 'text', label: words.name, value: name, complete: 'name', error: told('name') })}
      ${field({ ...passwordField, hint: words.passwordHint, error: told('password') })}
      <button type="submit">${words.create}</button>
    </form>`;
  return document(frame, { title: words.setUp(site) }, body);
}

export function setUpEndedPage(frame: PageFrame): string {
  const { words } = frame;
  return document(
    frame,
    { title: words.ended },
    `<p>${words.endedHint}</p><p><a href="/sign-in">${words.toSignIn}</a></p>`,
  );
}

/** In place of a page that could not be made. */
export function troublePage(frame: PageFrame, isAway: boolean): string {
  const { title, away, failed, again } = frame.words.trouble;
  return document(frame, { title }, `<p>${isAway ? away : failed}</p><p><a href="">${again}</a></p>`);
}

interface Field {
  id: string;
  type: string;
  label: string;
  complete: string;
  value?: string;
  isFirst?: boolean;
  hint?: string;
  error?: string | undefined;
}

function field({ id, type, label, complete, value, isFirst, hint, error }: Field): string {
  const notes = [
    ...(error ? [`<p class="wrong" id="${id}-error">${error}</p>`] : []),
    ...(hint ? [`<p class="soft" id="${id}-hint">${hint}</p>`] : []),
  ];
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const attributes = [
    `id="${id}" name="${id}" type="${type}" autocomplete="${complete}" required`,
    type === 'text' ? 'dir="auto"' : 'dir="ltr" spellcheck="false" autocapitalize="none"',
    ...(value ? [`value="${escaped(value)}"`] : []),
    ...(isFirst ? ['autofocus'] : []),
    ...(describedBy ? [`aria-describedby="${describedBy}"`] : []),
    ...(error ? ['aria-invalid="true"'] : []),
  ];
  return `<div class="field"><label for="${id}">${label}</label><input ${attributes.join(' ')}>${notes.join('')}</div>`;
}

function alertOf(error: string | undefined): string {
  return error ? `<p class="alert" role="alert">${error}</p>` : '';
}

/** A command to type stays in one piece and one direction, in whatever text it stands. */
function command(text: string): string {
  return text.replace(/taskfeed [a-z -]+/, (words) => `<code dir="ltr">${words}</code>`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

interface Titles {
  title: string;
  /** The title if not given. */
  heading?: string;
}

function document(
  { language, site, words, fonts }: PageFrame,
  { title, heading = title }: Titles,
  body: string,
): string {
  return `<!doctype html>
<html lang="${escaped(language)}" dir="${words.direction}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex, nofollow">
  <title>${escaped(title)}</title>
  <style>${fonts}${style}</style>
</head>
<body>
  <div class="tape" aria-hidden="true"></div>
  <main>
    <p class="site"><bdi>${escaped(site)}</bdi></p>
    <h1>${escaped(heading)}</h1>
    ${body}
  </main>
</body>
</html>`;
}

const style = `
:root { color-scheme: light dark; --paper: #f5f7f6; --card: #fff; --ink: #12262b; --soft: #4a5f65; --rule: #6f858a;
  --petrol: #0d6573; --on-petrol: #fff; --alarm: #b0281a; --edge: #d3dcda; --tape-a: #f2b90c; --tape-b: #17191a; }
@media (prefers-color-scheme: dark) { :root { --paper: #0e1618; --card: #142023; --ink: #e3ebe9; --soft: #a9bcbe;
  --rule: #7f989b; --petrol: #5cc2cf; --on-petrol: #06181b; --alarm: #ff8873; --edge: #26353a; } }
* { box-sizing: border-box; }
body { margin: 0; min-block-size: 100vh; background: var(--paper); color: var(--ink);
  font: 400 1rem/1.5 "Rubik Variable", Rubik, "Segoe UI", "Noto Sans", sans-serif; text-size-adjust: 100%; }
.tape { block-size: 8px; background: repeating-linear-gradient(-45deg, var(--tape-a) 0 16px, var(--tape-b) 16px 32px); }
main { inline-size: min(100% - 2rem, 25rem); margin: clamp(1.5rem, 10vh, 6rem) auto 2rem; padding: 1.75rem;
  background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.site { margin: 0; color: var(--petrol); font-weight: 600; overflow-wrap: anywhere; }
h1 { margin: 0.25rem 0 1.25rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; }
.field { margin-block-end: 1rem; }
label { display: block; margin-block-end: 0.3rem; font-weight: 500; }
input { inline-size: 100%; min-block-size: 2.75rem; padding: 0.5rem 0.75rem; border: 1px solid var(--rule);
  border-radius: 6px; background: var(--paper); color: inherit; font: inherit; }
input[aria-invalid] { border-color: var(--alarm); border-width: 2px; }
button { inline-size: 100%; min-block-size: 2.75rem; border: 0; border-radius: 6px; background: var(--petrol);
  color: var(--on-petrol); font: inherit; font-weight: 600; cursor: pointer; }
a { color: var(--petrol); }
:focus-visible { outline: 3px solid var(--petrol); outline-offset: 2px; }
.soft { color: var(--soft); font-size: 0.875rem; }
.field .soft, .wrong { margin: 0.35rem 0 0; font-size: 0.875rem; }
.wrong { color: var(--alarm); }
form + .soft { margin: 1.25rem 0 0; }
.alert { padding: 0.65rem 0.85rem; border-inline-start: 4px solid var(--alarm); background: var(--paper); }
code { font-size: 0.9em; overflow-wrap: anywhere; unicode-bidi: isolate; }
`;
