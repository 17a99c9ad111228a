// What the server answers, by question. An instant is text; null is what SQL gives as NULL, or what is no number.

interface Period {
  from: string;
  to: string;
  at: string;
  before: string;
  before_to: string;
  resolution: number;
  step_s: number;
}

interface AnswerColumn {
  name: string;
  type: string;
  unit?: string;
  scale?: string;
  measure?: string;
}

// Answer is what a question gives that is answered by SQL. list is made by the page: the rows as objects.
interface Answer<R = unknown> {
  question: string;
  sql: string;
  period?: Period;
  as_of: string;
  columns: AnswerColumn[];
  rows: unknown[][];
  list: R[];
  more: boolean;
  stale: boolean;
}

// Timed is an answer about a period.
interface Timed<R> extends Answer<R> {
  period: Period;
}

interface Failure {
  error: string;
  parameter?: string;
}

// Unasked are answers that are of no SQL.
interface Unasked {
  sql?: undefined;
  columns?: undefined;
  stale?: undefined;
}

interface Sample {
  labels: Record<string, string>;
  value: number; // of a histogram its sum
  count?: number;
}

interface Metrics extends Unasked {
  at: string;
  metrics: { name: string; help: string; type: string; samples: Sample[] | null }[];
}

interface Letter {
  id: string;
  topic: string;
  at: string;
  field: string;
  code: string; // of the reason
  reason: string; // in the language asked for
}

interface Letters extends Unasked {
  letters: Letter[];
}

// News is what the stream tells.
interface News {
  version: string;
  events: number;
  latest: string;
  behind: number;
  waiting: number;
  failure: string;
}

interface Dimension {
  name: string;
  part: string;
  level: number;
  own: boolean;
}

interface Names {
  measures: Record<string, { label: string; unit: string; formula: string; better: string }>;
  columns: Record<string, string>;
  scales: Record<string, Record<string, { label: string; meaning?: string }>>;
  texts: Record<string, string>;
  currency: string;
  zone: string;
  ranges: string[];
  dimensions: Dimension[];
  labels: Record<string, Record<string, string>>;
  pseudonymous: boolean;
}

// Interval is there from two responses on.
type Interval = { csat_index_low: number; csat_index_high: number } | { csat_index_low: null; csat_index_high: null };

type Grades = {
  responses: number;
  mean_grade: number;
  csat_index: number;
  satisfied_share: number;
  satisfied_low: number | null;
  satisfied_high: number | null;
  dissatisfied_share: number;
  dissatisfied_low: number | null;
  dissatisfied_high: number | null;
} & Interval;

type GradesStep = Grades & { step_start: string };

// Measures are those of a row that has many, by their names, as the page puts them together.
type Measures = Record<string, number | null>;

type Satisfaction = Grades & Measures & { mean_expectation: number | null };

// Beside is what is known of a scope, and of all where one is seen beside the other.
// Dot is a value with its interval, and that of the whole company.
interface Dot {
  label: string;
  value: number;
  low?: number;
  high?: number;
  company?: number;
  more?: string[]; // said of it beside
}

// Questioned has the questions' intervals too.
type Questioned = Beside & { importance: Timed<Importance> };

interface Beside {
  whole: Timed<Satisfaction>;
  all?: Timed<Satisfaction>;
}

// Level is a measure with the ends of its 95 % interval.
interface Level {
  value: number;
  low: number | null;
  high: number | null;
}

// Change is a difference from the time before, with its 95 % interval. It is sure if chance does not explain it.
interface Change {
  change: number | null;
  change_low: number | null;
  change_high: number | null;
  change_sure: boolean | null;
}

type Place = {
  scope_id: string;
  responses: number;
  csat_index: number | null; // null where there are complaints alone
  dissatisfied_share: number | null;
  opened: number;
  breached: number;
  recovery_p50: number | null;
  course: [step: number, index: number][];
} & Interval &
  Change;

interface Part {
  part_id: string;
  responses: number;
  csat_index: number;
  dissatisfied_share: number;
}

interface Importance {
  question: string;
  importance: number;
  importance_low: number;
  importance_high: number;
  performance: number;
  performance_low: number;
  performance_high: number;
  responses: number;
  quadrant: string;
}

interface ServiceType {
  scope_id: string;
  responses: number;
  procedural: number | null;
  personal: number | null;
  service_type: string;
}

interface Recovery {
  opened: number;
  resolved: number;
  reopened: number;
  withdrawn: number;
  breached: number;
  mean_recovery_seconds: number | null;
  recovery_p50: number | null;
  recovery_p90: number | null;
  recovery_p99: number | null;
  mean_first_response_seconds: number | null;
  mean_contacts: number | null;
  mean_handoffs: number | null;
  mean_employees_met: number | null;
  remedy_depth: number | null;
  first_contact_resolution: number | null;
  outcome_fairness: number | null;
  process_fairness: number | null;
  [share: `category_${string}_share`]: number | null;
}

interface RecoveryStep {
  step_start: string;
  opened: number;
  resolved: number;
  reopened: number;
  breached: number;
  recovery_p50: number | null;
  recovery_p90: number | null;
}

interface Backlog {
  backlog: number;
  backlog_age: number | null;
  overdue: number;
  promise_seconds: number;
}

interface Complaint {
  complaint_id: string;
  customer_id: string;
  state: string;
  category: string;
  store_id: string;
  employee_id: string;
  opened_at: string | null;
  age_seconds: number | null;
  promise_seconds: number;
  promise_used: number | null;
  contacts: number;
  handoffs: number;
  remedies: string[];
  recovery_seconds: number | null;
  grade_after: number | null;
}

// Outcomes is what became of the complaints of a period; a quantile that is not reached is null.
type Outcomes = Record<
  | "km_recovery_p50"
  | "km_recovery_p50_low"
  | "km_recovery_p50_high"
  | "km_recovery_p90"
  | "km_recovery_p90_low"
  | "km_recovery_p90_high"
  | "recovered_of_known"
  | "recovered_of_known_low"
  | "recovered_of_known_high"
  | "recovery_paradox_within"
  | "recovery_paradox_within_low"
  | "recovery_paradox_within_high",
  number | null
> & { complaints: number; unresolved: number };

interface Funnel {
  opened: number;
  answered: number;
  remedied: number;
  resolved: number;
  graded: number;
  recovered: number;
}

interface Board {
  place: "fresh" | "half" | "overdue" | "resolved" | "withdrawn";
  complaints: number;
}

interface Contacts {
  contacts: number;
  handoffs: number;
  complaints: number;
}

interface RecoveryTimes {
  up_to_seconds: number;
  complaints: number;
}

interface Category {
  category: string;
  complaints: number;
  open: number;
  overdue: number;
}

type Band = "high" | "medium" | "low";

interface Risk {
  churn_band: Band;
  customers: number;
  value_at_risk: number;
  leaving: number;
  leaving_low: number;
  leaving_high: number;
}

interface RiskStep {
  at: string;
  customers: number;
  high: number;
  high_share: number | null;
  value_at_risk: number;
}

interface Customer {
  customer_id: string;
  churn_risk: number | null;
  churn_band: Band;
  reasons: string[];
  leave_reason: string;
  value_at_risk: number;
  current_value: number;
  latest_grade: number;
  responses: number;
  complaints: number;
}

interface CustomerAtRisk extends Customer {
  latest_at: string | null;
}

interface CustomerKnown extends Customer {
  contributions: number[];
  potential_value: number | null;
  replacement_cost: number | null;
  ewma_grade: number | null;
  last_purchase_at: string | null;
  usual_gap_days: number | null;
  departed_at: string | null;
  churned: number | null;
}

interface Unhappy {
  customer_id: string;
  bad_responses: number;
  worst_grade: number | null;
  complaints: number;
  open_complaints: number;
  last_bad_at: string;
}

interface Moment {
  occurred_at: string;
  moment: "response" | "complaint" | "purchase" | "departure";
  store_id: string;
  employee_id: string;
  touchpoint: string;
  grade: number | null;
  nps_answer: number | null;
  ces_answer: number | null;
  stars_answer: number | null;
  step: string;
  category: string;
  complaint_id: string;
  amount: number | null;
  comment: string | null;
}

interface Tier {
  tier: string;
  customers: number;
  spend: number;
  spend_share: number | null;
  from_spend: number;
  pareto_share: number | null;
  closed_month: number | null;
}

interface Action {
  action: string;
  state: string;
  customer_id: string;
  employee_id: string;
  complaint_id: string;
  store_id: string;
  opened_at: string;
  closed_at: string | null;
  reason: string;
  outcome: string;
}

interface Call {
  customer_id: string;
  actions: string[];
  graded: number | null;
  latest_grade: number | null;
  category: string;
  promised_at: string | null;
  breached: boolean;
  comment: string;
  store_id: string;
  employee_id: string;
  complaint_id: string;
  opened_at: string;
  churn_risk: number;
  churn_band: string;
  value_at_risk: number;
}

interface Sigma {
  opportunities: number;
  defects: number;
  dpmo: number;
  sigma_level: number | null; // where there is no defect, or nothing else, there is none
}

// Standard is one, or all of them with no id.
interface Standard extends Sigma {
  standard_id: string;
  does_en: string | null;
  does_zh: string | null;
  stage: string | null;
  dimension: string | null;
  target: number | null;
  owner: string | null;
  faults: number | null;
}

interface SigmaStep extends Sigma {
  pane_start: string;
}

interface Mystery {
  scope_kind: string;
  scope_id: string;
  visits: number;
  score: number | null;
  low: number | null;
  high: number | null;
  last_visit_at: string;
  action: "reward" | "revisit" | "too_few" | "";
}

interface Employee {
  employee_id: string;
  store_id: string;
  responses: number;
  mean_grade: number;
  posterior_mean: number;
  low: number;
  high: number;
  place: number | null;
  adjusted_mean: number;
  rank_low: number | null;
  rank_high: number | null;
}

interface Gap {
  gap: number;
  dimension: string;
  value: number;
  n: number;
  low: number | null;
  high: number | null;
}

interface GapCause {
  gap: number;
  cause: string;
  cause_en: string;
  cause_zh: string;
  evidence: number | null;
  remedies_en: string[];
  remedies_zh: string[];
}

interface Benchmark {
  measure: string;
  brand: string;
  responses: number;
  mean: number;
  low: number | null;
  high: number | null;
  place: number | null;
  rank_low: number | null;
  rank_high: number | null;
  // Of the other brands: own_lead is null if chance explains it, compared_responses if nothing is alike.
  own_lead: number | null;
  lead_low: number | null;
  lead_high: number | null;
  own_compared: number | null;
  own_compared_responses: number | null;
  compared_mean: number | null;
  compared_responses: number | null;
}

// Estimate is one of the satisfaction index: of a variable, a path, a question. An R² has no interval.
type Estimate = {
  period_from: string;
  period_to: string;
  scope_kind: string;
  scope_id: string;
  kind: "path" | "loading" | "weight" | "r2" | "index" | "effect";
  from_variable: string;
  to_variable: string;
  value: number;
  responses: number;
} & ({ low: number; high: number } | { low: null; high: null });

interface Improvement {
  id: string;
  name: string;
  measure: string;
  method: string;
  scope_kind: string;
  scope_id: string;
  state: string;
  target: number;
  planned_at: string;
  changed_at: string | null;
  checked_at: string | null;
  closed_at: string | null;
  effect: number | null;
  low: number | null;
  high: number | null;
  p_placebo: number | null;
  before: number | null;
  after: number | null;
  control_before: number | null;
  control_after: number | null;
  outcome: string;
  note: string;
}

// Evidence is a part that carries a fall, which has a share of it, or a measure that moved with it.
interface Evidence {
  dimension: string;
  id: string;
  value: number;
  before: number;
  share?: number;
  mix?: number;
  cases: number;
  z: number;
}

type Carrier = Evidence & { share: number };

interface Alert {
  key: string;
  rule: string;
  scope_kind: string;
  scope_id: string;
  part: string;
  severity: "page" | "warning" | "info";
  state: "firing" | "resolved";
  started_at: string;
  fired_at: string;
  resolved_at: string | null;
  measure: string;
  value: number;
  expected: number;
  low: number | null;
  high: number | null;
  cases: number;
  p: number;
  evidence: Evidence[] | null;
  untold: number;
}

type Coverage = { known_until: string | null } & (
  { evaluated_from: string; evaluated_until: string } | { evaluated_from: null; evaluated_until: null }
);

interface ResponseRate {
  purchases: number;
  answered: number;
  response_rate: number;
  response_rate_low: number;
  response_rate_high: number;
  response_rate_ripe: number;
  responses: number;
  unmatched_responses: number;
  complaints_per_1000_purchases: number | null;
}

interface Bursts {
  responses: number;
  burst_responses: number;
  burst_terminals: number;
  csat_index: number;
  csat_index_without_bursts: number | null;
}

interface BurstTerminal {
  terminal_id: string;
  store_id: string;
  burst_responses: number;
  mean_grade: number;
  first_press_at: string;
  last_press_at: string;
}

interface Invitations {
  asked: number;
  asked_answered: number;
  asked_response_rate: number;
  asked_response_rate_low: number;
  asked_response_rate_high: number;
  asked_response_rate_ripe: number;
  asked_counted: number;
  unasked_responses: number;
}

interface AskedByGrade {
  happy_customers: number;
  asked_happy_share: number | null;
  asked_happy_share_low: number | null;
  asked_happy_share_high: number | null;
  unhappy_customers: number;
  asked_unhappy_share: number | null;
  asked_unhappy_share_low: number | null;
  asked_unhappy_share_high: number | null;
  asked_difference: number | null;
  asked_difference_low: number | null;
  asked_difference_high: number | null;
}

interface Weighted {
  purchases: number;
  answered: number;
  response_rate: number;
  responses: number;
  csat_index: number;
  answered_csat_index: number | null;
  weighted_mean_grade: number | null;
  weighted_csat_index: number | null;
  weighted_csat_index_low: number | null;
  weighted_csat_index_high: number | null;
  effective_n: number | null;
  design_effect: number | null;
  trimmed: number | null;
  classes: number;
  joined_classes: number;
  margin_error: number | null;
}

type ScaleCount = "nps_responses" | "ces_responses" | "stars_responses";
type ScaleScore = "nps" | "ces_mean" | "stars_top_share";
type ScaleEnd = "nps_low" | "nps_high" | "ces_low" | "ces_high" | "stars_top_low" | "stars_top_high";

type OtherScalesStep = { step_start: string; survey: "instant" | "comprehensive" } & Record<ScaleCount, number> &
  Record<ScaleScore, number | null>;

type OtherScales = Omit<OtherScalesStep, "step_start"> &
  Record<"promoters" | "passives" | "detractors", number> &
  Record<ScaleEnd | "ces_easy_share" | "stars_mean", number | null>;

type PlaceScales = OtherScales & { scope_id: string };

// ScaleKind is a scale with its measures.
interface ScaleKind {
  score: ScaleScore;
  low: ScaleEnd;
  high: ScaleEnd;
  responses: ScaleCount;
  parts: ("promoters" | "passives" | "detractors" | "ces_easy_share" | "stars_mean")[];
}

interface Converted {
  grade_from: string;
  responses: number;
  mean_grade: number;
}

interface Answers {
  satisfaction: Timed<Satisfaction>;
  grades: Timed<Grades>;
  grades_before: Timed<Grades>;
  trend: Timed<GradesStep>;
  trend_before: Timed<GradesStep>;
  pulse: Timed<{ step_start: string; resolution: number; responses: number; csat_index: number }>;
  places: Timed<Place>;
  scopes: Timed<{ scope_id: string; responses: number }>;
  parts: Timed<Part>;
  scales: Timed<OtherScales>;
  scales_before: Timed<OtherScales>;
  scales_trend: Timed<OtherScalesStep>;
  places_scales: Timed<PlaceScales>;
  converted: Timed<Converted>;
  bursts: Timed<Bursts>;
  burst_terminals: Timed<BurstTerminal>;
  response_rate: Timed<ResponseRate>;
  asked: Timed<Invitations>;
  asked_by_grade: Timed<AskedByGrade>;
  weighted: Timed<Weighted>;
  parent: Answer<{ parent_kind: string; parent_id: string }>;
  importance: Timed<Importance>;
  service_types: Timed<ServiceType>;
  recovery: Timed<Recovery>;
  recovery_trend: Timed<RecoveryStep>;
  backlog: Timed<Backlog>;
  complaints: Timed<Complaint>;
  board: Timed<Board>;
  funnel: Timed<Funnel>;
  recovery_outcomes: Timed<Outcomes>;
  contacts: Timed<Contacts>;
  recovery_times: Timed<RecoveryTimes>;
  categories: Timed<Category>;
  risk: Answer<Risk>;
  risk_trend: Timed<RiskStep>;
  customers: Timed<CustomerAtRisk>;
  unhappy: Timed<Unhappy>;
  customer: Answer<CustomerKnown>;
  moments: Answer<Moment>;
  tiers: Answer<Tier>;
  actions: Answer<Action>;
  known: Answer<{ known: boolean | number }>;
  calls: Timed<{ calls: number; today: number }>;
  call_list: Timed<Call>;
  standards: Timed<Standard>;
  sigma_trend: Timed<SigmaStep>;
  mystery: Answer<Mystery>;
  employees: Timed<Employee>;
  gaps: Timed<Gap>;
  gap_causes: Answer<GapCause>;
  benchmark: Timed<Benchmark>;
  csi: Answer<Estimate>;
  improvements: Answer<Improvement>;
  alerts: Timed<Alert>;
  alert_coverage: Answer<Coverage>;
  pipeline: Metrics;
  deadletters: Letters;
}
type Question = keyof Answers;
