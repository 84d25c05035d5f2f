import assert from "node:assert/strict";
import * as z from "zod";

/** The body of every error. */
const errorSchema = z.strictObject({
  detail: z.string().min(1),
  code: z.string().regex(/^[a-z][a-z0-9_]*$/),
  errors: z.array(z.looseObject({ field: z.string(), message: z.string().min(1) })).optional(),
});

/** The body of an error. */
export type ErrorBody = z.infer<typeof errorSchema>;

// The shortest run that random states and PKCE challenges do not contain by chance: they are base64url too.
const SECRETS = /\bgh[opsur]_\w{20}|\bgithub_pat_\w{20}|PRIVATE KEY|eyJ[\w-]{10,}\.eyJ/;
const GIVES_TOKENS = /^POST .*\/installation\/token$/;
const STACK = /\n\s+at |node_modules|\.(js|ts):\d+/;

/** A received response with its body. */
export class Reply {
  constructor(
    /** Method and path of the request. */
    readonly request: string,
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
  ) {}

  /** Returns the body of a 200 response after validating its shape. */
  ok<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
    assert.equal(this.status, 200, this.#summary());
    return this.body(schema);
  }

  /** Returns the body of a response with any status after validating its shape. */
  body<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
    assert.match(this.headers.get("content-type") ?? "", /^application\/json\b/, this.#summary());
    const parsed = schema.safeParse(this.#json());
    if (!GIVES_TOKENS.test(this.request))
      assert.doesNotMatch(this.text, SECRETS, `the response contains a secret: ${this.#summary()}`);
    assert.ok(parsed.success, `${this.#summary()}\n${parsed.error === undefined ? "" : z.prettifyError(parsed.error)}`);
    return parsed.data;
  }

  /** Returns the body of an error after asserting its status and code. */
  fails(status: number, ...codes: readonly string[]): ErrorBody {
    assert.equal(this.status, status, this.#summary());
    return this.error(...codes);
  }

  /** Returns the body of a validation error after asserting that it names the field. */
  refuses(field: string): ErrorBody {
    const body = this.fails(422);
    const named = body.errors?.map((error) => error.field) ?? [];
    assert.ok(
      named.some((name) => name === field || name.endsWith(`.${field}`) || name.startsWith(`${field}.`)),
      `expected the field ${field} to be named: ${this.#summary()}`,
    );
    return body;
  }

  /** Returns the body of an error after asserting that it is well-formed and contains no stack and no secret. */
  error(...codes: readonly string[]): ErrorBody {
    assert.ok(this.status >= 400, this.#summary());
    const body = this.body(errorSchema);
    if (codes.length > 0) assert.ok(codes.includes(body.code), `expected ${codes.join(" or ")}: ${this.#summary()}`);
    assert.doesNotMatch(this.text, STACK, `the response contains a stack: ${this.#summary()}`);
    if (this.status !== 422) assert.equal(body.errors, undefined, `only status 422 has errors: ${this.#summary()}`);
    return body;
  }

  /** Returns the target of a redirect. */
  redirect(): URL {
    assert.equal(this.status, 303, this.#summary());
    return new URL(this.headers.get("location") ?? "");
  }

  /** The `Cookie` header that a browser would send after this response. */
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
      assert.fail(`the body is not JSON: ${this.#summary()}`);
    }
  }

  #summary(): string {
    return `${this.request} returned ${this.status}: ${this.text.slice(0, 2_000)}`;
  }
}
