const COLUMNS = 7;
const PITCH = 60;

/** A temple front, drawn; nothing that has to be read. */
export function Colonnade() {
  return (
    <svg className="colonnade" viewBox="0 0 460 470" aria-hidden="true" focusable="false">
      <path className="stone" d="M12 118 230 22l218 96z" />
      <path className="relief" d="M58 110 230 36l172 74z" />
      <path className="stone" d="M8 122h444v16H8zM16 142h428v10H16z" />
      {Array.from({ length: COLUMNS }, (_, index) => (
        <Column key={index} x={22 + index * PITCH} />
      ))}
      <path className="stone" d="M8 416h444v12H8zM0 432h460v14H0zM-8 450h476v16H-8z" />
    </svg>
  );
}

function Column({ x }: { readonly x: number }) {
  return (
    <g transform={`translate(${x} 156)`}>
      <path className="stone" d="M-4 0h64v8H-4z" transform="scale(.9 1) translate(2 0)" />
      <path className="stone" d="M2 10h52l-6 12H8z" />
      <path className="stone" d="M10 24h36l2 222H8z" />
      <path className="flutes" d="M15.500 26 14 244M22 26l-.800 218M28 26v218M34 26l.800 218M40.500 26 42 244" />
      <path className="stone" d="M4 248h48v9H4z" />
    </g>
  );
}
