package latchkey_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/dialect"
	"latchkey/shared/dialect/latchkey"
	"latchkey/shared/fault"
)

func TestFace(t *testing.T) {
	cause := errors.New("secret")
	internal := "The request failed on our side. When you report it, give the instance."
	tests := []struct {
		fault  *fault.Error
		status int
		kind   string
		detail string
		fields string
		header http.Header // besides Content-Type
	}{
		{fault.Field(fault.Missing, "name", "is missing"), 422, "missing", "name is missing", "name", nil},
		{fault.Field(fault.Invalid, "a[1].b", "is bad"), 422, "invalid", "a[1].b is bad", "a[1].b", nil},
		{fault.Wrap(fault.Malformed, cause, "no JSON"), 400, "malformed", "no JSON", "", nil},
		{fault.New(fault.TooLarge, "too large"), 413, "too_large", "too large", "", nil},
		{fault.New(fault.Unauthenticated, "no key"), 401, "unauthenticated", "no key", "", http.Header{"Www-Authenticate": {`Bearer realm="latchkey"`}}},
		{fault.New(fault.Forbidden, "not you"), 403, "forbidden", "not you", "", nil},
		{fault.New(fault.NotFound, "nothing"), 404, "not_found", "nothing", "", nil},
		{fault.Wrap(fault.NotFound, &dialect.MethodError{Allow: "GET"}, "method not allowed"), 405, "method_not_allowed", "method not allowed", "", http.Header{"Allow": {"GET"}}},
		{fault.New(fault.Conflict, "not now"), 409, "conflict", "not now", "", nil},
		{fault.New(fault.Throttled, "slower"), 429, "throttled", "slower", "", http.Header{"Retry-After": {"1"}}},
		{fault.Wrap(fault.Unavailable, cause, "S3 is down"), 503, "unavailable", "The request could not be done just now. Try it again in a moment.", "", http.Header{"Retry-After": {"1"}}},
		{fault.Wrap(fault.Internal, cause, "secret"), 500, "internal", internal, "", nil},
		{fault.Field("of another dialect", "secret", "secret"), 500, "internal", internal, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			res := latchkey.Face(httptest.NewRequest("GET", "/api/v1/links/secret", nil), tt.fault)
			var p struct {
				Type, Detail string
				Status       int
				Errors       []struct{ Field, Detail string }
			}
			if err := json.Unmarshal(res.Body, &p); err != nil {
				t.Fatal(err)
			}
			field := ""
			if len(p.Errors) == 1 {
				field = p.Errors[0].Field
			}
			got := []any{res.Status, p.Status, p.Type, p.Detail, field}
			want := []any{tt.status, tt.status, "urn:latchkey:problem:" + tt.kind, tt.detail, tt.fields}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("problem (-want +got):\n%s", diff)
			}
			if strings.Contains(string(res.Body), "secret") {
				t.Errorf("told too much: %s", res.Body)
			}
			header := http.Header{"Content-Type": {"application/problem+json"}}
			for name, values := range tt.header {
				header[name] = values
			}
			if diff := cmp.Diff(header, res.Header); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
		})
	}
}
