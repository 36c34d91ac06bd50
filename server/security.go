package server

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A guard lets in only whom the server is meant for. A page of another site
// can make a browser send requests here; it cannot make it send a local Host
// header (unless by DNS rebinding, which the Host check stops), a matching
// Origin, or the token's cookie. Another port of this machine is another site.
type guard struct {
	addr  net.Addr
	local bool // listens on a loopback address only
	token string
}

func newGuard(addr net.Addr, token string) guard {
	g := guard{addr: addr, token: token}
	host, _, err := net.SplitHostPort(addr.String())
	ip := net.ParseIP(host)
	g.local = err == nil && ip != nil && ip.IsLoopback()
	if !g.local && token == "" {
		g.token = rand.Text()
	}
	return g
}

func (g guard) url() string {
	host, port, err := net.SplitHostPort(g.addr.String())
	if err != nil {
		host, port = g.addr.String(), "80"
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	u := url.URL{Scheme: "http", Host: net.JoinHostPort(host, port), Path: "/"}
	if g.token != "" {
		u.RawQuery = url.Values{"token": {g.token}}.Encode()
	}
	return u.String()
}

// wrap puts the guard and the headers that every answer has before a handler.
func (g guard) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		switch {
		case g.token == "" && !localHost(r.Host):
			http.Error(w, "This server answers only to local names such as localhost.", http.StatusForbidden)
		case !sameOrigin(r):
			http.Error(w, "This request comes from another site.", http.StatusForbidden)
		case g.takeToken(w, r):
		case !g.knows(r):
			http.Error(w, "This server wants its token: open the address that it printed when it started.", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// localHost takes the names under which a browser reaches this machine itself.
func localHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.Trim(strings.ToLower(host), "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// sameOrigin refuses what a browser sends on behalf of another site, but for a
// link to a page of the app. Clients that are no browsers send neither header.
func sameOrigin(r *http.Request) bool {
	safe := slices.Contains([]string{http.MethodGet, http.MethodHead}, r.Method)
	if safe && isPage(r.URL.Path) {
		return true
	}
	if origin := r.Header.Get("Origin"); origin != "" && !safe {
		u, err := url.Parse(origin)
		return err == nil && strings.EqualFold(u.Host, r.Host)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none"
}

// isPage tells the pages of the app from what scripts and the app itself ask.
func isPage(path string) bool {
	return !strings.HasPrefix(path, "/api/") && !strings.HasPrefix(path, "/ajax-api/") && path != "/get-artifact"
}

// takeToken moves a right token from the address into a cookie, so that it
// does not stay in the browser's history or in copied links.
func (g guard) takeToken(w http.ResponseWriter, r *http.Request) bool {
	given := r.URL.Query().Get("token")
	if g.token == "" || given == "" || r.Method != http.MethodGet || !g.equal(given) {
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: g.cookie(), Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	q := r.URL.Query()
	q.Del("token")
	target := url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: q.Encode()}
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
	return true
}

func (g guard) knows(r *http.Request) bool {
	if g.token == "" {
		return true
	}
	if c, err := r.Cookie(g.cookie()); err == nil && g.equal(c.Value) {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && g.equal(bearer)
}

// cookie is the name of the token's cookie. Cookies do not tell ports apart, so
// the name does: another server on this machine has another token.
func (g guard) cookie() string {
	_, port, _ := net.SplitHostPort(g.addr.String())
	return "tomo-token-" + port
}

func (g guard) equal(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}
