import assert from "node:assert/strict";
import { z } from "zod";

/** What an error is told with. */
const errorSchema = z.strictObject({
  detail: z.string().min(1),
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  errors: z.array(z.looseObject({ field: z.string(), message: z.string().min(1) })).optional(),
});

/** The body of an error. */
export type ErrorBody = z.infer<typeof errorSchema>;

const SECRETS = /gh[opsur]_\w{8}|github_pat_\w{8}|PRIVATE KEY|eyJ[\w-]{10,}\.eyJ/;
const STACK = /\n\s+at |node_modules|\.(js|ts):\d+/;

/** An answer that came in, with its body read. */
export class Reply {
  constructor(
    /** Method and path of what was asked. */
    readonly asked: string,
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
  ) {}

  /** The body of a 200 that has exactly this shape. */
  ok<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
    assert.equal(this.status, 200, this.#told());
    return this.body(schema);
  }

  /** The body of an answer of any status that has exactly this shape. */
  body<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
    assert.match(this.headers.get("content-type") ?? "", /^application\/json\b/, this.#told());
    const parsed = schema.safeParse(this.#json());
    assert.ok(parsed.success, `${this.#told()}\n${parsed.error === undefined ? "" : z.prettifyError(parsed.error)}`);
    return parsed.data;
  }

  /** The body of an error with that status and code, or one of these codes. */
  fails(status: number, ...codes: readonly string[]): ErrorBody {
    assert.equal(this.status, status, this.#told());
    return this.error(...codes);
  }

  /** The body of a validation error that names this field. */
  refuses(field: string): ErrorBody {
    const body = this.fails(422);
    const named = body.errors?.map((error) => error.field) ?? [];
    assert.ok(
      named.some((name) => name === field || name.endsWith(`.${field}`) || name.startsWith(`${field}.`)),
      `expected the field ${field} to be named: ${this.#told()}`,
    );
    return body;
  }

  /** The body of an error of any status: well-formed, with no stack and no secret in it. */
  error(...codes: readonly string[]): ErrorBody {
    assert.ok(this.status >= 400, this.#told());
    const body = this.body(errorSchema);
    if (codes.length > 0) assert.ok(codes.includes(body.code), `expected ${codes.join(" or ")}: ${this.#told()}`);
    assert.doesNotMatch(this.text, SECRETS, `a secret got out: ${this.#told()}`);
    assert.doesNotMatch(this.text, STACK, `a stack got out: ${this.#told()}`);
    if (this.status !== 422) assert.equal(body.errors, undefined, `errors go with 422: ${this.#told()}`);
    return body;
  }

  /** Where the browser is sent. */
  redirect(): URL {
    assert.equal(this.status, 303, this.#told());
    return new URL(this.headers.get("location") ?? "");
  }

  /** What a browser keeps of the answer and sends along from now on. */
  get cookie(): string {
    return this.headers
      .getSetCookie()
      .map((cookie) => cookie.split(";", 1)[0] ?? "")
      .join("; ");
  }

  #json(): unknown {
    try {
      return JSON.parse(this.text);
    } catch {
      assert.fail(`the body is no JSON: ${this.#told()}`);
    }
  }

  #told(): string {
    return `${this.asked} answered ${this.status}: ${this.text.slice(0, 2_000)}`;
  }
}
