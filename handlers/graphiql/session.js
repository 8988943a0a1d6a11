// A page that `make dev` serves says where it may borrow the session of a development account. Others have none.
const address = document.documentElement.dataset.session;
const LEFT = 60_000;
const PATIENCE = 10_000;
const LOOK_AGAIN = 250;

let borrowed;

const borrow = async () => {
  const answer = await fetch(address, { method: 'POST', headers: { 'x-colonnade-development': '1' } });
  return answer.ok ? answer.json() : {};
};
const isGood = (session) => session?.accessToken && Date.parse(session.expiresAt) - Date.now() > LEFT;

/** The session, or undefined where there is none. Just after a start it takes a moment until there is one. */
export async function currentSession({ until = isGood, patience = PATIENCE } = {}) {
  if (!address || isGood(borrowed)) return borrowed;
  for (const end = Date.now() + patience; ; ) {
    borrowed = await borrow().catch(() => undefined);
    if (until(borrowed) || Date.now() > end) return isGood(borrowed) ? borrowed : undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  }
}

/** The headers of a request: what the editor holds, and the session where that does not say who asks. */
export async function signed(headers = {}) {
  const says = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  const session = says ? undefined : await currentSession();
  return session ? { ...headers, authorization: `Bearer ${session.accessToken}` } : headers;
}
