/** Follows redirects with a cookie until `endsAt` matches, and returns that URL without opening it. */
export async function follow(url: string, cookie: string, endsAt: (url: string) => boolean): Promise<URL> {
  let here = new URL(url);
  for (let hops = 0; hops < 10; hops += 1) {
    const response = await fetch(here, { redirect: "manual", headers: { cookie } });
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${here} does not redirect: ${response.status} ${await response.text()}`);
    here = new URL(location, here);
    if (endsAt(here.href)) return here;
  }
  throw new Error(`${url} redirects too many times.`);
}

/** Returns the cookies of a response as a `Cookie` header. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}
