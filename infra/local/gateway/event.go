package gateway

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// event is the payload format 2.0 of a Lambda integration (API Gateway
// Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs").
type event struct {
	Version               string            `json:"version"`
	RouteKey              string            `json:"routeKey"`
	RawPath               string            `json:"rawPath"`
	RawQueryString        string            `json:"rawQueryString"`
	Cookies               []string          `json:"cookies,omitempty"`
	Headers               map[string]string `json:"headers"`
	QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext        requestContext    `json:"requestContext"`
	PathParameters        map[string]string `json:"pathParameters,omitempty"`
	Body                  string            `json:"body,omitempty"`
	IsBase64Encoded       bool              `json:"isBase64Encoded"`
}

type requestContext struct {
	AccountID    string      `json:"accountId"`
	APIID        string      `json:"apiId"`
	DomainName   string      `json:"domainName"`
	DomainPrefix string      `json:"domainPrefix"`
	HTTP         httpContext `json:"http"`
	RequestID    string      `json:"requestId"`
	RouteKey     string      `json:"routeKey"`
	Stage        string      `json:"stage"`
	Time         string      `json:"time"`
	TimeEpoch    int64       `json:"timeEpoch"`
}

type httpContext struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

func (g *gateway) event(r *http.Request, body []byte, id string, rt route, vars map[string]string) event {
	path := rawPath(r.URL.Path)
	text, encoded := encodeBody(r.Header.Get("Content-Type"), body)
	now := g.Now().UTC()
	prefix, _, _ := strings.Cut(g.Domain, ".")
	return event{
		Version:               "2.0",
		RouteKey:              rt.key,
		RawPath:               path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r),
		Headers:               g.headers(r),
		QueryStringParameters: joined(query(r.URL.RawQuery)),
		PathParameters:        vars,
		Body:                  text,
		IsBase64Encoded:       encoded,
		RequestContext: requestContext{
			AccountID:    "000000000000",
			APIID:        "local",
			DomainName:   g.Domain,
			DomainPrefix: prefix,
			HTTP: httpContext{
				Method:    r.Method,
				Path:      path,
				Protocol:  r.Proto,
				SourceIP:  sourceIP(r),
				UserAgent: r.UserAgent(),
			},
			RequestID: id,
			RouteKey:  rt.key,
			Stage:     "$default",
			Time:      now.Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch: now.UnixMilli(),
		},
	}
}

// rawPath is what API Gateway makes of a path: decoded, and cut at a question
// mark that was escaped.
func rawPath(decoded string) string {
	path, _, _ := strings.Cut(decoded, "?")
	return path
}

// cookies splits the Cookie headers, which do not appear among the headers.
func cookies(r *http.Request) []string {
	var list []string
	for _, line := range r.Header.Values("Cookie") {
		for c := range strings.SplitSeq(line, ";") {
			if c = strings.TrimSpace(c); c != "" {
				list = append(list, c)
			}
		}
	}
	return list
}

func (g *gateway) headers(r *http.Request) map[string]string {
	h := map[string]string{}
	for k, v := range joined(r.Header) {
		h[strings.ToLower(k)] = v
	}
	delete(h, "cookie")
	h["host"] = r.Host
	if r.ContentLength >= 0 && (r.ContentLength > 0 || r.Method != http.MethodGet && r.Method != http.MethodHead) {
		h["content-length"] = itoa(r.ContentLength)
	}
	_, port, err := net.SplitHostPort(g.Domain)
	if err != nil {
		port = "80"
	}
	forwarded := append(slices.Clone(r.Header.Values("X-Forwarded-For")), sourceIP(r))
	h["x-forwarded-for"] = strings.Join(forwarded, ", ")
	h["x-forwarded-port"] = port
	h["x-forwarded-proto"] = "http"
	return h
}

// joined makes one comma-joined value of each list.
func joined(lists map[string][]string) map[string]string {
	m := make(map[string]string, len(lists))
	for k, v := range lists {
		m[k] = strings.Join(v, ",")
	}
	return m
}

// query parses what it can: a pair that cannot be decoded is taken as it is,
// where net/url would drop it.
func query(raw string) map[string][]string {
	values := map[string][]string{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		values[unquery(k)] = append(values[unquery(k)], unquery(v))
	}
	return values
}

func unquery(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// encodeBody passes text as it is and everything else in base64; forms count
// as everything else. Text that is not UTF-8 cannot stand in JSON.
func encodeBody(contentType string, body []byte) (string, bool) {
	if len(body) == 0 {
		return "", false
	}
	if isText(contentType) && utf8.Valid(body) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

func isText(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch t {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml")
}
