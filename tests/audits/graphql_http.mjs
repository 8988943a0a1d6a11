// What graphql-http's suite finds, as JSON: node graphql_http.mjs URL
import { auditServer } from 'graphql-http';

const results = await auditServer({ url: process.argv[2] });
const told = results.map(({ id, name, status, reason = '' }) => ({ id, name, status, reason: String(reason) }));
console.log(JSON.stringify(told));
process.exit(0); // connections are kept alive
