package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"github.com/evanw/esbuild/pkg/api"
)

// assets are the page as a browser gets it: its modules in one file, without what only people need, its styles in the document,
// and the charts in a file of their own, which is fetched when one is to be drawn. Names have hashes of what is in them, so that a browser keeps
// them for good. A source map leads to the modules as they are written.
type assets struct {
	files  map[string][]byte // by path
	page   string            // the document, with {{names}} where the names go
	policy string            // the Content-Security-Policy that allows the document's styles
}

const (
	folder = "/assets/"
	charts = "vendor/echarts.js"
	// target is the oldest JavaScript that the page is written for.
	target = api.ES2022
)

// built returns the page's assets, which are made once.
var built = sync.OnceValue(func() *assets {
	files, err := fs.Sub(embedded, "page")
	if err == nil {
		var a *assets
		if a, err = assemble(files); err == nil {
			return a
		}
	}
	panic(err) // the files are part of the program, and tests make assets of them
})

func assemble(files fs.FS) (*assets, error) {
	a := &assets{files: map[string][]byte{}}
	drawing, err := fs.ReadFile(files, charts)
	if err != nil {
		return nil, err
	}
	drawn := a.keep("echarts", ".js", drawing)
	modules := api.Build(api.BuildOptions{EntryPoints: []string{"app.js"}, Bundle: true, Format: api.FormatESModule, Target: target, MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Sourcemap: api.SourceMapExternal, SourcesContent: api.SourcesContentInclude, Outfile: "app.js", Plugins: []api.Plugin{within(files, drawn)}})
	if err := told(modules.Errors); err != nil {
		return nil, err
	}
	script, sources := modules.OutputFiles[1].Contents, modules.OutputFiles[0].Contents
	app := a.keep("app", ".js", script)
	a.files[app+".map"] = sources
	a.files[app] = append(script, "//# sourceMappingURL="+path.Base(app)+".map\n"...)
	styles := api.Build(api.BuildOptions{EntryPoints: []string{"styles.css"}, Bundle: true, MinifyWhitespace: true, MinifySyntax: true, Outfile: "styles.css", Plugins: []api.Plugin{within(files, "")}})
	if err := told(styles.Errors); err != nil {
		return nil, err
	}
	style := strings.TrimSpace(string(styles.OutputFiles[0].Contents))
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return nil, err
	}
	a.page = string(page)
	for from, to := range map[string]string{
		`<link rel="stylesheet" href="/styles.css" />`:  "<style>" + style + "</style>",
		`<script src="/app.js" type="module"></script>`: fmt.Sprintf(`<script src="%s" type="module"></script>`+"\n    {{names}}", app),
	} {
		if strings.Count(a.page, from) != 1 {
			return nil, fmt.Errorf("index.html lacks %s", from)
		}
		a.page = strings.Replace(a.page, from, to, 1)
	}
	sum := sha256.Sum256([]byte(style))
	a.policy = "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return a, nil
}

// keep adds a file under a name with its hash, and returns its path.
func (a *assets) keep(name, extension string, content []byte) string {
	sum := sha256.Sum256(content)
	at := folder + name + "-" + hex.EncodeToString(sum[:6]) + extension
	a.files[at] = content
	return at
}

func told(list []api.Message) error {
	var all []error
	for i := range list {
		all = append(all, fmt.Errorf("%v: %s", list[i].Location, list[i].Text))
	}
	return errors.Join(all...)
}

// within makes esbuild read these files and no others. The charts stay outside, at a path of the server.
func within(files fs.FS, drawn string) api.Plugin {
	return api.Plugin{Name: "page", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			name := path.Join(path.Dir(args.Importer), args.Path)
			if name == charts {
				return api.OnResolveResult{Path: drawn, External: true}, nil
			}
			return api.OnResolveResult{Path: name, Namespace: "page"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "page"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			b, err := fs.ReadFile(files, args.Path)
			text, loader := string(b), api.LoaderJS
			if path.Ext(args.Path) == ".css" {
				loader = api.LoaderCSS
			}
			return api.OnLoadResult{Contents: &text, Loader: loader}, err
		})
	}}
}
