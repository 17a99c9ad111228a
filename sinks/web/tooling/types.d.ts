// Types that the page's files share.

declare const echarts: any;

// State is the state in the address.
interface State {
  view: string;
  range: string;
  kind: string;
  [key: string]: any;
}
type Changes = Record<string, string | number | undefined>;

// Page is what a view needs to draw.
interface Page {
  state: State;
  panels: (() => void)[];
  go(changes: Changes, replace?: boolean): void;
  link(changes: Changes, content: any, attributes?: Record<string, any>): HTMLElement;
  period(): Record<string, any>;
  scope(): Record<string, any>;
}

// Standing is the state of the connection to the server.
type Standing = "live" | "behind" | "failing" | "gone";

interface Period {
  from: string;
  to: string;
  at: string;
  before: string;
  resolution: number;
  step_s: number;
}

// Answer is the server's answer, with its rows also as objects.
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

// How explains figures by their SQL.
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

// Measured is an axis: the name of a measure, and its unit in the catalogue.
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
