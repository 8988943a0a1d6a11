import type { Address } from 'viem';
import { useStore } from '../api/store';
import { journal } from '../swap/journal';
import { Link } from '../ui/route';
import { dayAndTimeOf } from '../ui/times';

/** Swaps that were begun in this browser and, as far as it knows, are not over. */
export function Unfinished({ account }: { readonly account: Address }) {
  const begun = useStore(journal).filter((entry) => entry.account === account && !entry.over);
  if (!begun.length) return null;
  return (
    <section className="card unfinished" aria-labelledby="unfinished-title">
      <h2 id="unfinished-title">Begun here</h2>
      <ul>
        {begun.map(({ id, title, at }) => (
          <li key={id}>
            <Link to={`/swap/${id}`}>{title}</Link>
            <span className="quiet">{dayAndTimeOf(at)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
