// Waiting without guessing how long: asks again until it holds or the deadline has passed.

/** Resolves with the first value of `ask` that is neither undefined nor false; rejects at the deadline, in ms. */
export async function eventually<T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 40_000,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await ask();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
