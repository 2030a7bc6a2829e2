// Rows of `graftline screen --criteria --format csv` as the table that compare.mjs reads: T, F or U per criterion.
// usage: node verdicts.mjs criteria.csv verdicts.csv
import fs from 'node:fs';
const [from, to] = process.argv.slice(2);
const ids = Array.from({ length: 13 }, (_, i) => 'C' + String(i + 1).padStart(2, '0'));
const rows = fs.readFileSync(from, 'utf8').trim().split('\n').slice(1).map((line) => {
  const [patient, , verdict, failing, unknown] = line.split(',');
  const f = new Set(failing.split(' ')), u = new Set(unknown.split(' '));
  const all = verdict === 'eligible' ? 'T' : verdict === 'not eligible' ? 'F' : 'U';
  return [patient, ...ids.map((id) => (f.has(id) ? 'F' : u.has(id) ? 'U' : 'T')), all].join(',');
});
fs.writeFileSync(to, ['id', ...ids, 'Eligible'].join(',') + '\n' + rows.join('\n') + '\n');
