/** What the browser keeps for this page. A browser that keeps nothing (private windows, quotas) is no failure. */
export function keep(storage: () => Storage, name: string, value: unknown): void {
  try {
    if (value === null) storage().removeItem(name);
    else storage().setItem(name, JSON.stringify(value));
  } catch {
    // It is asked again, or signed in again, after a reload.
  }
}

/** What `keep` kept, or null. It may be of an older version of this page: look before you trust its shape. */
export function kept(storage: () => Storage, name: string): unknown {
  try {
    return JSON.parse(storage().getItem(name) ?? 'null');
  } catch {
    return null;
  }
}
