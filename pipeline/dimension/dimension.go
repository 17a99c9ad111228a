// Package dimension declares the properties of events by which measures are broken down: those that every event format
// has, and those that an owner adds by configuration (measures.dimensions). A dimension is declared here once; scopes of
// panes, columns of tables, the page's questions, alert rules, the report and the dashboards follow from it. Start at
// [Dimension] and [NewSet]. It knows neither Kafka nor ClickHouse nor the page.
package dimension

// Dimension is one property.
type Dimension struct {
	Name  string // the kind of its scopes, as in scope_kind
	Label Label
	// Column is SQL for its value in the tables of events, moments and complaints: a column, or an attribute.
	Column string
	// Topics says which of the two topics with panes have it.
	Topics Topics
	// Rank is lower for narrower scopes: of two scopes that fall at once, the one of lower rank is reported.
	Rank int
	// Level is that of places, which are nested: 1 is the widest. It is 0 for dimensions that run through all places.
	Level int
	// Watched says that alerts and the report look for falls in it unless the configuration says otherwise. Employees
	// are not watched: they are looked at within the place that fell.
	Watched bool
	// Own says that an owner declared it: its value is the attribute with its name.
	Own bool

	declared int // index in the owner's list, the order that people see
}

// Topics says in which topics events have the dimension. An owner's own ones are of the first two.
type Topics struct{ Responses, Complaints, Purchases bool }

// Label is the name that people read, in English and Chinese.
type Label struct{ En, Zh string }

// All is the kind of the scope that holds everything. It is not a dimension.
const All = "all"

// Names of the dimensions that every event format has.
const (
	Region          = "region"
	Store           = "store"
	Source          = "source"
	Touchpoint      = "touchpoint"
	Employee        = "employee"
	ProductCategory = "product_category"
	CustomerType    = "customer_type"
)

// Builtin is the number of built-in dimensions; in a [Set] they come first, in this order.
const Builtin = 7

// rankOfOwn ranks an owner's dimensions after touchpoints.
const rankOfOwn = 35

var builtin = [Builtin]Dimension{
	{Name: Region, Label: Label{"Region", "地区"}, Column: "region", Topics: Topics{true, true, true}, Rank: 70, Level: 1, Watched: true},
	{Name: Store, Label: Label{"Store", "门店"}, Column: "store_id", Topics: Topics{true, true, true}, Rank: 10, Level: 2, Watched: true},
	{Name: Source, Label: Label{"Source", "来源"}, Column: "source", Topics: Topics{true, true, false}, Rank: 40, Watched: true},
	{Name: Touchpoint, Label: Label{"Touchpoint", "接触点"}, Column: "touchpoint", Topics: Topics{true, false, false}, Rank: 30, Watched: true},
	{Name: Employee, Label: Label{"Employee", "员工"}, Column: "employee_id", Topics: Topics{true, true, false}, Rank: 20, Level: 3},
	{Name: ProductCategory, Label: Label{"Product category", "产品类别"}, Column: "product_category", Topics: Topics{true, false, true}, Rank: 50, Watched: true},
	{Name: CustomerType, Label: Label{"Type of customer", "顾客类型"}, Column: "customer_type", Topics: Topics{true, false, false}, Rank: 60},
}
