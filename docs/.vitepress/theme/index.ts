import { useRoute } from "vitepress";
import DefaultTheme from "vitepress/theme";
import "./wide-tables.css";
import { nextTick, onMounted, watch } from "vue";

/** Draws the Mermaid diagrams of the page. The library is loaded on pages with a diagram only. */
async function drawDiagrams(): Promise<void> {
  await nextTick();
  const diagrams = [...document.querySelectorAll<HTMLElement>("pre.mermaid:not([data-processed])")];
  if (diagrams.length === 0) return;
  const { default: mermaid } = await import("mermaid");
  const theme = document.documentElement.classList.contains("dark") ? "dark" : "neutral";
  mermaid.initialize({ startOnLoad: false, theme, securityLevel: "strict" });
  await mermaid.run({ nodes: diagrams });
}

export default {
  extends: DefaultTheme,
  setup() {
    const route = useRoute();
    onMounted(drawDiagrams);
    watch(() => route.path, drawDiagrams);
  },
};
