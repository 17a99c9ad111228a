package clickhouse_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"csatflow/pipeline/event"
	"csatflow/sinks/clickhouse"
)

// checkImportance compares with correlations of what is left without the means of stores.
func (c *company) checkImportance(t *testing.T, s *clickhouse.Store) {
	from, to := firstDay.AddDate(0, 1, 0), firstDay.AddDate(0, 5, 0)
	want := map[string][]float64{}
	var means [2]float64
	errs := map[string]float64{}
	for d, name := range event.RaterNames {
		stores := map[string][][2]float64{}
		customers := map[[2]string]bool{}
		for _, a := range c.answers {
			if a.brand == "" && a.rater[d] > 0 && !a.at.Before(from) && a.at.Before(to) {
				stores[a.store] = append(stores[a.store], [2]float64{float64(a.rater[d]), float64(a.grade)})
				customers[[2]string{a.store, a.customer}] = true
			}
		}
		var xx, xy, yy, sum, squares, n float64
		for _, of := range stores {
			var x, y float64
			for _, v := range of {
				x, y = x+v[0]/float64(len(of)), y+v[1]/float64(len(of))
				sum, squares, n = sum+v[0], squares+v[0]*v[0], n+1
			}
			for _, v := range of {
				xx, xy, yy = xx+(v[0]-x)*(v[0]-x), xy+(v[0]-x)*(v[1]-y), yy+(v[1]-y)*(v[1]-y)
			}
		}
		r, clusters := xy/math.Sqrt(xx*yy), float64(len(customers))
		reach := 1.959963984540054 / math.Sqrt(clusters-float64(len(stores))-2)
		key := "rater_" + name
		want[key] = []float64{r, math.Tanh(math.Atanh(r) - reach), math.Tanh(math.Atanh(r) + reach), sum / n, n}
		errs[key] = 1.959963984540054 * math.Sqrt((squares/n-sum*sum/n/n)/clusters)
		means[0], means[1] = means[0]+r/5, means[1]+sum/n/5
	}
	for key, v := range want {
		uncertain := 0.
		if v[1] < means[0] && means[0] < v[2] || math.Abs(v[3]-means[1]) < errs[key] {
			uncertain = 1
		}
		want[key] = append(v, uncertain)
	}
	query := fmt.Sprintf("SELECT question, %s FROM importance_between(from = '%s', to = '%s', scope_kind = 'all', scope_id = '')",
		columns("importance", "importance_low", "importance_high", "performance", "responses", "quadrant = 'uncertain'"), from.Format(time.DateTime), to.Format(time.DateTime))
	same(t, "importance_between", want, figures(t, s, query))
}
