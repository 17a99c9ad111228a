package simulate

// damages are endings of bad lines, after ids and time, which break the schema or JSON.
var damages = [...][]string{
	responseLine: {
		`,"grade":0}`, `,"grade":9}`, `,"grade":"7"}`, `,"grade":null}`, `,"grade":4.5}`, `}`, `,"grade":5,"rater":{"empathy":8}}`,
		`,"grade":5,"emotion":"bored"}`, `,"grade":5,"source":7}`, `,"grade":5,"store_id":""}`, `,"grade":5`, `,"grade":5,"comment":"cut o`, `,"grade":}`,
	},
	complaintLine: {
		`,"complaint_id":"k-bad"}`, `,"complaint_id":"k-bad","step":"closed"}`, `,"step":"opened"}`, `,"complaint_id":7,"step":"opened"}`,
		`,"complaint_id":"k-bad","step":"remedied","remedies":"apologised"}`, `,"complaint_id":"k-bad","step":"opened","compensation":-1}`,
		`,"complaint_id":"k-bad","step":"resolved","fairness":{"outcome":0}}`, `,"complaint_id":"k-bad","step":"ope`,
	},
}

// damage makes a bad line after the one just made: of the same customer, and without effect on the truth.
func (f *Feed) damage(now int64) {
	f.hasBad = true
	f.bad.topic, f.bad.bad = f.line.topic, true
	f.bad.key = append(f.bad.key[:0], f.line.key...)
	f.ids++
	b := f.bad.value[:0]
	kind := f.rnd.below(16)
	if kind == 0 {
		f.bad.value = append(b, "ERROR 504 upstream timed out"...)
		return
	}
	b = appendPadded(append(b, `{"event_id":"x-`...), f.ids, 9)
	b = append(b, `","customer_id":"`...)
	b = append(append(b, f.bad.key...), `","occurred_at":"`...)
	switch kind {
	case 1:
		b = append(b, `yesterday","grade":5}`...)
	case 2:
		const date = len("2026-03-01")
		b = append(appendTime(b, now, &zones[0])[:len(b)+date], `","grade":5}`...)
	default:
		b = append(appendTime(b, now, &zones[0]), '"')
		b = append(b, damages[f.bad.topic][f.rnd.below(len(damages[f.bad.topic]))]...)
	}
	f.bad.value = b
}
