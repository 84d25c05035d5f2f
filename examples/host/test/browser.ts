/** Where a browser comes to when it follows redirections, with the cookie of the page that it began on. The last page is not opened. */
export async function follow(url: string, cookie: string, endsAt: (url: string) => boolean): Promise<URL> {
  let here = new URL(url);
  for (let hops = 0; hops < 10; hops += 1) {
    const response = await fetch(here, { redirect: "manual", headers: { cookie } });
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${here} leads nowhere: ${response.status} ${await response.text()}`);
    here = new URL(location, here);
    if (endsAt(here.href)) return here;
  }
  throw new Error(`${url} leads in circles`);
}

/** What a browser keeps of an answer. */
export function cookieOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";", 1)[0])
    .join("; ");
}
