package fake

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"latchkey/shared/lambdahttp"
)

// Domain is the API's own domain in the events of Call.
const Domain = "api.test"

// Client calls a handler as API Gateway would: each request is an event with
// an id of its own.
type Client struct {
	Handler http.Handler
	Check   func(t testing.TB, method, target string, a Answer) // of every answer; may be nil
	calls   atomic.Int64
}

// Answer is what came back, its body not compressed any more.
type Answer struct {
	Status  int
	Header  http.Header
	Cookies []*http.Cookie
	Body    string
}

// JSON decodes the body into v.
func (a Answer) JSON(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.Body), v); err != nil {
		t.Fatalf("body %q: %v", a.Body, err)
	}
}

// Do calls "METHOD /path?query" with headers given as name, value, …
func (c *Client) Do(t testing.TB, call, body string, header ...string) Answer {
	t.Helper()
	return c.invoke(t, lambdahttp.Handler(c.Handler), call, body, header)
}

// Invoke is Do of a whole function.
func Invoke(t testing.TB, function lambda.Handler, call, body string, header ...string) Answer {
	t.Helper()
	return new(Client).invoke(t, function, call, body, header)
}

func (c *Client) invoke(t testing.TB, function lambda.Handler, call, body string, header []string) Answer {
	t.Helper()
	method, target, _ := strings.Cut(call, " ")
	path, query, _ := strings.Cut(target, "?")
	decoded, err := url.PathUnescape(path)
	if err != nil {
		t.Fatal(err)
	}
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: decoded, RawQueryString: query, Headers: map[string]string{}, Body: body,
	}
	if !utf8.ValidString(body) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
	}
	for i := 0; i < len(header); i += 2 {
		if strings.EqualFold(header[i], "Cookie") {
			e.Cookies = append(e.Cookies, header[i+1])
			continue
		}
		e.Headers[strings.ToLower(header[i])] = header[i+1]
	}
	e.RequestContext.DomainName = Domain
	e.RequestContext.RequestID = "request-" + strconv.FormatInt(c.calls.Add(1), 10)
	e.RequestContext.HTTP = events.APIGatewayV2HTTPRequestContextHTTPDescription{
		Method: method, Path: decoded, Protocol: "HTTP/1.1", SourceIP: "192.0.2.7", UserAgent: e.Headers["user-agent"],
	}
	payload, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	out, err := function.Invoke(context.Background(), payload)
	if err != nil {
		t.Fatal(err)
	}
	a := answer(t, out)
	if c.Check != nil {
		c.Check(t, method, target, a)
	}
	return a
}

func answer(t testing.TB, out []byte) Answer {
	t.Helper()
	var res events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatal(err)
	}
	a := Answer{Status: res.StatusCode, Header: make(http.Header), Body: res.Body}
	for name, value := range res.Headers {
		a.Header.Set(name, value)
	}
	for _, c := range res.Cookies {
		cookie, err := http.ParseSetCookie(c)
		if err != nil {
			t.Fatal(err)
		}
		a.Cookies = append(a.Cookies, cookie)
	}
	if res.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		a.Body = string(body)
	}
	if a.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(a.Body))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		a.Body = string(body)
	}
	return a
}
