import type { GitHubClientError } from "@infrajet/github-client";
import type { ComponentChildren } from "preact";
import { textOf } from "../api.js";
import { notice } from "../state/notice.js";
import { Icon } from "./icon.js";

/** The latest message, which screen readers read aloud. */
export function NoticeBar() {
  const shown = notice.value;
  return (
    <div class="notice-bar" role="status">
      {shown !== null && (
        <p class={`notice is-${shown.tone}`}>
          <Icon name={shown.tone === "good" ? "check" : "alert"} />
          <span>{shown.text}</span>
          <button
            type="button"
            class="quiet"
            aria-label="Close the message"
            onClick={() => {
              notice.value = null;
            }}
          >
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}

/** An error in the place of what could not be loaded, with a button that loads it again, or other ways to go on. */
export function ErrorNote(props: { error: GitHubClientError; retry?: () => void; children?: ComponentChildren }) {
  const { error, retry, children } = props;
  return (
    <div class="notice is-bad" role="alert">
      <Icon name="alert" />
      <div>
        <p>{textOf(error)}</p>
        {retry !== undefined && (
          <button type="button" onClick={retry}>
            Try again
          </button>
        )}
        {children}
      </div>
    </div>
  );
}
