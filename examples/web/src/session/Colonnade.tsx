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
      <path className="stone" d="M3 0h50v8H3z" />
      <path className="stone" d="M5 10h46l-6 12H11z" />
      <path className="stone" d="M12 24h32l3 222H9z" />
      <path className="shade" d="M30 24h14l3 222H30z" />
      <path className="flutes" d="M17.500 26 15.500 244M23 26l-.800 218M28 26v218M33 26l.800 218M38.500 26 40.500 244" />
      <path className="stone" d="M5 248h46v9H5z" />
    </g>
  );
}
