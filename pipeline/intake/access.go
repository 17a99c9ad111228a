package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"csatflow/pipeline/dimension"
)

// Access says who may send to a feed over HTTP. Whoever passes one of the ways may.
type Access struct {
	TokenHashes       []string // bearer tokens, as sha256: and 64 hexadecimal digits
	Insecure          bool     // everybody
	WebhookSecret     string   // of signatures by Standard Webhooks
	WebhookSecretFile string
	HMAC              HMAC
}

// HMAC describes the signature with which a sender signs its requests.
type HMAC struct {
	Header    string // that has the signature; "" for none
	Algorithm string // sha1, sha256 or sha512
	Encoding  string // hex or base64
	Prefix    string // before the signature in the header, like sha256=
	// Content is what is signed, with {body} for the body and {header:NAME} for a header; {body} if empty.
	Content string
	// Timestamp is a header with the time of the request, Unix seconds or RFC 3339, which may be five minutes off; "" for none.
	Timestamp  string
	Secret     string
	SecretFile string
}

// Guarded reports whether anything keeps strangers out.
func (a *Access) Guarded() bool {
	return len(a.TokenHashes) > 0 || a.WebhookSecret != "" || a.HMAC.Header != ""
}

var hmacKeys = []string{"header", "algorithm", "encoding", "prefix", "content", "timestamp", "secret", "secret_file"}

// access reads a key of who may send, and reports whether it is one.
func (r *reader) access(under, k string, v *yaml.Node, a *Access) bool {
	switch k {
	case "token_hashes":
		if err := v.Decode(&a.TokenHashes); err != nil {
			r.wrong(v, under, "must be a list of hashes, as csatflow intake token prints them")
		}
		for _, t := range a.TokenHashes {
			if !IsTokenHash(t) {
				r.wrong(v, under, "must be hashes of tokens, sha256: and 64 hexadecimal digits; csatflow intake token prints them")
			}
		}
	case "insecure":
		if err := v.Decode(&a.Insecure); err != nil {
			r.wrong(v, under, "must be true or false")
		}
	case "webhook_secret":
		r.text(under, v, &a.WebhookSecret)
	case "webhook_secret_file":
		r.text(under, v, &a.WebhookSecretFile)
	case "hmac":
		r.hmac(under, v, &a.HMAC)
	default:
		return false
	}
	return true
}

func (r *reader) hmac(key string, n *yaml.Node, h *HMAC) {
	*h = HMAC{Algorithm: "sha256", Encoding: "hex", Content: "{body}"}
	into := map[string]*string{"header": &h.Header, "algorithm": &h.Algorithm, "encoding": &h.Encoding, "prefix": &h.Prefix, "content": &h.Content,
		"timestamp": &h.Timestamp, "secret": &h.Secret, "secret_file": &h.SecretFile}
	r.members(key, n, func(k string, at, v *yaml.Node) {
		if into[k] == nil {
			r.errs = append(r.errs, fmt.Errorf("%s%s: %w", r.at(at), key, dimension.Unknown("key", k, hmacKeys)))
			return
		}
		r.text(key+"."+k, v, into[k])
	})
	if h.Header == "" {
		r.wrong(n, key+".header", "must name the header that has the signature")
	}
	if h.Algorithm != "sha1" && h.Algorithm != "sha256" && h.Algorithm != "sha512" {
		r.wrong(n, key+".algorithm", "must be one of sha1, sha256, sha512, is %q", h.Algorithm)
	}
	if h.Encoding != "hex" && h.Encoding != "base64" {
		r.wrong(n, key+".encoding", "must be one of hex, base64, is %q", h.Encoding)
	}
	if !strings.Contains(h.Content, "{body}") {
		r.wrong(n, key+".content", "must have {body}, or anybody could change it")
	}
	if (h.Secret == "") == (h.SecretFile == "") {
		r.wrong(n, key+".secret", "one of secret and secret_file must be set")
	}
}

// IsTokenHash reports whether text is the hash of a token: sha256: and 64 small hexadecimal digits.
func IsTokenHash(text string) bool {
	digits, found := strings.CutPrefix(text, "sha256:")
	if !found || len(digits) != 64 {
		return false
	}
	return strings.Trim(digits, "0123456789abcdef") == ""
}

// SecretFiles reads secrets from their files. Relative paths begin in folder, "" for the working directory.
func (d Declarations) SecretFiles(key, folder string) error {
	for name, feed := range d {
		for _, s := range feed.Access.secrets() {
			if *s.file == "" {
				continue
			}
			at := key + "." + name + "." + s.key + "_file"
			if *s.value != "" {
				return fmt.Errorf("%s%s and %s are both set: leave one of them empty", feed.at, strings.TrimSuffix(at, "_file"), at)
			}
			path := *s.file
			if !filepath.IsAbs(path) {
				path = filepath.Join(folder, path)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("%s%s: %w", feed.at, at, err)
			}
			if *s.value = strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"); *s.value == "" {
				return fmt.Errorf("%s%s: %q is empty", feed.at, at, path)
			}
			*s.file = path
		}
	}
	return nil
}

type secret struct {
	key         string
	value, file *string
}

func (a *Access) secrets() []secret {
	return []secret{{"webhook_secret", &a.WebhookSecret, &a.WebhookSecretFile}, {"hmac.secret", &a.HMAC.Secret, &a.HMAC.SecretFile}}
}

// SecretFile is a file that holds a feed's secret.
type SecretFile struct{ Key, Path string }

// Secrets returns the keys of the secrets that are set outright, and the files that hold others. key is that of the feeds.
func (d Declarations) Secrets(key string) (outright []string, files []SecretFile) {
	for name, feed := range d {
		for _, s := range feed.Access.secrets() {
			at := key + "." + name + "." + s.key
			switch {
			case *s.file != "":
				files = append(files, SecretFile{at, *s.file})
			case *s.value != "":
				outright = append(outright, at)
			}
		}
	}
	return outright, files
}
