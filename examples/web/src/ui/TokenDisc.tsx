/** A token's first letters on a coin; anyone can claim any picture, so there is none. */
export function TokenDisc({ symbol }: { readonly symbol: string }) {
  return (
    <span className="disc" data-long={symbol.length > 4 || undefined} aria-hidden="true">
      {symbol.length > 5 ? symbol.slice(0, 4) : symbol}
    </span>
  );
}
