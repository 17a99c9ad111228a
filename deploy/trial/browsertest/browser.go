// Package browsertest drives a real Chromium in tests: it opens pages, collects the browser's errors, and keeps
// screenshots.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is a Chromium of a test.
type Browser struct{ ctx context.Context }

// Path returns where Chromium is.
func Path(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			return found
		}
	}
	t.Fatal("there is no Chromium: install Debian's package chromium (make tools does if it may)")
	return ""
}

// Start starts a Chromium, which ends with the test. more are further flags.
func Start(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path := Path(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return &Browser{ctx: ctx}
}

// Tab is a page in the browser.
type Tab struct {
	Close func() // called at the end of the test at the latest

	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	troubles []string
}

// patience is how long a tab waits for something.
const patience = 20 * time.Second

// Open opens an address in a tab of a width and height, in pixels.
func (b *Browser) Open(t testing.TB, url string, width, height int64) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, Close: cancel}
	if err := chromedp.Do(ctx); err != nil { // no deadline here: it would apply to the tab
		t.Fatalf("opening a tab: %v", err)
	}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			if m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning {
				tab.mu.Lock()
				tab.troubles = append(tab.troubles, fmt.Sprintf("%s (%s)", m, m.URL))
				tab.mu.Unlock()
			}
		}
	}()
	tab.Do(chromedp.EmulateViewport(width, height), chromedp.Navigate(url))
	return tab
}

// Troubles returns the browser's errors and warnings since the last call.
func (tab *Tab) Troubles() []string {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	list := tab.troubles
	tab.troubles = nil
	return list
}

// Do runs actions.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		tab.t.Fatalf("in the browser: %v; it reports %q", err, tab.Troubles())
	}
}

// Eval returns the value of JavaScript, awaiting a promise.
func Eval[T any](tab *Tab, script string) T {
	tab.t.Helper()
	return run(tab, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

func run[T any](tab *Tab, action chromedp.Action[T]) T {
	tab.t.Helper()
	ctx, cancel := context.WithTimeout(tab.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		tab.t.Fatalf("in the browser: %v; it reports %q", err, tab.Troubles())
	}
	return value
}

// Key presses a key, or types a text.
func (tab *Tab) Key(keys string) {
	tab.t.Helper()
	tab.Do(chromedp.KeyEvent(keys))
}

// Until waits for JavaScript to be true; otherwise the test fails and says what it waited for.
func (tab *Tab) Until(what, script string) {
	tab.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		if Eval[bool](tab, "Boolean("+script+")") {
			return
		}
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s: it did not happen; the browser reports %q; the page says\n%s", what, tab.Troubles(), Eval[string](tab, "document.body.innerText"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Screenshot saves a picture of the whole page in the directory CSATFLOW_TEST_SCREENSHOTS, or in the test's if that is not set.
func (tab *Tab) Screenshot(name string) {
	tab.t.Helper()
	dir := os.Getenv("CSATFLOW_TEST_SCREENSHOTS")
	if dir == "" {
		dir = tab.t.TempDir()
	}
	picture := run(tab, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		tab.t.Fatal(err)
	}
	file := filepath.Join(dir, name+".png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		tab.t.Fatal(err)
	}
}
