const NAMES = ['Prepared', 'Sent', 'In a block', 'Final'] as const;

interface Props {
  readonly standing: 0 | 1 | 2 | 3 | 4;
  readonly failed: boolean;
  readonly over: boolean;
}

/** How far a swap is, as a building site: a column for each stage, and the architrave laid when it is final. */
export function Columns({ standing, failed, over }: Props) {
  return (
    <ol className="columns" data-failed={failed || undefined} data-final={standing === 4 || undefined}>
      {NAMES.map((name, index) => {
        const state = index < standing ? 'stands' : index === standing && !over ? 'rises' : 'waits';
        return (
          <li key={name} className={`column column-${state}`} aria-current={index === standing - 1 ? 'step' : undefined}>
            <span className="column-drawn" aria-hidden="true">
              <i />
              <b />
              <i />
            </span>
            <span className="column-name">
              {name}
              <span className="unseen">{state === 'stands' ? ': done' : ': to come'}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
