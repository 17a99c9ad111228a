package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"csatflow/schemas/catalogue"
)

//go:embed page
var embedded embed.FS

// static serves the page. What has a hash in its name a browser keeps for good; for the rest it checks each time whether it is still that of this
// release. The document has the names of everything in the language that the browser prefers.
func static(names func(catalogue.Language) []byte) http.Handler {
	a := built()
	files, err := fs.Sub(embedded, "page")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	documents := map[catalogue.Language]func() []byte{}
	for _, l := range []catalogue.Language{catalogue.English, catalogue.Chinese} {
		documents[l] = sync.OnceValue(func() []byte {
			text := strings.Replace(a.page, "{{names}}", `<script id="names" type="application/json" lang="`+string(l)+`">`+strings.TrimSpace(string(names(l)))+"</script>", 1)
			return []byte(strings.Replace(text, `<html lang="en">`, `<html lang="`+map[catalogue.Language]string{catalogue.English: "en", catalogue.Chinese: "zh-Hans"}[l]+`">`, 1))
		})
	}
	return gzhttp.GzipHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path
		var content []byte
		switch {
		case strings.HasPrefix(name, folder):
			if content = a.files[name]; content == nil {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		case name == "/":
			name = "/index.html"
			content = documents[preferred(r)]()
			w.Header().Set("Vary", "Accept-Language")
			w.Header().Set("Cache-Control", "no-cache")
		default:
			var err error
			if content, err = fs.ReadFile(files, strings.TrimPrefix(name, "/")); err != nil || name == "/index.html" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Cache-Control", "no-cache")
		}
		sum := sha256.Sum256(content)
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
	}))
}

// preferred is the language that the address asks for, or that the browser names first.
func preferred(r *http.Request) catalogue.Language {
	asked := r.URL.Query().Get("lang")
	if asked == "" {
		asked = r.Header.Get("Accept-Language")
	}
	if strings.HasPrefix(strings.ToLower(asked), string(catalogue.Chinese)) {
		return catalogue.Chinese
	}
	return catalogue.English
}
