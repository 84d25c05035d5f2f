/** A value of a chart. */
export interface Bar {
  readonly key: number;
  readonly value: number;
  readonly tone: "good" | "bad" | "plain";
  /** The value in words. */
  readonly text: string;
}

const HEIGHT = 96;
const WIDTH = 12;
const GAP = 4;
const LEAST = 2;
/** The chart has room for so many bars, so that few of them do not become wide. */
const LEAST_BARS = 30;

/** A small chart of bars, oldest first. The same values are in a list for screen readers. */
export function BarChart({ title, bars }: { title: string; bars: readonly Bar[] }) {
  const most = Math.max(...bars.map(({ value }) => value), 1e-9);
  const width = Math.max(bars.length, LEAST_BARS) * (WIDTH + GAP) - GAP;
  const offset = width - bars.length * (WIDTH + GAP) + GAP;
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="xMaxYMax meet" aria-hidden="true">
        <line class="axis" x1="0" x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {bars.map(({ key, value, tone, text }, index) => {
          const height = Math.max((value / most) * (HEIGHT - 6), LEAST);
          return (
            <rect
              key={key}
              class={`is-${tone}`}
              x={offset + index * (WIDTH + GAP)}
              y={HEIGHT - height}
              width={WIDTH}
              height={height}
              rx={2}
            >
              <title>{text}</title>
            </rect>
          );
        })}
      </svg>
      <ul class="visually-hidden">
        {bars.map(({ key, text }) => (
          <li key={key}>{text}</li>
        ))}
      </ul>
    </figure>
  );
}
