/** A token's first letters on a coin; anyone can claim any picture, so there is none. */
export function TokenDisc({ symbol }: { readonly symbol: string }) {
  const letters = symbol.replace(/^(cb|W)(?=[A-Z])/, '').slice(0, symbol.length > 4 ? 3 : 4);
  return (
    <span className="disc" aria-hidden="true">
      {letters.slice(0, 3)}
    </span>
  );
}
