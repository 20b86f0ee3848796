// Addresses of photos that are in the outbox, for the page to show and to offer for saving.
import type { Courier } from './courier.ts';

export class PhotoAddresses {
  readonly #addresses = new Map<string, string>();
  readonly #asked = new Set<string>();

  /** The address, or undefined while it is being made; `onMade` is called then. */
  of(key: string, courier: Pick<Courier, 'photo'>, onMade: () => void): string | undefined {
    const known = this.#addresses.get(key);
    if (known === undefined && !this.#asked.has(key)) {
      this.#asked.add(key);
      void courier.photo(key).then((photo) => {
        if (!photo) return;
        this.#addresses.set(key, URL.createObjectURL(new Blob([photo.bytes], { type: photo.type })));
        onMade();
      });
    }
    return known;
  }

  /** Frees what is not shown any more. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, address] of this.#addresses) {
      if (keys.has(key)) continue;
      URL.revokeObjectURL(address);
      this.#addresses.delete(key);
    }
  }
}
