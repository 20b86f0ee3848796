// What the server says of the site and of this page; it puts both into the HTML.
import { type SiteFacts, site } from '../../../protocol/site.ts';

export interface PageFacts {
  site: SiteFacts;
  /** What this page's own <style> elements must carry under its content security policy. */
  nonce: string | undefined;
}

const unknown: SiteFacts = { name: 'Taskfeed', timezone: 'UTC', language: 'en', contact: null };

export function readPageFacts(document: Document): PageFacts {
  const element = document.getElementById('site');
  return { site: parseSite(element?.textContent ?? ''), nonce: element?.nonce || undefined };
}

export function parseSite(json: string): SiteFacts {
  try {
    return site.parse(JSON.parse(json));
  } catch {
    return unknown;
  }
}
