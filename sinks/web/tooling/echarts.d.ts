// What the page uses of ECharts.

interface Drawing {
  setOption(option: ChartOption, how: { notMerge: boolean }): void;
  on(event: "click", press: (point: Point) => void): void;
  convertFromPixel(of: { xAxisIndex: number }, at: number): number;
  resize(): void;
  dispose(): void;
}

type Style = { [name: string]: string | number | boolean | Style | undefined };

interface Label {
  show?: boolean;
  position?: string;
  color?: string;
  backgroundColor?: string;
  padding?: number;
  lineHeight?: number;
  width?: number;
  overflow?: string;
  formatter?: string | { of(point: Point): string }["of"];
}

interface AxisLabel {
  show?: boolean;
  color?: string;
  hideOverlap?: boolean;
  interval?: number;
  rotate?: number;
  width?: number;
  overflow?: string;
  formatter?(value: number): string;
}

type End = number | ((extent: { min: number; max: number }) => number);

interface Axis {
  type: "time" | "value" | "category";
  data?: string[];
  name?: string;
  nameLocation?: "middle";
  nameGap?: number;
  min?: End;
  max?: End;
  minInterval?: number;
  interval?: number;
  scale?: boolean;
  axisLabel?: AxisLabel;
  axisTick?: Style;
  splitLine?: Style;
  axisPointer?: { label: { formatter(at: { value: number }): string } };
}

interface Tooltip {
  show?: boolean;
  trigger?: "axis" | "item";
  formatter?(point: Point): string;
  valueFormatter?(value: number | number[]): string;
}

// Datum is a value with what is said of it; said and mine are the page's own.
interface Datum {
  name?: string;
  value?: number | (number | null)[];
  said?: string;
  mine?: boolean;
  x?: number;
  y?: number;
  symbol?: string;
  label?: Label;
  itemStyle?: Style;
  lineStyle?: Style;
  areaStyle?: Style;
}

// Link is an arrow of a graph.
interface Link extends Datum {
  source: string;
  target: string;
}

// Spot is a datum in a field of points.
interface Spot<V extends number | null = number> extends Datum {
  name: string;
  value: [V, V];
}

// Point is what is under the pointer. What else its datum has is known to who made it.
interface Point<D = Datum, V = number | number[]> {
  name: string;
  seriesName: string;
  seriesIndex: number;
  dataIndex: number;
  value: V;
  data: D;
}

// Mark is a line across a chart, or an end of an area.
interface Mark {
  name?: string;
  xAxis?: number;
  yAxis?: number;
}

interface Marks<M> {
  silent: boolean;
  symbol?: "none";
  lineStyle?: Style;
  itemStyle?: Style;
  label: Label;
  data: M[];
}

interface Series {
  type: "line" | "bar" | "scatter" | "radar" | "graph";
  name?: string;
  data: (number | null | (number | null)[] | Datum)[];
  links?: Link[];
  stack?: string;
  stackStrategy?: "all";
  silent?: boolean;
  yAxisIndex?: number;
  color?: string;
  symbol?: string;
  symbolSize?: number | { of(value: number[], point: Point): number }["of"];
  barMaxWidth?: number;
  lineStyle?: Style;
  itemStyle?: Style;
  areaStyle?: Style;
  label?: Label;
  labelLayout?: { hideOverlap: boolean };
  markLine?: Marks<Mark>;
  markArea?: Marks<[Mark, Mark]>;
  tooltip?: Tooltip;
  layout?: "none";
  roam?: boolean;
  edgeSymbol?: string[];
  edgeSymbolSize?: number;
  top?: number;
  bottom?: number;
  left?: number;
  right?: number;
}

interface Radar {
  indicator: { name: string; min: number; max: number }[];
  radius: string;
  center: string[];
  axisName: Style;
  splitLine: Style;
  splitArea: Style;
  axisLine: Style;
}

interface ChartOption {
  animation?: boolean;
  color?: string[];
  textStyle?: Style;
  backgroundColor?: string;
  tooltip?: Tooltip;
  legend?: { data: string[]; top?: number; type?: "scroll"; textStyle?: Style };
  grid?: { top?: number; right?: number; bottom?: number; left?: number; containLabel?: boolean };
  xAxis?: Axis | Axis[];
  yAxis?: Axis | Axis[];
  radar?: Radar;
  series: Series[];
}

interface ChartOptions {
  height?: number;
  press?(point: Point): void;
  drag?(from: number, to: number): void;
}
