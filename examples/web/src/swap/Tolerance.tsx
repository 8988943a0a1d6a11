import { useStore } from '../api/store';
import { perCent } from '../ui/decimals';
import { change, draft, TOLERANCES } from './draft';

/** How much worse than its price the swap may turn out. */
export function Tolerance() {
  const { slippageBps } = useStore(draft);
  return (
    <fieldset className="segments">
      <legend>Price may move by</legend>
      {TOLERANCES.map((bps) => (
        <label key={bps}>
          <input
            type="radio"
            name="tolerance"
            checked={bps === slippageBps}
            onChange={() => change({ slippageBps: bps })}
          />
          <span>{perCent(bps).replace(/0 %/, ' %').replace('.0 ', ' ')}</span>
        </label>
      ))}
    </fieldset>
  );
}
