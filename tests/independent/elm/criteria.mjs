// What agree.mjs needs to know of a protocol: the facts of each common criterion, and whether its ELM says all of it.
//   node criteria.mjs PROTOCOL.json LIBRARY.elm.json > CRITERIA.json
import fs from 'node:fs';

const [protocol, elm] = process.argv.slice(2).map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));

// A name is a fact's, or that of a condition defined elsewhere.
const names = new Set((protocol.facts ?? []).map((one) => one.name));
const definitions = new Map((protocol.definitions ?? []).map((one) => [one.name, one.when]));
function facts(node, found) {
  if (names.has(node.name)) found.add(node.name);
  if (definitions.has(node.name)) facts(definitions.get(node.name), found);
  if (node.form === 'today') found.add('transplant');
  for (const value of Object.values(node)) if (value && typeof value === 'object') facts(value, found);
  return found;
}
const isLeftOut = (node) => JSON.stringify(node).includes('"not-expressed"');

const result = {};
for (const criterion of protocol.common.criteria ?? []) {
  const statement = elm.library.statements.def.find((one) => one.name === criterion.id);
  result[criterion.id] = {
    facts: [...facts(criterion.when, new Set())],
    exclude: criterion.kind === 'exclude',
    expressed: !isLeftOut(statement.expression),
  };
}
console.log(JSON.stringify(result, null, 1));
