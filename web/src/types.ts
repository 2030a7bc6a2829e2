// What the server sends. docs/openapi.json is the contract; a test of the server holds the two together.

export type Role = 'viewer' | 'physician' | 'coordinator' | 'lab' | 'trial' | 'statistician' | 'admin'
export type Truth = 'yes' | 'no' | 'unknown'
export type Lane = 'overdue' | 'due' | 'upcoming' | 'blocked' | 'closed'
export type Action = 'stop' | 'outside' | 'hold' | 'wait' | 'need data' | 'ask' | 'give'

export interface Page<T> {
  items: T[]
  total: number
  offset: number
  limit: number
}

export interface Session {
  account: string
  full_name?: string
  role: Role
  site: string
  csrf: string
  tasks: string[]
  expires: string
}

export interface ProtocolSummary {
  id: string
  version: string
  status: string
  title: string
  sha256: string
}

export interface About {
  version: string
  research_use: { en: string; zh: string }
  today: string
  protocols: ProtocolSummary[]
  sites: string[]
  roles: Record<string, string[]>
  demo?: boolean
}

export interface Signature {
  id: string
  patient: string
  protocol: string
  as_of: string
  fingerprint: string
  verdict?: string
  decision?: string
  because?: string
  meaning: string
  reason?: string
  who: string
  full_name?: string
  at: string
  lifted_by?: string | null
}

export interface WorklistRow {
  lane: Lane
  patient: string
  protocol: string
  strategy?: string
  decision: Action
  day?: string
  dose?: string
  cells?: string
  weight?: string
  weighed_on?: string
  ratio?: string
  last_infusion?: string
  date?: string | null
  latest?: string | null
  days_overdue?: number
  blocked_by?: string
  failing: string[]
  missing: string[]
  missing_phrases?: string[]
  cautions: string[]
  hold?: Signature | null
}

export interface Worklist extends Page<WorklistRow> {
  as_of: string
  counts: Partial<Record<Lane, number>>
}

export interface Patient {
  id: string
  site: string
  name?: string
  birth_date?: string
  identifier?: string
  version: number
  day_zero?: string | null
  day?: string
  weight?: { text: string; date: string; is_current?: boolean } | null
  signature?: Signature | null
  hold?: Signature | null
}

export interface Mark {
  entry: string
  shape: 'dot' | 'square' | 'triangle' | 'open' | 'bar' | 'unknown' | 'diamond' | 'planned' | 'cross'
  x: number
  y: number
  x2?: number
  series?: string
  label: string
  title?: string
  date?: string
  level?: number
}

export interface Figure {
  width: number
  height: number
  plot: { left: number; right: number }
  first_day: string
  last_day: string
  ticks: { x: number; label: string; date?: string }[]
  today?: number | null
  earlier?: number
  tracks: {
    id: string
    label: string
    y: number
    height: number
    scale?: { y: number; label: string }[]
    lines?: { points: [number, number][]; style: string }[]
    marks: Mark[]
  }[]
}

export interface Entry {
  id: string
  fact: string
  phrase: string
  track?: string
  value: string
  date: string
  known_on: string
  method?: string
  context?: string
  standing?: string
  unusable?: string[]
  upper_limit?: string
  origin: string
  event?: number
  replaced_by?: number | null
}

export interface Timeline {
  patient: string
  as_of: string
  known_on: string
  day_zero?: string | null
  known_days: string[]
  figure: Figure
  svg: string
  entries: Entry[]
}

export interface Cite {
  source: string
  locator: string
  reference?: string
}

export interface Evidence {
  fact: string
  value: string
  date: string
  origin: string
  unusable: string[]
}

export interface Node {
  id?: string
  form: string
  sentence: string
  truth: Truth
  reasons: string[]
  counts_against?: boolean
  margin?: string
  how?: string
  evidence?: Evidence[]
  assumptions?: string[]
  missing?: string[]
  cite?: Cite | null
  span: { line: number; column: number; length: number }
  children?: Node[]
}

export interface Missing {
  name: string
  phrase: string
  reasons: string[]
  needed_by: string[]
}

export interface Dose {
  level: number
  targets: { cells: string; per_kg: boolean; low: string | null; high: string | null; rounded: boolean }[]
  text: string
  capped: boolean
  step: string
  cite?: Cite | null
}

export interface Dates {
  earliest: string | null
  recommended_first: string | null
  recommended_last: string | null
  latest: string | null
}

export interface Task {
  what: string
  timing: string
  first: string | null
  last: string | null
  applies: { truth: Truth; reasons: string[] }
  cite?: Cite | null
}

export interface PlannedInfusion {
  number: number
  level: number
  is_next: boolean
  dose: Dose | null
  dose_gap: string
  targets: {
    cells: string
    total_low: string | null
    total_high: string | null
    volume_ml: number | null
    ratio_to_last: string | null
    governs: boolean
  }[]
  dates: Dates
  counted_from: string | null
  preparation: Task[]
  prophylaxis: Task[]
  monitoring: Task[]
}

export interface Strategy {
  name: string
  label: string
  open: { truth: Truth; reasons: string[] }
  verdict: string
  action: Action
  because: string
  reasons: string[]
  wait_until: string | null
  infusions_given: number
  next_level: number
  dose: Dose | null
  dose_gap: string
  dates: Dates
  trigger: Node | null
  criteria: Node[]
  rules: { leads_to: string; label: string; until: string | null; condition: Node }[]
  missing: Missing[]
}

export interface Decision {
  patient: string
  protocol: { id: string; version: string; sha256: string; status: string }
  as_of: string
  known_on: string
  day_zero: string | null
  verdict: 'eligible' | 'not eligible' | 'unknown'
  failing: string[]
  decision: Action
  because: string
  strategy: string | null
  wait_until: string | null
  missing: Missing[]
  decided_by: string[]
  would_decide: { verdict: string; names: string[] }[]
  criteria: Node[]
  strategies: Strategy[]
  infusions_given: { date: string; as_written: string; origin: string; status_unknown: boolean }[]
  plan: {
    weight: { kg: string | null; date: string; origin: string; reasons: string[] } | null
    governing_target: string
    infusions: PlannedInfusion[]
    end: string
    cautions: string[]
  }
  assumptions: string[]
  parameters: string[]
  notice: string
}

export interface Decisions {
  patient: string
  as_of: string
  known_on: string
  hold: Signature | null
  answers: { fingerprint: string; decision: Decision; text: string; protocol_text?: string }[]
}

export interface Finding {
  form: 'limit' | 'asked' | 'caution' | 'assumption' | 'met'
  about: string
  text: string
  source: string
}

export interface Delivers {
  kind: string
  cells: string
  per_kg: string | null
}

export interface Proposal {
  draws: { bag: string; volume_ml: string; of_ml: string }[]
  volume_ml: string
  delivers: Delivers[]
  left_over_cells: string | null
  first_expiry: string | null
  reasons: string[]
  findings: Finding[]
}

export interface Proposals {
  recipient: string
  on: string | null
  dose: { kind: string; per_kg: boolean; low: string; high: string; text: string }[]
  weight_kg: string | null
  proposals: Proposal[]
  not_proposed: { bag: string; reasons: string[] }[]
  gap: string
  findings: Finding[]
}

export interface StockPlan {
  headline: string
  infusions: { number: number; bags: Proposals }[]
  decision: Decision
}

export interface Figures {
  dose: string
  weight: string
  weighed_on?: string
  cells: string
  ratio?: string
  bags: { bag: string; volume_ml: string }[]
}

export interface Order {
  id: string
  patient: string
  state: 'awaiting_check' | 'checked' | 'disagreed' | 'issued' | 'cancelled'
  protocol: string
  as_of?: string
  infusion_on?: string
  ordered_by: string
  ordered_at: string
  checked_by?: string | null
  checked_at?: string | null
  may_check?: boolean
  hidden?: boolean
  first?: Figures | null
  second?: Figures | null
  agreement?: { what: string; agrees: boolean; first: string; second: string }[] | null
  why?: string
}

export interface Bag {
  id: string
  state: string
  version: number
  recipient?: string
  din_groups?: string[]
  check_character?: string
  next_states?: { state: string; needs_reason: boolean; needs_second_person: boolean }[]
  obstacles?: string[]
  fields: Record<string, string | null>
  history?: string[]
}

export interface Stock extends Page<Bag> {
  account: Record<string, string | number>
  problems: { bag?: string; text: string }[]
}

export interface Job {
  id: string
  kind: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  name?: string
  who?: string
  progress: { done: number; total: number | null }
  started?: string | null
  ended?: string | null
  problem?: string
  result?: unknown
}

export interface Account {
  account: string
  role: Role
  site: string
  full_name?: string
  disabled: boolean
  created?: string
  version: number
}

export interface LogEvent {
  seq: number
  kind: string
  subject: string
  patient?: string
  who: string
  at: string
  why?: string
  replaces?: number | null
  hash: string
}

export interface GvhdSteps {
  criteria: string
  source: string
  steps: { organ: string; fact: string; stages: { stage: string; text: string }[] }[]
}

export interface Verification {
  mistakes: string
  findings: {
    kind: string
    severity: 'error' | 'warning' | 'note'
    line: number
    column: number
    what: string
    why: string
    repair: string
    case?: string
  }[]
  holds: string[]
  statistics: Record<string, number | boolean>
}

export interface Protocol extends ProtocolSummary {
  text: string
  summary: string
  document: unknown
}

export interface CatalogueFact {
  id: string
  phrase: string
  type: string
  unit?: string
  levels?: string[]
  documentation?: string
}
