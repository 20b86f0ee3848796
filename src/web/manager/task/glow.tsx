// A card that somebody else has changed glows for a moment, with that person's name.
import type { Glow } from '../live/news.ts';
import { useActor } from './told.tsx';

/** Two names in turn, so that a change during a glow starts it again. */
export function glowTurn(glow: Glow | undefined): 'even' | 'odd' | undefined {
  if (!glow) return undefined;
  return glow.turn % 2 === 0 ? 'even' : 'odd';
}

export function GlowName({ glow }: { glow: Glow | undefined }) {
  const actor = useActor();
  if (!glow) return null;
  return (
    <span className="glow-name">
      <bdi>{actor(glow.actor)}</bdi>
    </span>
  );
}
