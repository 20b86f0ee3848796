// For tests of what is today: a time zone in which it is about noon, so that no day ends while they run.

export function noonZone(now = new Date()): string {
  const ahead = 12 - now.getUTCHours();
  // The names of these zones count the other way round.
  return ahead === 0 ? 'Etc/GMT' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
}
