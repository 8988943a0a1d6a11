// A worker's side of the pipe: does what the lines of standard input ask, and prints CPU seconds and the last answer.
// With an event as its argument it answers that once and ends, which is a cold start.

import { createInterface } from "node:readline";

export async function serve(doings) {
  if (process.argv[2]) {
    const once = await doings.answer({ event: JSON.parse(process.argv[2]) });
    console.log((await once()).trimEnd());
    process.exit(0);
  }
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const once = await doings[asked.what](asked);
    let answer = "";
    const before = process.cpuUsage();
    for (let n = 0; n < asked.times; n++) answer = await once();
    const { user, system } = process.cpuUsage(before);
    console.log(JSON.stringify({ cpu: (user + system) / 1e6, answer: JSON.parse(answer) }));
  }
}
