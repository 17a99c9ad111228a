// What the page's files hand to each other.

declare const echarts: any;

// State is what the address says.
interface State {
  view: string;
  range: string;
  kind: string;
  [key: string]: any;
}
type Changes = Record<string, string | number | undefined>;

// Page is what a view draws on.
interface Page {
  state: State;
  panels: (() => void)[];
  go(changes: Changes, replace?: boolean): void;
  link(changes: Changes, content: any, attributes?: Record<string, any>): HTMLElement;
  period(): Record<string, any>;
  scope(): Record<string, any>;
}

// Standing is how the page stands to what is new.
type Standing = "live" | "behind" | "failing" | "gone";

interface Period {
  from: string;
  to: string;
  at: string;
  before: string;
  resolution: number;
  step_s: number;
}

// Answer is that of the server, with its rows as objects beside.
interface Answer {
  question: string;
  period: Period;
  columns: { name: string; type: string; unit?: string; scale?: string; measure?: string }[];
  rows: any[][];
  list: any[];
  more?: boolean;
  stale?: boolean;
  sql?: string;
  as_of: string;
}

// How tells of a figure which SQL it is of.
interface How {
  tell(measure?: string): void;
  sql(measure?: string): (event: Event) => void;
}

interface PanelOptions {
  title: string;
  note?: string;
  questions: Record<string, any>; // [question, params] by name
  draw(body: HTMLElement, answers: any, how: How): void;
  wide?: boolean;
  id?: string;
  source?: string;
}

interface Tile {
  label: string;
  value: string;
  note?: string | HTMLElement;
  measure?: string;
  tone?: string | null;
  link?: HTMLElement;
}

interface Column {
  name: string;
  label?: string;
  cell?(row: any): any;
  unit?: string;
  scale?: string;
  number?: boolean;
  sort?: boolean;
}

interface TableOptions {
  columns: Column[];
  order?: { by: string; descending: boolean; to(name: string, descending: boolean): void };
  rows?: any[];
  caption: string;
  cls?: string;
}

interface Figures {
  columns: string[];
  rows: string[][];
}

interface ChartOptions {
  height?: number;
  press?(point: any): void;
}

interface Bar {
  label: string;
  value: number;
  text?: string;
  short?: string;
  tone?: string | null;
}

interface BarOptions {
  unit?: string;
  value?: string;
  press?(bar: Bar): void;
  max?: number;
}

// Measured is an axis: what is measured, and in which unit of the catalogue.
interface Measured {
  name: string;
  unit: string;
}

interface Line {
  label: string;
  list: any[];
  shift?: number;
}

interface Names {
  measures: Record<string, { label: string; unit: string; formula: string }>;
  columns: Record<string, string>;
  scales: Record<string, Record<string, { label: string; meaning?: string }>>;
  texts: Record<string, string>;
  currency: string;
  zone: string;
  ranges: string[];
  dimensions: { name: string; part?: string; level?: number; own?: boolean }[];
  pseudonymous?: boolean;
}
