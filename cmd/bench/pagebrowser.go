package main

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"
)

// pressed is the time after a press until the first panel and until all panels were drawn, milliseconds.
type pressed struct{ First, All float64 }

type pageStep struct {
	name        string
	once, again pressed
}

// drawing is JavaScript that waits until panels are drawn, and returns the time since begun.
const drawing = `
	const panels = () => [...document.querySelectorAll("main .panel")];
	let first;
	while (true) {
		const list = panels();
		if (first === undefined && list.some(p => p.dataset.drawn)) first = performance.now() - begun;
		if (list.length && list.every(p => p.dataset.drawn)) return { First: first, All: performance.now() - begun };
		if (performance.now() - begun > 60000) throw new Error("not drawn after a minute: " + document.body.innerText.slice(0, 2000));
		await new Promise(requestAnimationFrame);
	}`

// ways are the steps through the page: each address is one press from the one before.
var ways = []struct{ name, query string }{
	{"Places, 24 h", "view=places"}, {"sorted by responses", "view=places&sort=responses&order=desc"}, {"regions", "view=places&of=region"}, {"a region", "view=places&kind=region&id=region-6"},
	{"a store", "view=places&kind=store&id=store-016"}, {"the store, 30 d", "view=places&kind=store&id=store-016&range=30d"}, {"the store, a year", "view=places&kind=store&id=store-016&range=365d"},
	{"an employee, 30 d", "view=places&kind=employee&id=e-0161&range=30d"}, {"why, the store, 30 d", "view=why&kind=store&id=store-016&range=30d"}, {"customers of the store, 30 d", "view=customers&kind=store&id=store-016&range=30d"},
	{"Why, 30 d", "view=why&range=30d"}, {"Recovery, 30 d", "view=recovery&range=30d"}, {"Customers, 30 d", "view=customers&range=30d"}, {"Alerts, 30 d", "view=alerts&range=30d"}, {"Standards, 30 d", "view=quality&range=30d"},
	{"Places, a year", "view=places&range=365d"}, {"5,000 employees, a year", "view=places&of=employee&range=365d"}, {"Now, a year", "range=365d"}, {"Pipeline", "view=pipeline"},
}

// through opens the page and takes each step twice.
func through(ctx context.Context, base string) (list []pageStep, err error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(ctx, options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900)); err != nil {
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	open := func() (pressed, error) {
		if err := chromedp.Do(ctx, chromedp.Navigate(base+"/")); err != nil {
			return pressed{}, err
		}
		return chromedp.Run(ctx, chromedp.Evaluate[pressed]("(async () => { const begun = 0;"+drawing+"})()", chromedp.EvalAwaitPromise))
	}
	press := func(query string) (pressed, error) {
		script := fmt.Sprintf(`(async () => { history.pushState(null, "", "/?%s"); const begun = performance.now(); dispatchEvent(new PopStateEvent("popstate"));`, query)
		return chromedp.Run(ctx, chromedp.Evaluate[pressed](script+drawing+"})()", chromedp.EvalAwaitPromise))
	}
	s := pageStep{name: "opening it"}
	if s.once, err = open(); err == nil {
		s.again, err = open()
	}
	if err != nil {
		return nil, fmt.Errorf("opening the page: %w", err)
	}
	list = append(list, s)
	for _, w := range ways {
		s := pageStep{name: w.name}
		if s.once, err = press(w.query); err == nil {
			time.Sleep(300 * time.Millisecond)
			if _, err = press("view=improvements"); err == nil {
				s.again, err = press(w.query)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		fmt.Printf("%s: %.0f ms, all %.0f ms\n", w.name, s.once.First, s.once.All)
		list = append(list, s)
	}
	return list, nil
}
