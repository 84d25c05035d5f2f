import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon } from "./icon.js";

/** A value that the user may choose. */
export interface Choice {
  readonly value: string;
  readonly note?: string;
}

interface ComboboxProps {
  readonly label: string;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly hint?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly isDisabled?: boolean | undefined;
  readonly isBusy?: boolean | undefined;
  /** True for a value that the user may type although it is not listed. */
  accepts(value: string): boolean;
  /** Called when the user chooses or types a value. */
  onChoose(value: string): void;
  /** Called with the text in the field, to find other choices. */
  onSearch?(text: string): void;
  /** Reads more choices; absent when all are read. */
  readonly onMore?: (() => void) | undefined;
}

/**
 * A field with a list of choices, which the keyboard operates as well.
 *
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */
export function Combobox(props: ComboboxProps) {
  const { label, value, choices, hint, placeholder, isDisabled, isBusy, accepts, onChoose, onSearch, onMore } = props;
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  // `null` while the field shows the chosen value.
  const [text, setText] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const isOpen = text !== null;
  const filter = (text ?? "").trim().toLowerCase();
  const shown = choices.filter((choice) => choice.value.toLowerCase().includes(filter));

  useEffect(() => {
    root.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const search = (searched: string): void => {
    setText(searched);
    setActive(-1);
    onSearch?.(searched);
  };
  const choose = (chosen: string): void => {
    setText(null);
    setActive(-1);
    const isListed = choices.some((choice) => choice.value === chosen);
    if (chosen !== value && (isListed || accepts(chosen))) onChoose(chosen);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) search("");
      else if (shown.length > 0)
        setActive((active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      choose(shown[active]?.value ?? (shown.length === 1 ? shown[0]?.value : text.trim()) ?? "");
    } else if (event.key === "Escape" && isOpen) {
      setText(null);
    }
  };
  const onFocusOut = (event: FocusEvent): void => {
    const isInside = event.relatedTarget instanceof Node && root.current?.contains(event.relatedTarget);
    if (!isInside && text !== null) choose(text.trim());
  };

  return (
    <div class="field combobox" ref={root} onFocusOut={onFocusOut}>
      <label for={id}>{label}</label>
      <div class="combobox-box">
        <input
          id={id}
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-busy={isBusy}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          aria-activedescendant={active < 0 ? undefined : `${id}-${active}`}
          autocomplete="off"
          spellcheck={false}
          maxLength={244}
          disabled={isDisabled}
          placeholder={isOpen && value !== "" ? value : placeholder}
          value={text ?? value}
          onClick={() => !isOpen && search("")}
          onInput={(event) => search(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <Icon name="chevron" />
        <div class="combobox-popup" hidden={!isOpen}>
          <div id={`${id}-list`} role="listbox" aria-label={label}>
            {shown.map((choice, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys of its list
              <div
                key={choice.value}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === active}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(choice.value)}
              >
                <span>{choice.value}</span>
                {choice.note !== undefined && <small>{choice.note}</small>}
              </div>
            ))}
          </div>
          {shown.length === 0 && <p class="muted">{isBusy ? "Loading …" : "No match."}</p>}
          {onMore !== undefined && (
            <button type="button" class="quiet" disabled={isBusy} onClick={onMore}>
              {isBusy ? "Loading …" : "Load more"}
            </button>
          )}
        </div>
      </div>
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
