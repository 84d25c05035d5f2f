import { useState } from "preact/hooks";
import { addressOf, openProject, recentProjects } from "../state/address.js";

/** Asks for the project to open. */
export function ProjectView() {
  const [text, setText] = useState("");
  const onSubmit = (event: Event): void => {
    event.preventDefault();
    if (text.trim() !== "") openProject(text.trim());
  };
  return (
    <section class="card gate">
      <h1>Open a project</h1>
      <p>
        Your application names its projects. Enter the id of one, or let your application link to{" "}
        <code>/#project=ID</code>.
      </p>
      <form onSubmit={onSubmit}>
        <div class="field">
          <label for="project">Project ID</label>
          <input
            id="project"
            autocomplete="off"
            spellcheck={false}
            required
            maxLength={200}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <button type="submit" class="primary">
          Open
        </button>
      </form>
      {recentProjects.value.length > 0 && (
        <>
          <h2>Opened in this browser</h2>
          <ul class="chips">
            {recentProjects.value.map((id) => (
              <li key={id}>
                <a class="button" href={addressOf("sync", id)}>
                  {id}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
