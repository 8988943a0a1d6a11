/** A place that is being filled. `of`: what comes, for those who do not see it. */
export function Skeleton({ of, lines = 3 }: { readonly of: string; readonly lines?: number }) {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">{`Loading ${of}`}</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton-line" />
      ))}
    </div>
  );
}
