// Bundles, one a line: gaps, wrong and missing units, partial dates, comparators, corrections, values on the limits.
//   node generate.mjs N AS_OF > bundles.ndjson      the same N and AS_OF give the same bytes
const [n, asOf] = [Number(process.argv[2]), process.argv[3]];

// mulberry32: a small generator whose numbers are the same everywhere
let state = 20260301;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const below = (k) => Math.floor(random() * k);
const chance = (percent) => below(100) < percent;
const pick = (list) => list[below(list.length)];

const day = (offset) => new Date(Date.parse(asOf) + offset * 86400000).toISOString().slice(0, 10);
const maybePartial = (date, percent) => (chance(percent) ? date.slice(0, 7) : date);
const loinc = (code) => ({ coding: [{ system: 'http://loinc.org', code }] });

// Values lie on the limits, beside them, and away from them. 1.8 is 1.5 x 1.2, which binary fractions miss.
const tests = [
  { code: '1742-6', well: 35, unit: 'U/L', values: [35, 28, 41, 119.9, 120, 120.1, 90, 300], high: [40, 30], other: ['kU/L', 'mg/dL'], days: 16 },
  { code: '1920-8', well: 35, unit: 'U/L', values: [35, 30, 44, 119, 120, 121, 260], high: [40], other: ['kU/L', 'mg/dL'], days: 16 },
  { code: '1975-2', well: 0.8, unit: 'mg/dL', values: [0.6, 0.8, 1, 1.8, 1.79, 1.81, 1.65, 4], high: [1.2, 1.1], other: ['mg/L', 'umol/L', 'U/L'], days: 16 },
  { code: '2160-0', well: 0.9, unit: 'mg/dL', values: [0.9, 0.7, 1.1, 1.29, 1.3, 1.31, 2.4], high: [1.2], other: ['mg/L', 'umol/L', '%'], days: 400 },
  { code: '10230-1', well: 60, unit: '%', values: [45, 49.9, 50, 50.1, 65, 60, 58], high: [], other: ['1', 'mg/dL'], days: 95 },
  { code: '59408-5', well: 97, unit: '%', values: [88, 91.9, 92, 97, 98, 96], high: [], other: ['1', 'mg/dL'], days: 8 },
];
const statuses = ['final', 'final', 'final', 'final', 'final', 'final', 'final', 'final', 'corrected', 'amended', 'preliminary', 'entered-in-error'];

function quantity(value, unit) {
  const found = { value, unit, system: 'http://unitsofmeasure.org', code: unit };
  if (!isWell && chance(4)) { delete found.code; delete found.unit; delete found.system; }
  return found;
}

function observation(id, test) {
  const unit = !isWell && chance(6) ? pick(test.other) : test.unit;
  const found = {
    resourceType: 'Observation', id, status: pick(statuses), code: loinc(test.code),
    subject: { reference: `Patient/${id.split('-')[0]}` },
    effectiveDateTime: maybePartial(day(isWell ? -below(5) : 1 - below(test.days)), isWell ? 1 : 4),
  };
  if (chance(3)) found.valueString = 'not done';
  else found.valueQuantity = quantity(isWell && !chance(8) ? test.well : pick(test.values), unit);
  if (found.valueQuantity && chance(6)) found.valueQuantity.comparator = pick(['<', '<=', '>', '>=']);
  if (test.high.length && (isWell || chance(85))) {
    const high = pick(test.high);
    found.referenceRange = [{ high: { value: high, unit: test.unit, system: 'http://unitsofmeasure.org', code: test.unit } }];
  }
  return found;
}

// Every third patient is mostly well, so that some are eligible: thirteen limits are seldom kept by chance.
let isWell = false;
for (let i = 0; i < n; ++i) {
  isWell = i % 3 === 0;
  const id = `p${String(i).padStart(5, '0')}`;
  const patient = { resourceType: 'Patient', id, gender: pick(['female', 'male']) };
  // Half of the birthdays are the day asked about, eighteen or seventy years earlier, or a day beside it.
  const years = isWell ? 40 : pick([18, 18, 70, 71, 40, 33, 48, 12, 55, 62]);
  const born = new Date(Date.parse(day(below(3) - 1)));
  born.setUTCFullYear(born.getUTCFullYear() - years);
  if (!chance(4)) {
    const date = born.toISOString().slice(0, 10);
    patient.birthDate = chance(8) ? date.slice(0, 4) : maybePartial(date, 8);
  }
  const entries = [patient];
  if (!chance(6)) {
    entries.push({
      resourceType: 'Procedure', id: `${id}-t`, status: pick(['completed', 'completed', 'completed', 'entered-in-error']),
      code: { coding: [{ system: 'http://snomed.info/sct', code: '58390007' }] }, subject: { reference: `Patient/${id}` },
      performedDateTime: maybePartial(day(isWell ? -45 : -pick([29, 30, 31, 45, 50, 38, 59, 60, 61, 45])), 6),
    });
  }
  for (const [k, test] of tests.entries()) {
    const results = chance(4) ? 0 : 1 + below(3);
    for (let r = 0; r < results; ++r) entries.push(observation(`${id}-o${k}${r}`, test));
  }
  process.stdout.write(JSON.stringify({
    resourceType: 'Bundle', id, type: 'collection',
    entry: entries.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource })),
  }) + '\n');
}
