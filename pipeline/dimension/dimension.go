// Package dimension declares the properties of events by which measures are broken down: those that every event format
// has, and those that an owner adds by configuration (measures.dimensions). A dimension is declared here once; the scopes
// of the panes, the columns of the tables, the questions of the page, the rules of alerts, the report and the dashboards
// follow from it. Start at [Dimension] and [NewSet]. It knows neither Kafka nor ClickHouse nor the page.
package dimension

// Dimension is one property.
type Dimension struct {
	Name  string // the kind of its scopes, as in scope_kind
	Label Label
	// Column is SQL for its value in the tables of events, moments and complaints: a column, or an attribute.
	Column string
	// Topics say which of the two topics with panes have it.
	Topics Topics
	// Rank puts what is narrower before what holds more of the same responses: of two scopes that fall at once the one of
	// lower rank is told.
	Rank int
	// Level is that of places, which lie in one another: 1 is the widest. It is 0 for what runs through all places.
	Level int
	// Watched are those in which alerts and the report look for falls unless the configuration says otherwise. Employees
	// are looked at within the place that fell.
	Watched bool
	// Own says that an owner declared it: its value is the attribute of that name.
	Own bool

	declared int // the place in the owner's list, in which people see dimensions
}

// Topics say in which topics events have the dimension.
type Topics struct{ Responses, Complaints bool }

// Label is the name that people read, by language.
type Label struct{ En, Zh string }

// All is the kind of the scope that holds everything. It is no dimension.
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

// Builtin is how many they are; in a [Set] they come first, in this order.
const Builtin = 7

// rankOfOwn puts dimensions of an owner's after touchpoints.
const rankOfOwn = 35

var builtin = [Builtin]Dimension{
	{Name: Region, Label: Label{"Region", "地区"}, Column: "region", Topics: Topics{true, true}, Rank: 70, Level: 1, Watched: true},
	{Name: Store, Label: Label{"Store", "门店"}, Column: "store_id", Topics: Topics{true, true}, Rank: 10, Level: 2, Watched: true},
	{Name: Source, Label: Label{"Source", "来源"}, Column: "source", Topics: Topics{true, true}, Rank: 40, Watched: true},
	{Name: Touchpoint, Label: Label{"Touchpoint", "接触点"}, Column: "touchpoint", Topics: Topics{true, false}, Rank: 30, Watched: true},
	{Name: Employee, Label: Label{"Employee", "员工"}, Column: "employee_id", Topics: Topics{true, true}, Rank: 20, Level: 3},
	{Name: ProductCategory, Label: Label{"Product category", "产品类别"}, Column: "product_category", Topics: Topics{true, false}, Rank: 50, Watched: true},
	{Name: CustomerType, Label: Label{"Type of customer", "顾客类型"}, Column: "customer_type", Topics: Topics{true, false}, Rank: 60},
}
