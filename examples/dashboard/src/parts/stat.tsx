import type { ComponentChildren } from "preact";

/** A number with its meaning. */
export function Stat({ label, tone, children }: { label: string; tone?: string; children: ComponentChildren }) {
  return (
    <div class={`stat is-${children === 0 ? "zero" : (tone ?? "plain")}`}>
      <dd>{children}</dd>
      <dt>{label}</dt>
    </div>
  );
}
