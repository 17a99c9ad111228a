package board

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/barchart"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/piechart"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

type (
	timeseriesPanel = timeseries.PanelBuilder
	tablePanel      = table.PanelBuilder
	barchartPanel   = barchart.PanelBuilder
	piechartPanel   = piechart.PanelBuilder
)

type panels = []cog.Builder[dashboard.Panel]

// size is width and height in the grid of 24 columns.
type size struct{ w, h uint32 }

// explained adds the formulas of the columns to a text.
func explained(text string, columns []column) string {
	lines := []string{}
	if text != "" {
		lines = append(lines, text)
	}
	for _, c := range columns {
		if c.formula != "" {
			lines = append(lines, "- **"+c.heading+"**: "+c.formula)
		}
	}
	return strings.Join(lines, "\n")
}

func plain(color string) *dashboard.ThresholdsConfigBuilder {
	return steps([]dashboard.Threshold{{Color: color}})
}

func steps(list []dashboard.Threshold) *dashboard.ThresholdsConfigBuilder {
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(list)
}

func colors(mode dashboard.FieldColorModeId) *dashboard.FieldColorBuilder {
	return dashboard.NewFieldColorBuilder().Mode(mode)
}

func fixed(color string) *dashboard.FieldColorBuilder {
	return colors(dashboard.FieldColorModeIdFixed).FixedColor(color)
}

func lastValue() *common.ReduceDataOptionsBuilder {
	return common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Values(false)
}

func legend(shown bool) *common.VizLegendOptionsBuilder {
	return common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(shown)
}

func tooltip(mode common.TooltipDisplayMode) *common.VizTooltipOptionsBuilder {
	return common.NewVizTooltipOptionsBuilder().Mode(mode).Sort(common.SortOrderNone)
}

// figure shows one measure.
func figure(c column, text, sql string) *stat.PanelBuilder {
	p := stat.NewPanelBuilder().Title(c.heading).Description(strings.TrimSpace(c.formula + "\n" + text)).Span(4).Height(4).
		Datasource(clickHouse()).WithTarget(rows(sql)).ColorScheme(colors(dashboard.FieldColorModeIdThresholds)).
		ReduceOptions(lastValue()).ColorMode(common.BigValueColorModeValue).GraphMode(common.BigValueGraphModeNone).TextMode(common.BigValueTextModeValue).Orientation(common.VizOrientationAuto).
		Unit(c.unit).Thresholds(plain("blue"))
	if c.steps != nil {
		p.Thresholds(steps(c.steps))
	}
	if c.decimals != nil {
		p.Decimals(*c.decimals)
	}
	return p
}

func spanned() common.BoolOrFloat64 { return common.BoolOrFloat64{Bool: new(true)} }

// lines is a panel of curves over time, without a query.
func lines(title, text string, s size) *timeseries.PanelBuilder {
	return timeseries.NewPanelBuilder().Title(title).Description(text).Span(s.w).Height(s.h).ColorScheme(colors(dashboard.FieldColorModeIdPaletteClassic)).
		DrawStyle(common.GraphDrawStyleLine).LineWidth(2).FillOpacity(0).ShowPoints(common.VisibilityModeAuto).
		Legend(legend(true)).Tooltip(tooltip(common.TooltipDisplayModeMulti))
}

// curves shows columns over time.
func curves(title, text, sql string, s size, columns ...column) *timeseries.PanelBuilder {
	p := lines(title, explained(text, columns), s).Datasource(clickHouse()).WithTarget(series(sql))
	for _, c := range columns {
		p.OverrideByName(c.id, c.properties())
	}
	return p
}

// curvesBy shows one column over time, a curve for each value of a label.
func curvesBy(title, text, sql string, s size, label string, c column) *timeseries.PanelBuilder {
	p := lines(title, explained(text, []column{c}), s).Datasource(clickHouse()).WithTarget(series(sql)).DisplayName("${__field.labels." + label + "}").Unit(c.unit).SpanNulls(spanned())
	if c.decimals != nil {
		p.Decimals(*c.decimals)
	}
	return p
}

// list shows rows.
func list(title, text, sql string, s size, columns ...column) *table.PanelBuilder {
	p := table.NewPanelBuilder().Title(title).Description(explained(text, columns)).Span(s.w).Height(s.h).
		Datasource(clickHouse()).WithTarget(rows(sql)).ColorScheme(colors(dashboard.FieldColorModeIdThresholds)).Thresholds(plain("text")).
		ShowHeader(true).CellHeight(common.TableCellHeightSm).
		Footer(common.NewTableFooterOptionsBuilder().Show(false).Reducer([]string{"sum"})).Filterable(true)
	for _, c := range columns {
		properties := c.properties()
		if c.steps != nil && len(c.more) == 0 {
			properties = append(properties, dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}})
		}
		p.OverrideByName(c.id, properties)
	}
	return p
}

// chart shows one or more numbers by name.
func chart(title, text, sql string, s size, name, color string, columns ...column) *barchart.PanelBuilder {
	p := barchart.NewPanelBuilder().Title(title).Description(explained(text, columns)).Span(s.w).Height(s.h).
		Datasource(clickHouse()).WithTarget(rows(sql)).XField(name).Orientation(common.VizOrientationHorizontal).
		ShowValue(common.VisibilityModeAlways).BarWidth(0.8).GroupWidth(0.7).FillOpacity(70).LineWidth(0).
		Legend(legend(len(columns) > 1)).Tooltip(tooltip(common.TooltipDisplayModeSingle))
	if p.ColorScheme(fixed(color)); len(columns) > 1 {
		p.ColorScheme(colors(dashboard.FieldColorModeIdPaletteClassic))
	}
	for _, c := range columns {
		p.OverrideByName(c.id, c.properties())
	}
	return p
}

// slices shows the parts of a whole: a row each, of a name and a number.
func slices(title, text, sql string, s size) *piechart.PanelBuilder {
	return piechart.NewPanelBuilder().Title(title).Description(text).Span(s.w).Height(s.h).
		Datasource(clickHouse()).WithTarget(rows(sql)).ColorScheme(colors(dashboard.FieldColorModeIdPaletteClassic)).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}).Values(true)).
		PieType(piechart.PieChartTypeDonut).Unit("short").DisplayLabels([]piechart.PieChartLabels{piechart.PieChartLabelsPercent}).
		Legend(piechart.NewPieChartLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeTable).Placement(common.LegendPlacementRight).ShowLegend(true).Values([]piechart.PieChartLegendValues{piechart.PieChartLegendValuesValue}))
}
