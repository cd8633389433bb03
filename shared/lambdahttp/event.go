package lambdahttp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

var errNotHTTP = errors.New("lambdahttp: payload is not an HTTP event")

// Info is what API Gateway says about a request.
type Info struct {
	RequestID  string    // API Gateway's id of this request, for the logs; "sam local" has one for all of a run
	Invocation string    // Lambda's id of this invocation, or RequestID outside of Lambda; no two requests have the same
	SourceIP   string    // the peer's address as API Gateway saw it
	DomainName string    // the domain that was called; never taken from a Host header
	UserAgent  string    // as sent
	Time       time.Time // when API Gateway got the request, in UTC
}

// Request returns what API Gateway says about the request of this context,
// or the zero Info outside of one.
func Request(ctx context.Context) Info {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c.info
	}
	return Info{}
}

type callKey struct{}

// call is one request on its way from the event to the handler.
type call struct {
	info        Info
	method      string
	path        string // decoded, as it will be in URL.Path
	contextPath string // requestContext.http.path, for events without rawPath
	query       string // raw
	headers     []pair
	cookies     []string
	body        string
	base64      bool
}

// pair is a header: its name as sent and all its values, as the sender or
// API Gateway joined them.
type pair struct{ name, value string }

// payload has the fields used here of an event of payload format 2.0.
type payload struct {
	RawPath        string            `json:"rawPath"`
	RawQueryString string            `json:"rawQueryString"`
	Cookies        []string          `json:"cookies"`
	Headers        map[string]string `json:"headers"`
	Body           string            `json:"body"`
	Base64         bool              `json:"isBase64Encoded"`
	RequestContext struct {
		RequestID  string `json:"requestId"`
		DomainName string `json:"domainName"`
		TimeEpoch  int64  `json:"timeEpoch"`
		HTTP       *struct {
			Method    string `json:"method"`
			Path      string `json:"path"`
			SourceIP  string `json:"sourceIp"`
			UserAgent string `json:"userAgent"`
		} `json:"http"`
	} `json:"requestContext"`
}

// decode reads an event. It fails with errNotHTTP for JSON without a
// requestContext.http, whatever else is in it.
func decode(data []byte) (*call, error) {
	c, ok := scan(data)
	if !ok {
		var err error
		if c, err = unmarshal(data); err != nil {
			return nil, err
		}
	}
	if c.path == "" {
		c.path = c.contextPath
	}
	if !strings.HasPrefix(c.path, "/") {
		c.path = "/" + c.path
	}
	return c, nil
}

func unmarshal(data []byte) (*call, error) {
	var p payload
	err := json.Unmarshal(data, &p)
	var wrongType *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &wrongType) {
		return nil, fmt.Errorf("event: %w", err)
	}
	h := p.RequestContext.HTTP
	if h == nil {
		return nil, errNotHTTP
	}
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	c := &call{
		info: Info{
			RequestID:  p.RequestContext.RequestID,
			SourceIP:   h.SourceIP,
			DomainName: p.RequestContext.DomainName,
			UserAgent:  h.UserAgent,
			Time:       epoch(p.RequestContext.TimeEpoch),
		},
		method: h.Method, path: p.RawPath, contextPath: h.Path, query: p.RawQueryString,
		cookies: p.Cookies, body: p.Body, base64: p.Base64,
	}
	for name, value := range p.Headers {
		c.headers = append(c.headers, pair{name, value})
	}
	return c, nil
}

func epoch(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// event returns what the adapter may see: the method and the body. Path,
// query and headers, which it would misread, follow in fill.
func (c *call) event() events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{RawPath: "/", Body: c.body, IsBase64Encoded: c.base64}
	e.RequestContext.HTTP.Method = c.method
	return e
}

// fill completes a request as net/http's server would have made it.
func (c *call) fill(r *http.Request) {
	r.URL = &url.URL{Path: c.path, RawQuery: c.query}
	r.RequestURI = r.URL.RequestURI()
	r.Host = c.info.DomainName
	r.RemoteAddr = net.JoinHostPort(c.info.SourceIP, "0")
	r.Header = make(http.Header, len(c.headers)+1)
	values := make([]string, len(c.headers)+1) // one array for all of the header's slices
	for _, h := range c.headers {
		name := http.CanonicalHeaderKey(h.name)
		if name == "Host" || name == "Transfer-Encoding" {
			continue
		}
		values[0] = h.value
		if name == "If-Match" {
			values[0] = strong(h.value)
		}
		r.Header[name], values = values[:1:1], values[1:]
	}
	if len(c.cookies) > 0 {
		values[0] = strings.Join(c.cookies, "; ")
		r.Header["Cookie"] = values[:1:1]
	}
}
