/** What the wallet asks its owner. */
export type WalletRequest =
  | { readonly kind: 'CONNECT'; readonly accounts: readonly string[] }
  | { readonly kind: 'MESSAGE'; readonly account: string; readonly message: string }
  | { readonly kind: 'TYPED_DATA'; readonly account: string; readonly primaryType: string; readonly fields: Fields }
  | { readonly kind: 'TRANSACTION'; readonly account: string; readonly fields: Fields; readonly fails: string | null };

export type Fields = readonly (readonly [name: string, value: string])[];

/** The owner's answer: of CONNECT which account, of the others 0; null where they decline. */
export type Ask = (request: WalletRequest) => Promise<number | null>;
