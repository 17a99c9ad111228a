package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// hosts are the names under which the page answers. Otherwise another site could point its own name at this address
// (DNS rebinding), and read through a visitor's browser everything that the visitor can reach.
type hosts map[string]bool

// hostsOf returns the names of a configuration: of the listen address, of the page's address in links, and more.
func hostsOf(listen, pageURL string, more []string) hosts {
	known := hosts{"localhost": true}
	add := func(name string) {
		if name = hostname(name); name != "" {
			known[name] = true
		}
	}
	add(listen)
	if u, err := url.Parse(pageURL); err == nil {
		add(u.Host)
	}
	for _, name := range more {
		add(name)
	}
	return known
}

// hostname returns a host in small letters without port and brackets; "" for none and for the unspecified address.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.IsUnspecified() {
			return ""
		}
		return ip.Unmap().String()
	}
	return host
}

// allow reports whether a request names one of the hosts, this machine, or the address on which it arrived.
func (h hosts) allow(r *http.Request) bool {
	name := hostname(r.Host)
	if name == "" {
		return false
	}
	if h[name] {
		return true
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	return ip.IsLoopback() || local != nil && hostname(local.String()) == name
}

// probes are paths that only say whether the process works, and answer under any name.
var probes = map[string]bool{"/healthz": true, "/readyz": true}

// only passes on requests that name one of the hosts.
func (h hosts) only(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !probes[r.URL.Path] && !h.allow(r) {
			answer(w, http.StatusMisdirectedRequest, "csatflow does not answer under this name: use the address that it listens on, or add the name to page.hosts or alerts.page_url of its configuration\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}
