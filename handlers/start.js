// Renews what changes on the start page, as long as somebody looks at it.
const RENEWED = ['health', 'blocks', 'held'];

const renew = async () => {
  const answer = await fetch('/', { headers: { accept: 'text/html' }, cache: 'no-store' }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const id of RENEWED) {
    const [old, now] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && now && old.innerHTML !== now.innerHTML) old.replaceWith(document.adoptNode(now));
  }
};

setInterval(() => document.hidden || renew(), 2_000);
