// What a browser says about the page: looked at again, out of a cache or a freeze, back on the network.

const ofDocument = ['visibilitychange', 'resume'];
const ofWindow = ['pageshow', 'online', 'focus'];

/** Calls back when the page may have been away; does nothing outside of a browser. */
export function onReturn(call: () => void): () => void {
  if (typeof document === 'undefined' || typeof window === 'undefined') return () => undefined;
  const check = () => {
    if (document.visibilityState === 'visible') call();
  };
  for (const name of ofDocument) document.addEventListener(name, check);
  for (const name of ofWindow) window.addEventListener(name, check);
  return () => {
    for (const name of ofDocument) document.removeEventListener(name, check);
    for (const name of ofWindow) window.removeEventListener(name, check);
  };
}
