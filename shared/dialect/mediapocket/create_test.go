package mediapocket

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/table"
)

var awsKeys = aws.Credentials{AccessKeyID: "access-key-id-1", SecretAccessKey: "secret"}

// contract: MP-23, MP-24, MP-26, MP-28, MP-29, MP-31, MP-33, MP-34, MP-35, MP-44, MP-45, MP-46
func TestCreateRefusals(t *testing.T) {
	s := newServer(t, nil)
	tests := []struct {
		with   string
		status int
		text   string
	}{
		{`{"expiry_date":null}`, 422, "expiry_date is missing"},
		{`{"expiry_date":""}`, 422, "expiry_date is missing"},
		{`{"expiry_date":20231128}`, 422, "expiry_date must be a string"},
		{`{"expiry_date":"tomorrow"}`, 422, "expiry_date must be a date such as 2030-12-31 or a time such as 2030-12-31T17:00:00+02:00"},
		{`{"expiry_date":"2023-02-30"}`, 422, "expiry_date must be a date such as 2030-12-31 or a time such as 2030-12-31T17:00:00+02:00"},
		{`{"expiry_date":"2023-11-26"}`, 422, "expiry_date is in the past"},
		{`{"expiry_date":"2023-11-27T09:43:39Z"}`, 422, "expiry_date is in the past"},
		{`{"limit":null}`, 422, "limit is missing"},
		{`{"limit":"5"}`, 422, "limit must be an integer"},
		{`{"limit":5.5}`, 422, "limit must be an integer"},
		{`{"limit":true}`, 422, "limit must be an integer"},
		{`{"limit":1e99}`, 422, "limit must be an integer"},
		{`{"limit":-1}`, 422, "limit must be an integer from 0 (unlimited) to 1000000000"},
		{`{"payload":null}`, 422, "payload is missing"},
		{`{"payload":[]}`, 422, "payload must be an object"},
		{`{"payload":"x"}`, 422, "payload must be an object"},
		{`{"payload":{"media_id":null}}`, 422, "payload.media_id is missing"},
		{`{"payload":{"media_id":"4"}}`, 422, "payload.media_id must be an integer"},
		{`{"payload":{"filename":null}}`, 422, "payload.filename is missing"},
		{`{"payload":{"filename":" "}}`, 422, "payload.filename is missing"},
		{`{"payload":{"filename":7}}`, 422, "payload.filename must be a string"},
		{`{"payload":{"filename":"a\u0000b"}}`, 422, "payload.filename has a NUL character"},
		{`{"payload":{"asset_id":7}}`, 422, "payload.asset_id must be a string"},
	}
	for _, tt := range tests {
		t.Run(tt.with, func(t *testing.T) { wantError(t, s.create(t, tt.with), tt.status, tt.text) })
	}
}

// contract: MP-42, MP-43
func TestCreateForUnknownFiles(t *testing.T) {
	s := newServer(t, nil)
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	for range 9 {
		s.Upload(t, rival, "theirs.pdf", "application/pdf", []byte("x"))
	}
	other := s.Upload(t, s.Admin, "other.pdf", "application/pdf", []byte("x"))
	tests := []struct{ name, payload, text string }{
		{"the sample", `{"asset_id":"invalid_id","media_id":5}`, "asset not found"},
		{"wrong asset, right media", `{"asset_id":"invalid_id","media_id":4}`, "asset not found"},
		{"an empty asset", `{"asset_id":"","media_id":4}`, "asset not found"},
		{"two files", `{"asset_id":"` + other.AssetID + `","media_id":4}`, "asset not found"},
		{"media alone", `{"asset_id":null,"media_id":99}`, "media not found"},
		{"another organization's", `{"asset_id":null,"media_id":9}`, "media not found"},
		{"zero", `{"asset_id":null,"media_id":0}`, "media not found"},
		{"negative", `{"asset_id":null,"media_id":-4}`, "media not found"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantError(t, s.create(t, `{"payload":`+tt.payload+`}`), 400, tt.text) })
	}
	pending, err := s.Files.Create(context.Background(), s.Admin, file.New{Name: "later.pdf"})
	if err != nil {
		t.Fatal(err)
	}
	a := s.create(t, fmt.Sprintf(`{"payload":{"asset_id":null,"media_id":%d}}`, pending.File.MediaID))
	wantError(t, a, 400, "the file is pending, not ready")
}

func TestCreateFromBadBodies(t *testing.T) {
	s := newServer(t, nil)
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	tests := []struct {
		name, body string
		status     int
		text       string
	}{
		{"none", "", 422, "expiry_date is missing"},
		{"not JSON", "limit=5", 400, "the request body is not valid JSON"},
		{"cut off", `{"limit":`, 400, "the request body is not valid JSON"},
		{"an array", `[]`, 400, "the request body is not a JSON object"},
		{"null", `null`, 400, "the request body is not a JSON object"},
		{"twice", `{"limit":1,"limit":5}`, 400, "limit appears twice"},
		{"twice, inside", `{"payload":{"media_id":1,"media_id":2}}`, 400, "payload.media_id appears twice"},
		{"trailing", `{} {}`, 400, "the request body has more than one JSON value"},
		{"deep", deep, 400, "the request body is nested deeper than 32 levels"},
		{"bad UTF-8", "{\"a\":\"\xff\"}", 400, "the request body is not valid UTF-8"},
		{"half a surrogate pair", `{"a":"\ud800"}`, 400, "the request body has half of a surrogate pair"},
		{"the other half", `{"a":"\ude00\ud83d"}`, 400, "the request body has half of a surrogate pair"},
		{"large", `{"a":"` + strings.Repeat("x", 4_000_000) + `"}`, 413, "the request body is larger than 4000000 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantError(t, s.owner(t, "POST /api/v2/shareable_links", tt.body), tt.status, tt.text)
		})
	}
	if a := s.create(t, `{"payload":{"filename":"\ud83d\ude00 \\ud800"}}`); a.Status != 200 {
		t.Errorf("a whole pair and an escaped backslash: %d %s", a.Status, a.Body)
	}
}

// contract: MP-27
func TestADateEndsWithItsDayInUTC(t *testing.T) {
	for expiry, last := range map[string]time.Time{
		"2023-11-28":                time.Date(2023, 11, 28, 23, 59, 59, 999e6, time.UTC),
		"2023-11-27":                time.Date(2023, 11, 27, 23, 59, 59, 999e6, time.UTC),
		"2023-11-28T10:00:00Z":      time.Date(2023, 11, 28, 9, 59, 59, 999e6, time.UTC),
		"2023-11-28T10:00:00+02:00": time.Date(2023, 11, 28, 7, 59, 59, 999e6, time.UTC),
	} {
		s := newServer(t, nil)
		path := s.link(t, `{"expiry_date":"`+expiry+`"}`)
		s.Clock.Advance(last.Sub(s.Clock.Now()))
		if a := s.get(t, path); a.Status != 302 {
			t.Errorf("%s, at its last moment: %d", expiry, a.Status)
		}
		s.Clock.Advance(time.Millisecond)
		wantError(t, s.get(t, path), 404, dead)
	}
}

// contract: MP-30, MP-32
func TestLimit(t *testing.T) {
	s := newServer(t, nil)
	five, unlimited := s.link(t, `{"limit":5}`), s.link(t, `{"limit":0}`)
	for i := range 100 {
		want := 302
		if i >= 5 {
			want = 404
		}
		if a := s.get(t, five); a.Status != want {
			t.Fatalf("GET %d of 5: %d", i+1, a.Status)
		}
		if a := s.get(t, unlimited); a.Status != 302 {
			t.Fatalf("GET %d without a limit: %d", i+1, a.Status)
		}
	}
}

// A browser's repeat and a resumed download are the same use; a plain
// client's every GET is one of its own, even with the cookie.
func TestBrowsersRepeat(t *testing.T) {
	s := newServer(t, nil)
	path := s.link(t, `{"limit":2}`)
	a := s.get(t, path, "Sec-Fetch-Mode", "navigate")
	if len(a.Cookies) != 1 {
		t.Fatalf("cookies %v", a.Cookies)
	}
	c := a.Cookies[0]
	if c.Path != path || !c.HttpOnly || !c.Secure || !c.Expires.Equal(s.Clock.Now().Add(30*time.Minute).Truncate(time.Second)) {
		t.Errorf("cookie %+v", c)
	}
	cookie := c.Name + "=" + c.Value
	for _, h := range [][]string{{"Sec-Fetch-Mode", "navigate"}, {"Range", "bytes=100-"}} {
		if a := s.get(t, path, append(h, "Cookie", cookie)...); a.Status != 302 {
			t.Errorf("%v: %d", h, a.Status)
		}
	}
	if used := s.newest(t).Used; used != 1 {
		t.Errorf("%d used after repeats, want 1", used)
	}
	s.get(t, path, "Cookie", cookie)
	if used := s.newest(t).Used; used != 2 {
		t.Errorf("%d used after a plain client's GET, want 2", used)
	}
	wantError(t, s.get(t, path), 404, dead)
	if a := s.get(t, path, "Sec-Fetch-Mode", "navigate", "Cookie", cookie); a.Status != 302 {
		t.Errorf("the browser's repeat of an exhausted link: %d", a.Status)
	}
}

// switched fails updates while off, as a store does that cannot be reached.
type switched struct {
	table.Engine
	off *bool
}

func (s switched) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if *s.off {
		return nil, errors.New("secret detail of the store")
	}
	return s.Engine.Update(ctx, u)
}

// contract: MP-18, MP-19
func TestFailuresShowNothing(t *testing.T) {
	off := false
	s := newServer(t, func(e table.Engine) table.Engine { return switched{e, &off} })
	path := s.link(t, `{}`)
	off = true
	wantError(t, s.get(t, path), 500, "Internal Server Error")
	wantError(t, s.create(t, `{}`), 500, "Internal Server Error")
	off = false
	if a := s.get(t, path); a.Status != 302 {
		t.Errorf("after the failure: %d", a.Status)
	}
}

func TestRolesAndMethods(t *testing.T) {
	s := newServer(t, nil)
	wantError(t, s.owner(t, "DELETE /api/v2/shareable_links", ""), 405, "method not allowed")
	wantError(t, s.owner(t, "PUT /api/v2/shareable_links/share", ""), 405, "method not allowed")
	wantError(t, s.owner(t, "GET /api/v2/other", ""), 404, "not found")
	viewer := s.Admin
	viewer.Role = account.ViewOnly
	api := API{Shares: s.Shares, Files: s.Files}
	_, err := api.create(context.Background(), viewer, createRequest{mediaID: 4, filename: "f"})
	if a := Face(httptest.NewRequest("POST", "/api/v2/shareable_links", nil), fault.As(err)); a.Status != 403 {
		t.Errorf("a viewer's link: %d", a.Status)
	}
}

func TestNamesHaveABound(t *testing.T) {
	s := newServer(t, nil)
	wantError(t, s.create(t, `{"payload":{"filename":"`+strings.Repeat("é", 600)+`"}}`), 422, "payload.filename is longer than 1024 bytes")
	if a := s.create(t, `{"expiry_date":"9999-12-31","payload":{"filename":"`+strings.Repeat("é", 500)+`"}}`); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
