import { useState } from "preact/hooks";
import { signIn } from "../state/address.js";

/** Asks for the bearer token of the host. */
export function SignInView() {
  const [text, setText] = useState("");
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    const given = text.trim().replace(/^Bearer\s+/i, "");
    if (given !== "") signIn(given);
  };
  return (
    <section class="card gate">
      <h1>Sign in</h1>
      <p>
        Open the address that the host printed when it started: it signs you in. Or paste a bearer token of your
        application's user.
      </p>
      <form onSubmit={onSubmit}>
        <div class="field">
          <label for="token">Bearer token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            required
            maxLength={16_000}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <p class="hint">This tab keeps the token until you close it. It is sent only to this host.</p>
        </div>
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
    </section>
  );
}
