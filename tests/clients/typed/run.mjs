// node run.mjs PORT KEY ORDER: what the compiled session tells, as JSON
import WebSocket from 'ws';
import { session } from './generated/compiled/session.js';

const [port, key, order] = process.argv.slice(2);
console.log(JSON.stringify(await session(port, key, JSON.parse(order), WebSocket)));
process.exit(0); // connections are kept alive
