// Runs an exported library with cql-execution over bundles and compares, patient by patient and criterion by criterion,
// with what graftline answered.
//   node agree.mjs LIBRARY.elm.json BUNDLES.ndjson ROWS.ndjson AS_OF CRITERIA.json [AT_LEAST]
// CRITERIA.json: {"A3": {"facts": ["alt"], "exclude": false, "expressed": true}, ...}
// AT_LEAST patients are asked for (1,000); below that number it may be that nobody is eligible or not.
// Exit code 1: a difference that README.md does not list, or too few patients.
import fs from 'node:fs';
import cql from 'cql-execution';
import fhir from 'cql-exec-fhir';

const [libraryFile, bundlesFile, rowsFile, asOf, criteriaFile, atLeast = '1000'] = process.argv.slice(2);
const lines = (file) => fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.length > 0);
const criteria = JSON.parse(fs.readFileSync(criteriaFile, 'utf8'));
const library = new cql.Library(JSON.parse(fs.readFileSync(libraryFile, 'utf8')));
const executor = new cql.Executor(library, new cql.CodeService({}), { AsOf: cql.Date.parse(asOf) });
const source = fhir.PatientSource.FHIRv401();
const rows = new Map(lines(rowsFile).map((line) => [JSON.parse(line).patient, JSON.parse(line)]));

// The kinds of difference that README.md explains. Each needs its ground in the bundle, among the results that the
// criterion reads, and in each of them ELM says null.
const codes = {
  alt: '1742-6', ast: '1920-8', bilirubin: '1975-2', creatinine: '2160-0', lvef: '10230-1', spo2: '59408-5', transplant: '58390007',
};
const isPartial = (date) => date !== undefined && date.length < 10;
function excuse(bundle, facts) {
  const read = facts.map((fact) => codes[fact]);
  const resources = bundle.entry.map((entry) => entry.resource).filter((r) => read.includes(r.code?.coding[0].code));
  if (resources.some((r) => isPartial(r.effectiveDateTime) || isPartial(r.performedDateTime))) return 'imprecise date';
  // Of one day: the same value with a reference range and without.
  const told = new Map();
  for (const r of resources.filter((one) => one.valueQuantity)) {
    const key = `${r.code.coding[0].code} ${r.effectiveDateTime} ${r.valueQuantity.value}`;
    const high = r.referenceRange?.[0].high.value;
    if (told.has(key) && told.get(key) !== high) return 'one value told twice';
    told.set(key, high);
  }
  return null;
}

let patients = 0;
const verdicts = {};
const excused = {};
const wrong = [];
for (const line of lines(bundlesFile)) {
  const bundle = JSON.parse(line);
  const row = rows.get(bundle.id);
  source.reset();
  source.loadBundles([bundle]);
  const results = (await executor.exec(source)).patientResults[bundle.id];
  ++patients;
  const said = (value) => (value === true ? 'yes' : value === false ? 'no' : 'unknown');
  const compare = (what, theirs, ours, facts) => {
    if (theirs === ours) return true;
    const kind = theirs === 'unknown' ? excuse(bundle, facts) : null;
    if (kind) excused[kind] = (excused[kind] ?? 0) + 1;
    else wrong.push(`${bundle.id} ${what}: ELM ${theirs}, graftline ${ours}`);
    return false;
  };
  let agreed = true;
  for (const [id, criterion] of Object.entries(criteria)) {
    if (!criterion.expressed) continue;
    const failing = row.failing.includes(id);
    const open = criterion.facts.some((fact) => row.missing.includes(fact));
    const met = failing ? 'no' : open ? 'unknown' : 'yes';
    const theirs = said(results[id]);
    const theirsMet = criterion.exclude && theirs !== 'unknown' ? (theirs === 'yes' ? 'no' : 'yes') : theirs;
    agreed = compare(id, theirsMet, met, criterion.facts) && agreed;
  }
  // Where the criteria agree, so do the verdicts, but for what the library leaves out: it can only leave more open.
  const verdict = { eligible: 'yes', 'not eligible': 'no', unknown: 'unknown' }[row.verdict];
  const theirs = said(results.Eligible);
  const byLeftOut = row.failing.length > 0 && row.failing.every((id) => !criteria[id]?.expressed);
  if (agreed && theirs !== verdict) {
    if (theirs === 'unknown' && Object.keys(criteria).length === 0) {
      excused['no common criterion'] = (excused['no common criterion'] ?? 0) + 1;
    } else if (theirs === 'unknown' && verdict === 'no' && byLeftOut) {
      excused['criterion left out'] = (excused['criterion left out'] ?? 0) + 1;
    } else wrong.push(`${bundle.id} verdict: ELM ${theirs}, graftline ${verdict}`);
  }
  verdicts[row.verdict] = (verdicts[row.verdict] ?? 0) + 1;
}
console.log(JSON.stringify({ patients, verdicts, excused, wrong: wrong.length }));
for (const one of wrong.slice(0, 20)) console.log(one);
const isWhole = Object.values(criteria).every((criterion) => criterion.expressed);
const isLarge = Number(atLeast) >= 1000;
const hasVerdicts = (verdicts['not eligible'] ?? 0) >= 50 && (!isWhole || (verdicts.eligible ?? 0) >= 20);
const enough = patients >= Number(atLeast) && (!isLarge || hasVerdicts);
if (!enough) console.log('too few patients, or too few verdicts, to say that two engines agree');
process.exit(wrong.length === 0 && enough ? 0 : 1);
