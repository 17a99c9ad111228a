package simulate

// Draws of the answers in scales of their own, as probabilities.
var (
	pNPS       = shareOf(.3) // of those who answer by app, web or call; in a comprehensive survey all do
	pCES       = shareOf(.3)
	pStars     = shareOf(.25) // by app or web
	pConverted = shareOf(.4)  // of those with stars and a grade that stars are converted to
)

// starsOf are the stars that are converted to a grade, 0 for a grade to which none are.
var starsOf = [8]int{1: 1, 2: 2, 4: 3, 6: 4, 7: 5}

// others appends answers in scales of their own, around what the customer feels. They are drawn from a source of their own, so that all else is the same with and
// without them; and every response has its grade, or the truth would not be that of the responses that were asked for.
func (f *Feed) others(b []byte, v *visit, by string) []byte {
	online := by == "app" || by == "web"
	if v.anonymous || v.rival >= 0 || !v.survey && !online && by != "call" {
		return b
	}
	if v.survey || f.scores.chance(pNPS) {
		b = scale(b, "nps", f.scores.around(v.latent, 0, 10))
	}
	if v.survey || f.scores.chance(pCES) {
		b = scale(b, "ces", f.scores.around(v.latent-step/4, 1, 7))
	}
	if !online || !f.scores.chance(pStars) {
		return b
	}
	stars := f.scores.around(v.latent, 1, 5)
	if of := starsOf[v.grade]; of > 0 && f.scores.chance(pConverted) {
		return member(scale(b, "stars", of), "grade_from", "stars")
	}
	return scale(b, "stars", stars)
}

// around draws an answer of low to top around a latent grade: 1 is the low end, 7 the top.
func (s source) around(latent, low, top int) int {
	return clamp(low+((latent-step+s.normal(200))*(top-low)+3*step)/(6*step), low, top)
}
