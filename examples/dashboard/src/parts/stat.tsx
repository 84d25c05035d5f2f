import type { ComponentChildren } from "preact";
import { number } from "./format.js";

/** A number with its meaning. */
export function Stat({ label, tone, children }: { label: string; tone?: string; children: ComponentChildren }) {
  return (
    <div class={`stat is-${children === 0 ? "zero" : (tone ?? "plain")}`}>
      <dd>{typeof children === "number" ? number(children) : children}</dd>
      <dt>{label}</dt>
    </div>
  );
}
