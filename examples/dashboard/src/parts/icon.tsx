const PATHS = {
  alert: "M12 4 2.500 20h19zM12 10v4.500M12 17.200v.1",
  arrowLeft: "M19 12H5M11 6l-6 6 6 6",
  arrowRight: "M5 12h14M13 6l6 6-6 6",
  both: "M4 8h15M15 4l4 4-4 4M20 16H5M9 12l-4 4 4 4",
  branch:
    "M6 4v16M6 14c8 0 11-2 11-7M17 7a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 22a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  check: "m4.500 12.500 5 5 10-11",
  chevron: "m7 9.500 5 5 5-5",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7.500V12l3.500 2",
  close: "M6 6l12 12M18 6 6 18",
  external: "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  minus: "M5 12h14",
  plus: "M12 5v14M5 12h14",
  pulse: "M3 12h4l3-8 4 16 3-8h4",
  retry: "M20 12a8 8 0 1 1-2.500-5.800M20 3v4.500h-4.500",
  spark: "M4 20V10M10 20V4M16 20v-7M22 20v-4",
  undo: "M4 9h10a6 6 0 0 1 0 12H8M4 9l5-5M4 9l5 5",
  update: "M7 12h10M7 8h10M7 16h10",
} as const;
export type IconName = keyof typeof PATHS;

/** An icon that repeats what its text says. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
