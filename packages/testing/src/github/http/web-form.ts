import type { Session } from "../control/identity-settings.js";
import { type Html, html } from "./html.js";
import type { WebCall } from "./web-route.js";

/** Parses the fields of a form. */
export function formFields({ bytes }: Pick<WebCall, "bytes">): URLSearchParams {
  return new URLSearchParams(new TextDecoder().decode(bytes));
}

/** Returns the hidden field that proves that a form comes from a page of this session. */
export function formToken({ formToken }: Session): Html {
  return html`<input type="hidden" name="authenticity_token" value="${formToken}">`;
}

/** True when a form has the token of its session. */
export function hasFormToken(session: Session, fields: URLSearchParams): boolean {
  return fields.get("authenticity_token") === session.formToken;
}
