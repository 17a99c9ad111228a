// Types that the page's files share.

type Lang = "en" | "zh";

// State is the state in the address.
interface State {
  view: string;
  range: string;
  kind: string;
  from?: string;
  to?: string;
  id?: string;
  compare?: string;
  of?: string;
  sort?: string;
  order?: string;
  search?: string;
  band?: string;
  due?: string;
  state?: string;
  customer?: string;
  alert?: string;
  page?: string | number;
  calls?: string | number;
  before?: string;
  wall?: string;
  lang?: string;
}
type Changes = Partial<State>;

// Child is what an element may hold; what is not there is left out.
type Child = Node | string | number | false | null | undefined;
type Content = Child | Child[];

type Handlers = { [E in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[E]) => void };

// Attributes are those of an element, and what is done on its events.
interface Attributes extends Handlers {
  [name: string]: string | number | boolean | null | undefined | ((event: never) => void);
}

// Form is one whose fields are found by their name.
type Form = HTMLFormElement & { elements: Record<string, HTMLInputElement> };

// Params are what a question is asked with.
type Params = Record<string, string | number | undefined>;
type Asked<Q extends Question = Question> = [question: Q, params: Params];
type Questions = Record<string, Asked>;
type AnswersTo<Q extends Questions> = { [N in keyof Q]: Answers[NonNullable<Q[N]>[0]] };

// Reply is one of several questions with its answer, or with why it has none. tag is the same for what is the same.
interface Reply {
  asked: string;
  tag?: string;
  answer?: Answer;
  status?: number;
  failure?: Failure;
}

// Together are answers as of a version; no lines if they are what was known. again says after how many milliseconds to ask again.
interface Together {
  lines?: Map<string, Reply>;
  version?: string;
  tag?: string;
  again: number;
}

// Shown is a panel that is drawn with the others of its view.
interface Shown {
  asked: string[];
  waits(): boolean;
  take(lines: Map<string, Reply>, version?: string): void;
  fail(e: Trouble): void;
}

interface Asking {
  add(panel: Shown): void;
  refresh(version?: string): void;
  again(wait: number): void;
  show(): void;
  end(): void;
}

// Wrong is a part of the address that cannot be shown.
interface Wrong {
  name: string;
  value: string;
  remedy: string;
}

// Page is what a view needs to draw.
interface Page {
  state: State;
  wrong: Wrong[];
  asking: Asking;
  polls: (() => void)[];
  go(changes: Changes, replace?: boolean): void;
  link(changes: Changes, content: Content, attributes?: Attributes): HTMLElement;
  period(): Params;
  scope(): Params;
}

interface View {
  scoped: boolean;
  timed: boolean;
  draw(page: Page, main: HTMLElement): void;
}

// Standing is the state of the connection to the server.
type Standing = "live" | "behind" | "failing" | "gone";

type Trouble = Error & { busy?: number | false };

// How explains figures by their SQL.
interface How {
  tell(measure?: string): void;
  sql(measure?: string): (event: Event) => void;
}

interface PanelOptions<Q extends Questions> {
  title: string;
  note?: string;
  questions: Q;
  draw(body: HTMLElement, answers: AnswersTo<Q>, how: How): void;
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

// Value is one of an answer, before it is written.
type Value = string | number | boolean | (string | number)[] | null | undefined;

// Column is one of an answer, or one that is made of its rows.
type Column<R> = {
  label?: string;
  unit?: string;
  scale?: string;
  number?: boolean;
  sort?: boolean;
  tells?(row: R): string; // the measure that a press on the cell explains
} & ({ name: keyof R & string; cell?: undefined } | { name: string; cell(row: R): Content });

interface TableOptions<R> {
  columns: Column<R>[];
  order?: { by: string; descending: boolean; to(name: string, descending: boolean): void };
  rows?: R[];
  caption: string;
  cls?: string;
}

interface Figures {
  columns: string[];
  rows: (string | number)[][];
}

interface Bar {
  mark?: number;
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
  list: GradesStep[];
  shift?: number;
}
