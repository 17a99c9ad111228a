// Package browsertest drives a real Chromium in tests: it opens pages, collects what the browser complains of, and keeps
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

// Start starts a Chromium, which ends with the test. more are further flags of it.
func Start(t testing.TB, more ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium is here: install Debian's package chromium (make tools does where it may)")
	}
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
	Close func() // the test does, when nobody has

	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	troubles []string
}

// patience is how long a tab waits for what is to come.
const patience = 20 * time.Second

// Open opens an address in a tab of a width and height, in pixels.
func (b *Browser) Open(t testing.TB, url string, width, height int64) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	tab := &Tab{t: t, ctx: ctx, Close: cancel}
	if err := chromedp.Do(ctx); err != nil { // without a deadline, which would hold for the tab
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

// Troubles are the errors and warnings that the browser has told since it was asked last.
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
		tab.t.Fatalf("in the browser: %v; it has told %q", err, tab.Troubles())
	}
}

// Eval gives the value of JavaScript, awaited where it is a promise.
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
		tab.t.Fatalf("in the browser: %v; it has told %q", err, tab.Troubles())
	}
	return value
}

// Key presses a key, or types a text.
func (tab *Tab) Key(keys string) {
	tab.t.Helper()
	tab.Do(chromedp.KeyEvent(keys))
}

// Until waits for JavaScript to be true, and says what it was waiting for when that does not come.
func (tab *Tab) Until(what, script string) {
	tab.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		if Eval[bool](tab, "Boolean("+script+")") {
			return
		}
		if time.Now().After(deadline) {
			tab.t.Fatalf("%s: it did not come to be; the browser has told %q; the page says\n%s", what, tab.Troubles(), Eval[string](tab, "document.body.innerText"))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// Screenshot keeps a picture of the whole page below the directory that CSATFLOW_TEST_SCREENSHOTS names, of the test if none.
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
