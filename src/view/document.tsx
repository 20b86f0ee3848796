/** @jsxImportSource preact */
// The whole HTML document, for the server. What a chat's link preview shows is its title, which names no person.
import type { VNode } from 'preact';
import { Ended, type EndedProps } from './ended.tsx';
import { Page } from './page.tsx';
import type { PageState } from './state.ts';
import { wordsOf } from './words.ts';

/** What the build made of src/web/link: its style as text, the address of its script. */
export interface PageAssets {
  style: string;
  script: string | undefined;
}

export interface DocumentOptions {
  assets: PageAssets;
  /** Of the content security policy. */
  nonce: string | undefined;
}

/** The page of a link. Its state goes along, so that the script can take over what is there. */
export function pageDocument(state: PageState, options: DocumentOptions): VNode {
  const title = `${wordsOf(state.language).title} · ${state.site.name}`;
  return (
    <Document {...options} language={state.language} title={title}>
      <div id="page">
        <Page state={state} />
      </div>
      <script id="state" type="application/json" dangerouslySetInnerHTML={{ __html: safeJson(state) }} />
    </Document>
  );
}

/** The page of a link that has ended or never was; it needs no script. */
export function endedDocument(ended: EndedProps, { assets, nonce }: DocumentOptions): VNode {
  const title = `${wordsOf(ended.language).ended[ended.ending].title} · ${ended.site.name}`;
  return (
    <Document assets={{ ...assets, script: undefined }} nonce={nonce} language={ended.language} title={title}>
      <div id="page">
        <Ended {...ended} />
      </div>
    </Document>
  );
}

interface DocumentProps extends DocumentOptions {
  language: string;
  title: string;
  children: VNode | VNode[];
}

function Document({ language, title, assets, nonce, children }: DocumentProps) {
  return (
    <html lang={language} dir={wordsOf(language).direction}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="referrer" content="no-referrer" />
        <meta name="format-detection" content="telephone=no" />
        <title>{title}</title>
        <style nonce={nonce} dangerouslySetInnerHTML={{ __html: assets.style }} />
        <noscript>
          <style nonce={nonce} dangerouslySetInnerHTML={{ __html: '.needs-script{display:none}' }} />
        </noscript>
        {assets.script !== undefined && <script type="module" src={assets.script} nonce={nonce} />}
      </head>
      <body>{children}</body>
    </html>
  );
}

/** JSON that no text in it can end the script element with. */
function safeJson(value: unknown): string {
  return JSON.stringify(value)
    .replace(/</g, '\\u003c')
    .replace(/\u2028/g, '\\u2028')
    .replace(/\u2029/g, '\\u2029');
}
